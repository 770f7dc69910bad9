package resource

import "slices"

// APIType is the type of the API representation.
func (r *Resource) APIType() string { return apiType(r.Name.Type) }

// FactoryFunc is the function of package factory that stores a record.
func (r *Resource) FactoryFunc() string { return factoryFunc(r.Name.Type) }

// Var is the variable for a record.
func (r *Resource) Var() string { return r.Name.Var }

// Vars is the variable for several records.
func (r *Resource) Vars() string { return r.Name.Vars }

// Address is a record in a variable, with the column that its path ends in.
type Address struct {
	Record string
	BySlug *Column
}

// AddressOf returns the address of the record in a variable.
func (r *Resource) AddressOf(record string) Address { return Address{record, r.BySlug()} }

// PathKey names what the path of a record ends in.
func (r *Resource) PathKey() string {
	if r.BySlug() != nil {
		return "slug"
	}
	return "id"
}

// EchoPath is the path of the list in routes of echo.
func (r *Resource) EchoPath() string { return r.path(":", "") }

// APIPath is the path of the list in routes of endpoints.
func (r *Resource) APIPath() string { return r.path("{", "}") }

// ListFormat is the path of the list, as a format with the ID of the parent if there is one.
func (r *Resource) ListFormat() string {
	if r.Parent == nil {
		return r.Name.Path
	}
	return r.Parent.Target.Path + "/%d" + r.Name.Path
}

func (r *Resource) path(before, after string) string {
	if r.Parent == nil {
		return r.Name.Path
	}
	return r.Parent.Target.Path + "/" + before + r.Parent.Key + after + r.Name.Path
}

// Served reports whether there are pages or endpoints.
func (r *Resource) Served() bool { return r.HTML || r.API }

// Guarded reports that users choose relations which not everybody may read.
func (r *Resource) Guarded() bool { return r.Auth && len(r.Choices()) > 0 }

// ParentIsOwner reports that records are nested in their owner.
func (r *Resource) ParentIsOwner() bool {
	return r.Auth && r.Parent != nil && r.Owner != nil && r.Owner.Name == r.Parent.Name
}

// ParentChecked reports that only users who may read the parent find what is nested in it.
func (r *Resource) ParentChecked() bool { return r.Auth && r.Parent != nil && !r.ParentIsOwner() }

// NeedsAdmin reports that in a test only administrators may create records.
func (r *Resource) NeedsAdmin() bool {
	return r.Owner == nil || r.ParentChecked() || len(r.Choices()) > 0
}

// TestsCreate reports that tests store records with the factory.
func (r *Resource) TestsCreate() bool {
	self := func(c Column) bool { return c.Target.Type == r.Name.Type }
	return r.Auth || (r.HTML && (r.SearchColumn() != nil || r.BySlug() != nil)) || slices.ContainsFunc(r.Choices(), self)
}

// TestsNeedHelpers reports that there are functions that tests share.
func (r *Resource) TestsNeedHelpers() bool { return r.TestsCreate() || len(r.TestTargets()) > 0 }
