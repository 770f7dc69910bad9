package meta

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/internal/upload"
)

// Resource is a model in the admin, with its options checked.
type Resource struct {
	Spec
	Table string
	Key   *Field
	// Fields are the columns in the order of the model, then the relations that are edited with it.
	Fields                 []*Field
	Columns                []*Field // of the list
	Searchable, Filterable []*Field
	Sections               []Section // of the form
	// DeletedAt is the column of a soft delete, or nil.
	DeletedAt *Field
	// TitleField is what a record is called by, or nil.
	TitleField *Field
	Sort       Sort
	HasMany    []*Dependant

	schema *schema.Schema
	byName map[string]*Field
	byCol  map[string]*Field
}

// Section is a part of the form.
type Section struct {
	Title, Description string
	Fields             []*Field
}

// Sort is an order of records: by a field, then by the key.
type Sort struct {
	Field *Field
	Desc  bool
}

// Dependant is a has-many or has-one relation: rows elsewhere that refer to a record.
type Dependant struct {
	Label    string
	key      string // of the label
	Relation *schema.Relationship
	// Foreign is the column that refers, Related the resource there, or nil when none is registered.
	Foreign *schema.Field
	Related *Resource
	// Cascade says what the model tells of the end of a record: "CASCADE", "SET NULL", or "".
	Cascade string
}

// Compile checks the options against the schema of the model. What is wrong is noted in faults.
func Compile(spec Spec, s *schema.Schema, faults *Faults) *Resource {
	r := &Resource{Spec: spec, Table: s.Table, schema: s, byName: map[string]*Field{}, byCol: map[string]*Field{}}
	faults.Resource = s.Name
	r.names()
	if len(s.PrimaryFields) != 1 {
		faults.Note("model", "it has %d primary keys, and the admin works with models that have one", len(s.PrimaryFields))
		return r
	}
	r.addColumns(faults)
	r.addRelations(faults)
	for name := range r.Refers {
		if f := r.byName[name]; f != nil {
			f.Kind, f.Label = Belongs, strings.TrimSuffix(f.Label, " ID")
		}
	}
	for name, why := range r.Locked {
		if f := r.byName[name]; f != nil {
			f.Locked = why
		}
	}
	for name, suggestions := range r.Suggestions {
		if f := r.byName[name]; f != nil {
			f.Suggestions = suggestions
		}
	}
	r.Key = r.byCol[s.PrimaryFields[0].DBName]
	if r.Key.Secret {
		faults.Note("model", "its primary key is a secret")
	}
	r.applyFlags(faults)
	r.applyTexts(faults)
	r.TitleField = r.title(faults)
	r.Columns = r.columns(faults)
	r.Searchable = r.search(faults)
	r.Filterable = r.filters(faults)
	r.Sort = r.order(faults)
	r.Sections = r.sections(faults)
	r.checkVerbs(faults)
	return r
}

// names fills in what the application left open.
func (r *Resource) names() {
	if r.Name == "" {
		r.Name = r.Table
	}
	if r.Permission == "" {
		r.Permission = r.Table
	}
	if r.Label == "" {
		r.Label = format.Label(r.schema.Name)
	}
	if r.Plural == "" {
		r.Plural = format.Label(strings.TrimPrefix(r.Table, "covet_"))
	}
}

func (r *Resource) addColumns(faults *Faults) {
	for _, sf := range r.schema.Fields {
		if sf.DBName == "" {
			continue
		}
		name := sf.Name
		if r.schema.FieldsByName[name] != sf {
			name = sf.BindName()
		}
		f := newField(sf, name)
		if f.Kind == File {
			var err error
			if f.Upload, err = upload.ParseRule(sf.Tag); err != nil {
				faults.Note("model", "the tags of %s: %s", name, err)
			}
		}
		if sf.FieldType == deletedType {
			r.DeletedAt = f
			f.Label = "Deleted at"
		}
		r.add(f)
	}
}

func (r *Resource) add(f *Field) {
	r.nameField(f)
	r.Fields = append(r.Fields, f)
	r.byName[f.Name], r.byCol[f.Column] = f, f
}

func (r *Resource) addRelations(faults *Faults) {
	for _, rel := range r.schema.Relationships.BelongsTo {
		if len(rel.References) != 1 || rel.Polymorphic != nil {
			continue
		}
		if f := r.byCol[rel.References[0].ForeignKey.DBName]; f != nil && !f.column.PrimaryKey {
			f.Kind, f.Relation, f.Label = Belongs, rel, format.Label(rel.Name)
		}
	}
	for _, rel := range r.schema.Relationships.Many2Many {
		if f := relationField(rel, Many); !f.Secret && len(rel.References) == 2 {
			r.add(f)
		}
	}
	for _, rel := range append(slices.Clone(r.schema.Relationships.HasMany), r.schema.Relationships.HasOne...) {
		r.addDependant(rel, faults)
	}
}

func relationField(rel *schema.Relationship, kind Kind) *Field {
	column := schema.NamingStrategy{}.ColumnName("", rel.Name)
	return &Field{
		Name: rel.Name, Column: column, Label: format.Label(rel.Name), Kind: kind, Relation: rel, Optional: true,
		Secret: rel.Field.Tag.Get("secret") == "true", Hint: rel.Field.Tag.Get("doc"),
	}
}

func (r *Resource) addDependant(rel *schema.Relationship, faults *Faults) {
	if rel.Polymorphic != nil || len(rel.References) != 1 || strings.HasPrefix(rel.Name, "_") {
		return
	}
	if column, ok := r.Lines[rel.Name]; ok {
		f := relationField(rel, Lines)
		if f.child = rel.FieldSchema.LookUpField(column); f.child == nil {
			faults.Note("Lines", "%s has no field %q", rel.FieldSchema.Name, column)
			return
		}
		r.add(f)
		return
	}
	column := words.KeyOf(schema.NamingStrategy{}.ColumnName("", rel.Name))
	d := &Dependant{Label: format.Label(rel.Name), key: r.key("fields." + column), Relation: rel, Foreign: rel.References[0].ForeignKey}
	if constraint := rel.ParseConstraint(); constraint != nil {
		d.Cascade = strings.ToUpper(constraint.OnDelete)
	}
	r.HasMany = append(r.HasMany, d)
}

// Link finds the resources that relations lead to. Call it once all are compiled.
func (r *Resource) Link(all []*Resource) {
	find := func(rel *schema.Relationship) *Resource {
		for _, other := range all {
			if other.Table == rel.FieldSchema.Table {
				return other
			}
		}
		return nil
	}
	for _, f := range r.Fields {
		if f.Relation != nil && f.Kind != Lines {
			f.Related = find(f.Relation)
		}
		if table, ok := r.Refers[f.Name]; ok {
			i := slices.IndexFunc(all, func(other *Resource) bool { return other.Table == table })
			if i >= 0 {
				f.Related = all[i]
			}
		}
	}
	for _, d := range r.HasMany {
		d.Related = find(d.Relation)
	}
}

// Field returns the field with this Go name, or nil.
func (r *Resource) Field(name string) *Field { return r.byName[name] }

// Column returns the visible field with this column, or nil: what addresses may name.
func (r *Resource) Column(column string) *Field {
	if f := r.byCol[column]; f != nil && f.Visible() {
		return f
	}
	return nil
}

// Stored returns every column but the secret ones, and those of bytes if they are wanted.
func (r *Resource) Stored(bytes bool) []string {
	var names []string
	for _, f := range r.Fields {
		if f.Stored() && !f.Secret && (bytes || f.Kind != Bytes) {
			names = append(names, f.Column)
		}
	}
	return names
}

// New returns a new *T.
func (r *Resource) New() any { return reflect.New(r.schema.ModelType).Interface() }

// NewSlice returns a *[]*T, for GORM to fill.
func (r *Resource) NewSlice() any {
	return reflect.New(reflect.SliceOf(reflect.PointerTo(r.schema.ModelType))).Interface()
}

// Files returns the fields that hold the storage key of a file.
func (r *Resource) Files() []*Field {
	return slices.DeleteFunc(slices.Clone(r.Fields), func(f *Field) bool { return f.Kind != File })
}

// FilesOf returns the storage keys of the files that a record has.
func (r *Resource) FilesOf(ctx context.Context, record any) []string {
	var keys []string
	for _, f := range r.Files() {
		if key := f.Text(f.Value(ctx, record)); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Records returns the elements of a *[]*T.
func Records(slice any) []any {
	v := reflect.ValueOf(slice).Elem()
	records := make([]any, v.Len())
	for i := range records {
		records[i] = v.Index(i).Interface()
	}
	return records
}

// KeyOf returns the primary key of a record as text.
func (r *Resource) KeyOf(ctx context.Context, record any) string {
	return r.Key.Text(r.Key.Value(ctx, record))
}

// ParseKey reads a primary key that came from outside. It reports false for what no key can be.
func (r *Resource) ParseKey(text string) (any, bool) {
	if text == "" || len(text) > 255 || strings.ContainsRune(text, 0) {
		return nil, false
	}
	v, err := r.Key.Parse(text)
	if err != nil || v == nil {
		return nil, false
	}
	// A type that reads itself, such as a UUID, refuses here what the database would refuse as an error.
	if err := assign(reflect.New(r.Key.column.FieldType).Elem(), v); err != nil {
		return nil, false
	}
	return v, true
}

// TitleOf returns what people call a record.
func (r *Resource) TitleOf(ctx context.Context, record any) string {
	if r.Describe != nil {
		if text := r.Describe(record); text != "" {
			return text
		}
	}
	if s, ok := record.(fmt.Stringer); ok && r.Title == "" {
		if text := s.String(); text != "" {
			return Clean(text)
		}
	}
	if r.TitleField != nil {
		if text := r.TitleField.Shown(ctx, r.TitleField.Value(ctx, record)); text != "" {
			return text
		}
	}
	return words.T(ctx, "audit.record", "record", r.LabelIn(ctx), "key", r.KeyOf(ctx, record))
}

// Action returns the action that the permission is about: "posts.update".
func (r *Resource) Action(verb string) string {
	switch verb {
	case Restore:
		verb = Update
	case Destroy:
		verb = Delete
	}
	return r.Permission + "." + verb
}

// Allows reports whether the resource has the verb at all.
func (r *Resource) Allows(verb string) bool {
	switch verb {
	case Restore:
		return r.DeletedAt != nil && !slices.Contains(r.Forbid, Update)
	case Destroy:
		return r.DeletedAt != nil && !slices.Contains(r.Forbid, Delete)
	}
	return !slices.Contains(r.Forbid, verb)
}

// Custom returns the action of the application with this name.
func (r *Resource) Custom(name string) (Action, bool) {
	i := slices.IndexFunc(r.Actions, func(a Action) bool { return a.Name == name })
	if i < 0 {
		return Action{}, false
	}
	return r.Actions[i], true
}
