package meta

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// visibleNames are the names that options may use.
func (r *Resource) visibleNames() []string {
	var names []string
	for _, f := range r.Fields {
		if !f.Secret {
			names = append(names, f.Name)
		}
	}
	return names
}

// lookUp returns the fields that an option names, and notes those that it may not name.
func (r *Resource) lookUp(faults *Faults, option string, names []string) []*Field {
	var fields []*Field
	for i, name := range names {
		f := r.byName[name]
		switch {
		case f == nil:
			faults.unknown(option, name, "field of "+r.schema.Name, r.visibleNames())
		case f.Secret:
			faults.Note(option, "%q is a secret (tagged secret or json:\"-\"), which the admin never shows", name)
		case slices.Contains(names[:i], name):
			faults.Note(option, "%q is named twice", name)
		default:
			fields = append(fields, f)
		}
	}
	return fields
}

// stored is lookUp for options that need a column.
func (r *Resource) stored(faults *Faults, option string, names []string) []*Field {
	return slices.DeleteFunc(r.lookUp(faults, option, names), func(f *Field) bool {
		if !f.Stored() {
			faults.Note(option, "%q is a relation, not a column", f.Name)
		}
		return !f.Stored()
	})
}

func (r *Resource) applyFlags(faults *Faults) {
	for _, f := range r.lookUp(faults, "ReadOnly", r.ReadOnly) {
		f.ReadOnly = true
	}
	for _, f := range r.lookUp(faults, "Hidden", r.Hidden) {
		f.Hidden = true
	}
	for _, name := range slices.Sorted(maps.Keys(r.Guards)) {
		for _, f := range r.lookUp(faults, "Guards", []string{name}) {
			f.Guard = r.Guards[name]
		}
	}
	if r.DeletedAt != nil {
		r.DeletedAt.ReadOnly = true
	}
}

func (r *Resource) applyTexts(faults *Faults) {
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		for _, f := range r.lookUp(faults, "Labels", []string{name}) {
			f.Label, f.names.common = r.Labels[name], ""
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Hints)) {
		for _, f := range r.lookUp(faults, "Hints", []string{name}) {
			f.Hint = r.Hints[name]
		}
	}
}

// titleNames are fields that usually say what a record is, best first.
var titleNames = []string{"Name", "Title", "Label", "Subject", "DisplayName", "Email", "Username", "Slug", "Code"}

func (r *Resource) title(faults *Faults) *Field {
	if r.Title != "" {
		if fields := r.stored(faults, "Title", []string{r.Title}); len(fields) == 1 {
			return fields[0]
		}
		return nil
	}
	for _, name := range titleNames {
		if f := r.byName[name]; f != nil && f.Visible() && f.Stored() {
			return f
		}
	}
	for _, f := range r.Fields {
		if f.Kind == Text && f.Visible() && f.Stored() && f != r.Key {
			return f
		}
	}
	return nil
}

// listed is the default number of columns of a list.
const listed = 6

func (r *Resource) columns(faults *Faults) []*Field {
	if len(r.List) > 0 {
		return r.stored(faults, "List", r.List)
	}
	first := r.TitleField
	if first == nil {
		first = r.Key
	}
	created := r.created()
	var others []*Field
	for _, f := range r.Fields {
		if f.Visible() && f.Stored() && f.Sortable() && f.column.AutoUpdateTime == 0 &&
			f != first && f != r.Key && f != r.DeletedAt && f != created {
			others = append(others, f)
		}
	}
	columns := append([]*Field{first}, telling(others, listed-2)...)
	if created != nil && created.Visible() {
		columns = append(columns, created)
	}
	return columns
}

// telling returns the n fields that tell most in a list, in their order: states and relations before text.
func telling(fields []*Field, n int) []*Field {
	rank := func(f *Field) int {
		switch f.Kind {
		case Belongs, Enum, Bool, Email:
			return 0
		case Time, Date, Int, Uint, Float, Decimal:
			return 1
		}
		return 2
	}
	best := slices.Clone(fields)
	slices.SortStableFunc(best, func(a, b *Field) int { return rank(a) - rank(b) })
	best = best[:min(n, len(best))]
	return slices.DeleteFunc(fields, func(f *Field) bool { return !slices.Contains(best, f) })
}

// CreatedField is the visible column of the time of creation, or nil.
func (r *Resource) CreatedField() *Field {
	if f := r.created(); f != nil && f.Visible() {
		return f
	}
	return nil
}

// created is the column of the time of creation, or nil.
func (r *Resource) created() *Field {
	for _, f := range r.Fields {
		if f.Stored() && f.column.AutoCreateTime > 0 {
			return f
		}
	}
	return nil
}

func (r *Resource) search(faults *Faults) []*Field {
	if len(r.Search) == 0 {
		return slices.DeleteFunc(slices.Clone(r.Fields), func(f *Field) bool {
			return !f.Visible() || !f.Textual() || f.Kind == Enum || f.Kind == Date
		})
	}
	return slices.DeleteFunc(r.stored(faults, "Search", r.Search), func(f *Field) bool {
		if !f.Textual() {
			faults.Note("Search", "%q holds no text", f.Name)
		}
		return !f.Textual()
	})
}

// Filtering reports whether a filter can be made of the kind of the field.
func (f *Field) Filtering() bool {
	switch f.Kind {
	case Bool, Enum, Time, Date, Belongs:
		return true
	}
	return f.Optional && f.Stored() && f.Kind != JSON && f.Kind != File
}

// common reports whether a list has a filter for the field by default: states and relations are what users narrow a
// list by, and the time of creation.
func (f *Field) common(r *Resource) bool {
	switch f.Kind {
	case Bool, Enum, Belongs:
		return true
	}
	return f == r.created()
}

func (r *Resource) filters(faults *Faults) []*Field {
	if len(r.Filters) == 0 {
		return slices.DeleteFunc(slices.Clone(r.Fields), func(f *Field) bool {
			return !f.Visible() || !f.Stored() || f == r.DeletedAt || !f.common(r)
		})
	}
	return slices.DeleteFunc(r.stored(faults, "Filters", r.Filters), func(f *Field) bool {
		if !f.Filtering() {
			const why = "%q is of a type without a filter: bool, enum, time, date, a relation, or what may be NULL has one"
			faults.Note("Filters", why, f.Name)
		}
		return !f.Filtering()
	})
}

// order is that of the option, or newest first.
func (r *Resource) order(faults *Faults) Sort {
	if len(r.Order) > 1 {
		faults.Note("Order", "one field orders the list, and the key what is equal; %d are named", len(r.Order))
	}
	if len(r.Order) > 0 {
		name, desc := strings.CutPrefix(r.Order[0], "-")
		if fields := r.stored(faults, "Order", []string{name}); len(fields) == 1 {
			if !fields[0].Sortable() {
				faults.Note("Order", "%q cannot be ordered by", name)
			}
			return Sort{fields[0], desc}
		}
	}
	// A key that counts up is the order of creation, and always has an index.
	created, counts := r.created(), r.Key.Numeric() && r.Key.column.AutoIncrement
	if created == nil || !created.Visible() || counts {
		return Sort{r.Key, true}
	}
	return Sort{created, true}
}

func (r *Resource) sections(faults *Faults) []Section {
	if len(r.Fieldsets) == 0 {
		return []Section{{Fields: slices.DeleteFunc(slices.Clone(r.Fields), func(f *Field) bool {
			return !f.Visible() || f == r.Key && f.ReadOnly || f == r.DeletedAt
		})}}
	}
	var sections []Section
	named := map[string]bool{}
	for _, set := range r.Fieldsets {
		section := Section{Title: set.Title, Description: set.Description}
		for _, f := range r.lookUp(faults, "Fieldsets", set.Fields) {
			if named[f.Name] {
				faults.Note("Fieldsets", "%q is in two of them", f.Name)
			}
			if f.Hidden {
				faults.Note("Fieldsets", "%q is hidden", f.Name)
			}
			named[f.Name] = true
			section.Fields = append(section.Fields, f)
		}
		sections = append(sections, section)
	}
	return sections
}

var (
	actionName   = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
	resourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	ownVerbs     = []string{Read, Create, Update, Delete, Export, Restore, Destroy, "access"}
	forbidden    = []string{Create, Update, Delete, Export}
)

func (r *Resource) checkVerbs(faults *Faults) {
	if !resourceName.MatchString(r.Name) || r.Name == "assets" {
		const why = "%q cannot be part of an address: use lower-case letters, digits, - and _, and not assets"
		faults.Note("Name", why, r.Name)
	}
	for _, verb := range r.Forbid {
		if !slices.Contains(forbidden, verb) {
			faults.unknown("Forbid", verb, "verb: they are create, update, delete and export", forbidden)
		}
	}
	if r.PerPage < 0 || r.PerPage > MaxPerPage {
		faults.Note("PerPage", "%d is not between 1 and %d", r.PerPage, MaxPerPage)
	}
	seen := map[string]bool{}
	for _, a := range r.Actions {
		switch {
		case !actionName.MatchString(a.Name):
			faults.Note("Actions", "%q is no name of an action: use lower-case letters, digits, - and _", a.Name)
		case slices.Contains(ownVerbs, a.Name):
			faults.Note("Actions", "%q is one of the admin's own", a.Name)
		case seen[a.Name]:
			faults.Note("Actions", "%q is there twice", a.Name)
		case a.Run == nil:
			faults.Note("Actions", "%q has no Run", a.Name)
		}
		seen[a.Name] = true
	}
}

// MaxPerPage bounds the records of a page.
const MaxPerPage = 200
