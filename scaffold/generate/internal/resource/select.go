package resource

import (
	"slices"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
)

// where returns the fields that fulfil a condition.
func (r *Resource) where(keep func(c Column) bool) []Column {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(c Column) bool { return !keep(c) })
}

// Columns are the fields that the table has.
func (r *Resource) Columns() []Column {
	return r.where(func(c Column) bool { return !c.IsMany() })
}

// Files are the uploaded files.
func (r *Resource) Files() []Column { return r.where(Column.IsFile) }

// Manies are the many-to-many relations.
func (r *Resource) Manies() []Column { return r.where(Column.IsMany) }

// Related are all relations.
func (r *Resource) Related() []Column {
	return r.where(func(c Column) bool { return c.IsMany() || c.IsBelongsTo() })
}

// Loaded are the relations that a list shows: pages show names, endpoints the IDs of many.
func (r *Resource) Loaded() []Column {
	shown := r.Cells()
	return r.where(func(c Column) bool {
		onPage := slices.ContainsFunc(shown, func(cell Column) bool { return cell.Name == c.Name })
		return (c.IsBelongsTo() && r.HTML && onPage) || (c.IsMany() && r.API)
	})
}

// Needs are the relations without which a record cannot be stored.
func (r *Resource) Needs() []Column {
	return r.where(func(c Column) bool { return c.IsBelongsTo() && !c.Nullable })
}

// FactorySet are the columns to which a factory gives a value; the zero value is valid for the others.
func (r *Resource) FactorySet() []Column {
	return r.where(func(c Column) bool {
		return !c.Nullable && !slices.Contains([]field.Type{field.Bool, field.File, field.Image, field.BelongsTo, field.Many}, c.Type)
	})
}

// Searched are the columns that the search looks through.
func (r *Resource) Searched() []Column {
	return r.where(func(c Column) bool { return c.Textual() && c.Format != field.Color })
}

// Prefixed are the columns by whose index the search finds how they begin.
func (r *Resource) Prefixed() []Column {
	return slices.DeleteFunc(r.Searched(), func(c Column) bool { return c.Type == field.Text || (!c.Unique && !c.Index) })
}

// SearchColumn is a column by which a test can search, or nil.
func (r *Resource) SearchColumn() *Column {
	return first(r.where(func(c Column) bool {
		anyText := c.Textual() && (c.Format == "" || c.Format == field.Markdown)
		return anyText && !c.Nullable && (c.Type == field.Text || c.MaxLength() >= len("Haystack"))
	}))
}

// Inputs are the fields that pages and API clients may set.
func (r *Resource) Inputs() []Column { return r.where(func(c Column) bool { return !c.Assigned }) }

// Filled are the inputs that are copied to a column.
func (r *Resource) Filled() []Column {
	return r.where(func(c Column) bool { return !c.Assigned && !c.IsFile() && !c.IsMany() })
}

// Sent are the inputs that API clients send.
func (r *Resource) Sent() []Column {
	return r.where(func(c Column) bool { return !c.Assigned && !c.IsFile() })
}

// Defaulted are the columns of a new record that are not zero.
func (r *Resource) Defaulted() []Column {
	return r.where(func(c Column) bool { return !c.Assigned && !c.IsFile() && !c.IsMany() && c.HasDefault() })
}

// Verified are the inputs whose value tests check after saving. Databases write JSON in their own way.
func (r *Resource) Verified() []Column {
	return slices.DeleteFunc(r.Filled(), func(c Column) bool { return c.Type == field.JSON })
}

// Comparable are the inputs that tests compare in two records with == or Equal.
func (r *Resource) Comparable() []Column {
	return slices.DeleteFunc(r.Verified(), Column.Pointer)
}

// JSONs are the inputs of JSON.
func (r *Resource) JSONs() []Column {
	return r.where(func(c Column) bool { return c.Type == field.JSON })
}

// Choices are the inputs that select records.
func (r *Resource) Choices() []Column {
	return r.where(func(c Column) bool { return !c.Assigned && (c.IsBelongsTo() || c.IsMany()) })
}

// NullableChoices are the choices of one record or none.
func (r *Resource) NullableChoices() []Column {
	return slices.DeleteFunc(r.Choices(), func(c Column) bool { return c.IsMany() || !c.Nullable })
}

// HiddenChoice is a choice among records that only administrators may read, or nil if no test can show it.
func (r *Resource) HiddenChoice() *Column {
	if !r.Auth || r.Owner == nil || r.ParentChecked() {
		return nil
	}
	return first(slices.DeleteFunc(r.Choices(), func(c Column) bool { return c.TargetPublic }))
}

// ChoiceTargets are the models to select from, each once.
func (r *Resource) ChoiceTargets() []Column { return distinct(r.Choices()) }

// TestTargets are the models that tests store besides that of the resource, each once.
func (r *Resource) TestTargets() []Column {
	return distinct(r.where(func(c Column) bool {
		wanted := !c.Assigned || (r.Parent != nil && r.Parent.Name == c.Name)
		return (c.IsBelongsTo() || c.IsMany()) && wanted && c.Target.Type != r.Name.Type
	}))
}

// distinct returns the first relation to each model.
func distinct(relations []Column) []Column {
	var list []Column
	for _, c := range relations {
		if !slices.ContainsFunc(list, func(other Column) bool { return other.Target.Type == c.Target.Type }) {
			list = append(list, c)
		}
	}
	return list
}

// Target is a model that relations refer to.
type Target struct {
	Column
	// Many reports that some relation is to many of it.
	Many bool
}

// Targets are the models that relations refer to, each once.
func (r *Resource) Targets() []Target {
	var list []Target
	for _, c := range distinct(r.Related()) {
		many := slices.ContainsFunc(r.Manies(), func(other Column) bool { return other.Target.Type == c.Target.Type })
		list = append(list, Target{c, many})
	}
	return list
}

// OwnerSet is the owner, unless it is the parent, too.
func (r *Resource) OwnerSet() *Column {
	if r.Owner == nil || !r.Auth || (r.Parent != nil && r.Parent.Name == r.Owner.Name) {
		return nil
	}
	return r.Owner
}

// Listed are the columns of the list, at most five. The first is a name if there is one.
func (r *Resource) Listed() []Column {
	short := r.where(func(c Column) bool {
		hidden := []field.Type{field.Text, field.JSON, field.UUID, field.File, field.Image, field.Many}
		return !slices.Contains(hidden, c.Type) && c.Format != field.URL && (r.Parent == nil || c.Name != r.Parent.Name)
	})
	if name := r.Heading(); name != nil {
		at := slices.IndexFunc(short, func(c Column) bool { return c.Name == name.Name })
		short = slices.Insert(slices.Delete(short, at, at+1), 0, *name)
	}
	return short[:min(5, len(short))]
}

// label is the Go field that identifies records, or "".
func (r *Resource) label() string {
	if name := r.Heading(); name != nil {
		return name.GoName
	}
	return ""
}

// Heading is the column that records are called by, or nil: text of any form, or else an email address or a slug.
func (r *Resource) Heading() *Column {
	for _, format := range []field.Type{"", field.Email, field.Slug} {
		name := first(r.where(func(c Column) bool { return c.Type == field.String && !c.Nullable && c.Format == format }))
		if name != nil {
			return name
		}
	}
	return nil
}

// BySlug is the column by which pages and endpoints find a record, or nil if that is its ID.
func (r *Resource) BySlug() *Column {
	return first(r.where(func(c Column) bool { return c.Format == field.Slug }))
}

// Cells are the columns of the list besides the heading.
func (r *Resource) Cells() []Column {
	listed := r.Listed()
	if r.Heading() != nil {
		return listed[1:]
	}
	return listed[:min(4, len(listed))]
}

// Detailed are the fields on the page of a record besides the heading.
func (r *Resource) Detailed() []Column {
	heading := r.Heading()
	return r.where(func(c Column) bool { return heading == nil || c.Name != heading.Name })
}

// AdminList are the Go names of the columns in the admin.
func (r *Resource) AdminList() []string {
	var names []string
	for _, c := range r.Listed() {
		names = append(names, c.Member())
	}
	return append(names, "CreatedAt")
}

// RequiredInputs are the inputs that must have a value.
func (r *Resource) RequiredInputs() []Column {
	return slices.DeleteFunc(r.Inputs(), func(c Column) bool { return !c.MustBeGiven() })
}

// RequiredFields are the columns whose zero value the model rejects. Among numbers 0 is a value, which cannot be told from
// none once it is stored.
func (r *Resource) RequiredFields() []Column {
	numbers := []field.Type{field.Int, field.BigInt, field.Float, field.Decimal}
	return r.where(func(c Column) bool { return c.MustBeGiven() && !c.IsMany() && !slices.Contains(numbers, c.Type) })
}

// UniqueFields are the columns that have no value twice.
func (r *Resource) UniqueFields() []Column {
	return r.where(func(c Column) bool { return c.Unique && c.Type != field.BelongsTo })
}

// Repeatable reports whether several records can have the same values, because none of them is unique.
func (r *Resource) Repeatable() bool {
	return len(r.where(func(c Column) bool { return c.Unique })) == 0 && len(r.UniqueKeys()) == 0
}

// UniqueKeys are the unique indexes over several columns.
func (r *Resource) UniqueKeys() []ddl.Key {
	var keys []ddl.Key
	table := r.Table()
	for _, c := range r.Fields {
		for _, key := range table.Keys(c.Field) {
			if key.Unique {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// TestedKeys are the unique indexes without nullable columns: NULL is different from NULL.
func (r *Resource) TestedKeys() []ddl.Key {
	return slices.DeleteFunc(r.UniqueKeys(), func(key ddl.Key) bool {
		return slices.ContainsFunc(r.KeyFields(key), func(c Column) bool { return c.Nullable })
	})
}

// KeyFields are the columns of an index over several.
func (r *Resource) KeyFields(key ddl.Key) []Column {
	var list []Column
	for _, column := range key.Columns {
		list = append(list, r.where(func(c Column) bool { return c.Column == column })...)
	}
	return list
}

// KeyType is the name of an index over several columns inside Go names: UserIDPostID.
func (r *Resource) KeyType(key ddl.Key) string {
	name := ""
	for _, c := range r.KeyFields(key) {
		name += c.Member()
	}
	return name
}

// Invalid are the inputs for which there is text that the form rejects.
func (r *Resource) Invalid() []Column {
	return slices.DeleteFunc(r.Inputs(), func(c Column) bool { return !c.rejectsText() })
}

func first(columns []Column) *Column {
	if len(columns) == 0 {
		return nil
	}
	return &columns[0]
}
