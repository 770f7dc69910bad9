package project

import (
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
)

// Model is a struct in the application's package models.
type Model struct {
	// Name is its type, and File declares it.
	Name, File string
	// Label is the field that identifies records to users, or empty.
	Label string
	// Fields are the fields with a name, in order. Those of embedded structs of the package are among them.
	Fields []ModelField
	// ID is the type of the field ID, which may be one of an embedded struct, or empty if there is no such field.
	ID string
	// Table is the table that the method TableName names, or empty if the model has no such method.
	Table string

	embedded []string // the types of the embedded structs, such as covetmodels.User
}

// ModelField is a field of a model.
type ModelField struct {
	// Name is the name, and Type the type as it is written: "*time.Time".
	Name, Type string
	Tag        reflect.StructTag
	// Promoted reports that the field belongs to an embedded struct.
	Promoted bool
}

// labels are the names of fields that identify a record, the best first. An email address is not among them: not everyone
// who may select a user may know it.
var labels = strings.Fields("DisplayName Name Title Label Subject Username Slug Code")

// Model returns an existing model by the name that a user wrote.
func (p *Project) Model(text string, parse func(string, ...string) (inflect.Name, error)) (inflect.Name, Model, error) {
	n, err := parse(text)
	if err != nil {
		return n, Model{}, err
	}
	found, err := p.Models()
	if err != nil {
		return n, Model{}, err
	}
	m, ok := found[n.Type]
	if !ok {
		return n, m, &usage.UnknownError{Noun: "model", Name: n.Ref, Known: modelNames(found)}
	}
	return n, m, nil
}

// modelNames returns the models as they are written on the command line.
func modelNames(models map[string]Model) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(models)) {
		if n, err := inflect.Parse(name); err == nil {
			names = append(names, n.Snake)
		}
	}
	return names
}

func modelFields(structure *ast.StructType) []ModelField {
	var list []ModelField
	for _, f := range structure.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value) // the parser has read it
			tag = reflect.StructTag(text)
		}
		for _, name := range f.Names {
			list = append(list, ModelField{Name: name.Name, Type: types.ExprString(f.Type), Tag: tag})
		}
	}
	return list
}

func labelOf(fields []ModelField) string {
	best := len(labels)
	for _, f := range fields {
		if at := slices.Index(labels, f.Name); f.Type == "string" && at >= 0 && at < best {
			best = at
		}
	}
	if best == len(labels) {
		return ""
	}
	return labels[best]
}

// Has reports whether the model has a field.
func (m Model) Has(name string) bool {
	return slices.ContainsFunc(m.Fields, func(f ModelField) bool { return f.Name == name })
}

// Relation returns the model that a key refers to, AuthorID beside Author, or "".
func (m Model) Relation(key string) string {
	relation, isKey := strings.CutSuffix(key, "ID")
	for _, f := range m.Fields {
		if isKey && f.Name == relation {
			return strings.TrimPrefix(f.Type, "*")
		}
	}
	return ""
}

// Column returns the column of a field: that of its tag, or the one that GORM derives.
func (f ModelField) Column() string {
	for setting := range strings.SplitSeq(f.Tag.Get("gorm"), ";") {
		if name, value, ok := strings.Cut(setting, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "column") {
			return strings.TrimSpace(value)
		}
	}
	return inflect.Column(f.Name)
}

// Column returns the column of the field of a name.
func (m Model) Column(name string) string {
	for _, f := range m.Fields {
		if f.Name == name {
			return f.Column()
		}
	}
	return inflect.Column(name)
}

// needs returns the models that a record has to belong to: those of keys that are not pointers.
func (m Model) needs() []string {
	var needs []string
	for _, f := range m.Fields {
		if related := m.Relation(f.Name); f.Type == "int64" && isIdentifier(related) {
			needs = append(needs, related)
		}
	}
	return needs
}

// isIdentifier reports whether the text is a single identifier, and not a type of another package.
func isIdentifier(text string) bool { return text != "" && !strings.ContainsAny(text, ".[*") }

// Owned returns the tables whose rows are deleted with a user, because they belong to one directly or through others.
func Owned(models map[string]Model) []string {
	deleted := map[string]bool{"User": true}
	for grown := true; grown; {
		grown = false
		for name, m := range models {
			for _, need := range m.needs() {
				if deleted[need] && !deleted[name] {
					deleted[name], grown = true, true
				}
			}
		}
	}
	var tables []string
	for name := range deleted {
		if n, err := inflect.ParseModel(name); err == nil && name != "User" {
			tables = append(tables, n.Table)
		}
	}
	slices.Sort(tables)
	return tables
}
