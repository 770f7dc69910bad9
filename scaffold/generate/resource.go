package generate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// resource is what the templates of a resource are filled with.
type resource struct {
	// Module is the path of the application's Go module.
	Module string
	// Name is that of the resource.
	Name name
	// Fields are all fields, in the order in which they were written.
	Fields []column
	// Owner is whom a record belongs to, Parent what it is below in addresses; nil for nothing.
	Owner, Parent *column
	// Public lets everybody read.
	Public bool
	owned  []string // tables whose rows go with an account

	// Auth, Admin, API and HTML say what there is.
	Auth, Admin, API, HTML, Tests bool
}

// name adds what only templates need.
type name struct{ inflect.Name }

// Human and HumanPlural are the name inside of sentences.
func (n name) Human() string       { return human(n.Title) }
func (n name) HumanPlural() string { return human(n.Titles) }

// TitlePlural is the heading of a list.
func (n name) TitlePlural() string { return n.Titles }

// TypePlural is the Go name for several.
func (n name) TypePlural() string { return inflect.GoName(n.Table) }

// human is a label inside of a sentence: initialisms keep their capitals.
func human(label string) string {
	if len(label) > 1 && strings.ToUpper(label[:2]) == label[:2] {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

// article is the text with "a" or "an".
func article(text string) string {
	if strings.ContainsRune("aeio", rune(text[0])) || strings.HasPrefix(text, "un") && !strings.HasPrefix(text, "uni") {
		return "an " + text
	}
	return "a " + text
}

// APIType is the type that the API shows: that of the model, unless the package has another of the name.
func (r *resource) APIType() string {
	if slices.Contains([]string{"Store", "Output"}, r.Name.Type) {
		return r.Name.Type + "Record"
	}
	return r.Name.Type
}

// Var and Vars are variables for one and several.
func (r *resource) Var() string  { return r.Name.Var }
func (r *resource) Vars() string { return r.Name.Vars }

func (r *resource) where(keep func(c column) bool) []column {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(c column) bool { return !keep(c) })
}

// Columns are the fields that the table holds.
func (r *resource) Columns() []column {
	return r.where(func(c column) bool { return !c.IsMany() })
}

// Files, Manies and Related are the uploaded files, the relations to several, and all relations.
func (r *resource) Files() []column  { return r.where(column.IsFile) }
func (r *resource) Manies() []column { return r.where(column.IsMany) }
func (r *resource) Related() []column {
	return r.where(func(c column) bool { return c.IsMany() || c.IsBelongsTo() })
}

// Loaded are the relations that a list needs: pages show names, endpoints the keys of several.
func (r *resource) Loaded() []column {
	shown := r.Cells()
	return r.where(func(c column) bool {
		onPage := slices.ContainsFunc(shown, func(cell column) bool { return cell.Name == c.Name })
		return (c.IsBelongsTo() && r.HTML && onPage) || (c.IsMany() && r.API)
	})
}

// Needs are what has to be stored before.
func (r *resource) Needs() []column {
	return r.where(func(c column) bool { return c.IsBelongsTo() && !c.Nullable })
}

// Searched are the columns that the search looks through.
func (r *resource) Searched() []column {
	return r.where(func(c column) bool { return c.Type == field.String || c.Type == field.Text })
}

// set reports whether the application gives the column its value.
func (r *resource) set(c column) bool {
	return (r.Owner != nil && c.Name == r.Owner.Name) || (r.Parent != nil && c.Name == r.Parent.Name)
}

// Inputs are what people and programs may set.
func (r *resource) Inputs() []column { return r.where(func(c column) bool { return !r.set(c) }) }

// Filled are the inputs that are copied as they are.
func (r *resource) Filled() []column {
	return r.where(func(c column) bool { return !r.set(c) && !c.IsFile() && !c.IsMany() })
}

// Choices are the inputs that choose among records.
func (r *resource) Choices() []column {
	return r.where(func(c column) bool { return !r.set(c) && (c.IsBelongsTo() || c.IsMany()) })
}

// OwnerSet is the owner when it is not the parent, too.
func (r *resource) OwnerSet() *column {
	if r.Owner == nil || !r.Auth || (r.Parent != nil && r.Parent.Name == r.Owner.Name) {
		return nil
	}
	return r.Owner
}

// Listed are the columns of the list: at most five, the first of which leads to the record.
func (r *resource) Listed() []column {
	short := r.where(func(c column) bool {
		return c.Type != field.Text && c.Type != field.JSON && c.Type != field.UUID && !c.IsFile() && !c.IsMany() && (r.Parent == nil || c.Name != r.Parent.Name)
	})
	if at := slices.IndexFunc(short, func(c column) bool { return c.Type == field.String && !c.Nullable }); at > 0 {
		title := short[at]
		short = slices.Insert(slices.Delete(short, at, at+1), 0, title)
	}
	return short[:min(5, len(short))]
}

// Heading is the column that a record is called by, or nil.
func (r *resource) Heading() *column {
	if listed := r.Listed(); len(listed) > 0 && listed[0].Type == field.String && !listed[0].Nullable {
		return &listed[0]
	}
	return nil
}

// AdminList are the Go names of the columns in the admin.
func (r *resource) AdminList() []string {
	var names []string
	for _, c := range r.Listed() {
		names = append(names, c.Member())
	}
	return append(names, "CreatedAt")
}

// newResource checks what was asked for, and fits it into the application.
func newResource(p *Project, n inflect.Name, fields []field.Field, flags Flags) (*resource, error) {
	r := &resource{
		Module: p.Module, Name: name{n}, Public: flags.Public,
		Auth: p.Has(scaffold.Auth), Admin: p.Has(scaffold.Admin) && !flags.skips("admin"),
		API: p.Has(scaffold.API) && !flags.skips("api"), HTML: !flags.skips("html"), Tests: !flags.skips("tests"),
	}
	models, err := p.models()
	if err != nil {
		return nil, err
	}
	all, err := p.records()
	if err != nil {
		return nil, err
	}
	r.owned = owned(models)
	table := ddl.Table{Name: n, Fields: fields}
	if err := table.Check(p.dialects()...); err != nil {
		return nil, err
	}
	for _, f := range fields {
		c := column{Field: f, Human: human(f.Label()), resource: n.Table}
		if c.IsBelongsTo() || c.IsMany() {
			target := f.Target
			model, ok := models[target.Type]
			self := target.Type == n.Type
			switch {
			case self && c.IsBelongsTo() && !c.Nullable:
				return nil, &UsageError{
					Problem: fmt.Sprintf("%s: the first %s could belong to none", f.Name, human(n.Title)), Hint: "Write " + f.String() + "?",
				}
			case !self && !ok && target.Type == "User":
				return nil, &UsageError{Problem: f.Name + ": this application has no accounts", Hint: "Make one with: covet new NAME, without --without auth"}
			case !self && !ok:
				return nil, &MissingModelError{Field: f.Name, Target: target, Known: slices.Sorted(maps.Keys(models))}
			}
			c.TargetLabel = model.label
			c.TargetPublic = readByAll(all, target)
			if self {
				c.TargetLabel, c.TargetPublic = titleOf(fields), flags.Public
			}
			c.JoinTable = table.JoinTable(f)
		}
		r.Fields = append(r.Fields, c)
	}
	if err := r.checkMembers(); err != nil {
		return nil, err
	}
	if err := r.findParent(flags.Parent); err != nil {
		return nil, err
	}
	r.findOwner()
	return r, nil
}

// A MissingModelError says that a relation leads nowhere.
type MissingModelError struct {
	// Field is the relation, and Target what is missing.
	Field  string
	Target inflect.Name
	// Known are the models that there are.
	Known []string
}

// Error says which model is missing.
func (e *MissingModelError) Error() string {
	return fmt.Sprintf("%s: there is no model %s", e.Field, e.Target.Type)
}

// checkMembers refuses names that the input has for something else.
func (r *resource) checkMembers() error {
	taken := map[string]bool{"LoadedVersion": true}
	for _, c := range r.Files() {
		taken["Remove"+c.Member()] = true
	}
	for _, c := range r.Fields {
		if taken[c.Member()] {
			return &UsageError{Problem: fmt.Sprintf("%s: forms have a field of that name for something else", c.Name), Hint: "Call it otherwise: " + c.Name + "_value"}
		}
	}
	return nil
}

// findOwner makes the first relation to a user the owner.
func (r *resource) findOwner() {
	for i := range r.Fields {
		if c := &r.Fields[i]; r.Auth && c.IsBelongsTo() && c.Target.Type == "User" && !c.Unique {
			r.Owner = c
			return
		}
	}
}

// findParent finds the relation to what the resource is nested in.
func (r *resource) findParent(parent string) error {
	if parent == "" {
		return nil
	}
	target, err := inflect.ParseModel(parent)
	if err != nil {
		return err
	}
	for i := range r.Fields {
		if c := &r.Fields[i]; c.IsBelongsTo() && c.Target.Type == target.Type && !c.Nullable {
			r.Parent = c
			if r.Auth && r.Public && !c.TargetPublic {
				return &UsageError{
					Problem: fmt.Sprintf("everybody could read %s of %s that they may not read", human(r.Name.Titles), c.TargetHumans()),
					Hint:    fmt.Sprintf("Generate %s with --public, too, or leave it out here", c.Target.Ref),
				}
			}
			return nil
		}
	}
	return &UsageError{
		Problem: fmt.Sprintf("no field says to which %s a record belongs", human(target.Title)),
		Hint:    fmt.Sprintf("Add the field %s:belongs_to:%s", target.Snake, target.Ref),
	}
}

// titleOf is the first field that a record can be called by.
func titleOf(fields []field.Field) string {
	for _, f := range fields {
		if f.Type == field.String && !f.Nullable {
			return f.GoName
		}
	}
	return ""
}

// readByAll reports whether everybody may read the records of a model, as far as it was generated.
func readByAll(all []*record, n inflect.Name) bool {
	return slices.ContainsFunc(all, func(r *record) bool {
		return r.Name == n.Snake && slices.Contains(r.Flags, "--public")
	})
}

// table is the table of the resource.
func (r *resource) table() ddl.Table {
	t := ddl.Table{Name: r.Name.Name, Owned: r.owned}
	for _, c := range r.Fields {
		t.Fields = append(t.Fields, c.Field)
	}
	return t
}

func (p *Project) dialects() []ddl.Dialect {
	list := make([]ddl.Dialect, len(p.Dialects))
	for i, dialect := range p.Dialects {
		list[i] = ddl.Dialect(dialect)
	}
	return list
}
