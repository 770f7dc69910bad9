// Package resource holds what the templates of a resource are filled with: plain data and predicates, and no text of
// Go.
package resource

import (
	"fmt"
	"slices"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
)

// Resource is what the templates of a resource are filled with.
type Resource struct {
	// Module is the path of the application's Go module.
	Module string
	// Name is the name of the resource.
	Name Name
	// Fields are all fields, in the order in which they were written.
	Fields []Column
	// Owner is the user that a record belongs to, Parent the relation that it is nested in; nil for none.
	Owner, Parent *Column
	// Public lets everybody read.
	Public bool
	// Auth, Admin, API, HTML and Tests report which parts there are.
	Auth, Admin, API, HTML, Tests bool

	owned []string // tables whose rows are deleted with a user
}

// Options are what may be said about a resource besides its name and fields.
type Options struct {
	// Skip are the parts to leave out.
	Skip []string
	// Parent is the resource to nest in, or empty.
	Parent string
	// Public lets everybody read.
	Public bool
}

// Parts returns the parts that can be left out.
func Parts() []string { return []string{"html", "api", "admin", "tests"} }

// New checks a request and fits it into the application.
func New(p *project.Project, n inflect.Name, fields []field.Field, o Options) (*Resource, error) {
	r := NewOf(p, n, fields, o)
	r.Auth = p.Has(scaffold.Auth)
	r.Admin = p.Has(scaffold.Admin) && !slices.Contains(o.Skip, "admin")
	r.API = p.Has(scaffold.API) && !slices.Contains(o.Skip, "api")
	r.HTML = !slices.Contains(o.Skip, "html")
	if err := r.Table().Check(Dialects(p)...); err != nil {
		return nil, err
	}
	if err := r.relate(p); err != nil {
		return nil, err
	}
	if err := r.checkMembers(); err != nil {
		return nil, err
	}
	if err := r.findParent(o.Parent); err != nil {
		return nil, err
	}
	r.FindOwner()
	r.markAssigned()
	r.reportTogether()
	r.reportUnique()
	return r, nil
}

// NewOf returns the part of a resource that is about a model alone.
func NewOf(p *project.Project, n inflect.Name, fields []field.Field, o Options) *Resource {
	r := &Resource{Module: p.Module, Name: Name{n}, Public: o.Public, Tests: !slices.Contains(o.Skip, "tests")}
	locals := scope{n.Var: true, n.Vars: true, "ownerID": true, "userID": true}
	for _, f := range fields {
		c := NewColumn(f, n.Table)
		c.Record = n.Var
		if c.IsBelongsTo() || c.IsMany() {
			c.IDVar = locals.name(LowerFirst(c.GoKey))
		}
		r.Fields = append(r.Fields, c)
	}
	table := r.Table()
	for _, f := range fields {
		for _, key := range table.Keys(f) {
			for i := range r.Fields {
				if slices.Contains(key.Columns, r.Fields[i].Column) && !r.Fields[i].IsMany() {
					r.Fields[i].keys = append(r.Fields[i].keys, key)
				}
			}
		}
	}
	return r
}

// checkMembers refuses names that the input uses for something else.
func (r *Resource) checkMembers() error {
	taken := map[string]bool{"LoadedVersion": true}
	for _, c := range r.Files() {
		taken["Remove"+c.Member()] = true
	}
	for _, c := range r.Fields {
		if taken[c.Member()] {
			return &usage.Error{Problem: fmt.Sprintf("%s: forms use a field of that name", c.Name), Hint: "Rename it: " + c.Name + "_value"}
		}
	}
	return nil
}

// FindOwner makes the first relation to a user the owner.
func (r *Resource) FindOwner() {
	for i := range r.Fields {
		if c := &r.Fields[i]; r.Auth && c.IsBelongsTo() && c.Target.Type == "User" && !c.Unique {
			r.Owner = c
			return
		}
	}
}

// findParent finds the relation to the resource to nest in.
func (r *Resource) findParent(parent string) error {
	if parent == "" {
		return nil
	}
	target, err := inflect.ParseModel(parent)
	if err != nil {
		return err
	}
	for i := range r.Fields {
		c := &r.Fields[i]
		if !c.IsBelongsTo() || c.Target.Type != target.Type || c.Nullable {
			continue
		}
		if r.Auth && r.Public && !c.TargetPublic {
			return &usage.Error{
				Problem: fmt.Sprintf("users could read %s of %s that they may not read", r.Name.HumanPlural(), c.TargetHumans()),
				Hint:    fmt.Sprintf("Generate %s with --public as well, or omit it here", c.Target.Ref),
			}
		}
		r.Parent = c
		return nil
	}
	return &usage.Error{
		Problem: fmt.Sprintf("no field relates a record to its %s", Human(target.Title)),
		Hint:    fmt.Sprintf("Add the field %s:belongs_to:%s", target.Snake, target.Ref),
	}
}

// markAssigned marks the columns that the application sets.
func (r *Resource) markAssigned() {
	for _, c := range []*Column{r.Owner, r.Parent} {
		if c != nil {
			c.Assigned = true
		}
	}
}

// reportTogether makes the last input of each unique index over several columns report its errors.
func (r *Resource) reportTogether() {
	for _, key := range r.UniqueKeys() {
		for _, column := range slices.Backward(key.Columns) {
			at := slices.IndexFunc(r.Fields, func(c Column) bool { return c.Column == column })
			if c := &r.Fields[at]; !c.Assigned && !c.Unique && len(c.together) == 0 {
				c.together = key.Columns
				break
			}
		}
	}
}

// reportUnique leaves it to the database to check the unique inputs of records that are found by their slug: before a record
// is loaded, its ID is unknown, and so is which row may have the value.
func (r *Resource) reportUnique() {
	if r.BySlug() == nil {
		return
	}
	for i := range r.Fields {
		if c := &r.Fields[i]; c.Unique {
			c.together = []string{c.Column}
		}
	}
}

// Table returns the table of the resource.
func (r *Resource) Table() ddl.Table {
	t := ddl.Table{Name: r.Name.Name, Owned: r.owned}
	for _, c := range r.Fields {
		t.Fields = append(t.Fields, c.Field)
	}
	return t
}

// Dialects returns the databases of an application.
func Dialects(p *project.Project) []ddl.Dialect {
	list := make([]ddl.Dialect, len(p.Dialects))
	for i, dialect := range p.Dialects {
		list[i] = ddl.Dialect(dialect)
	}
	return list
}
