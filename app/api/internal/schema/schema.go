// Package schema describes Go types as JSON Schema (2020-12) for the document of an API: it corrects huma's schema of a
// type to match what the API accepts.
package schema

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/covetgo/covet/app/internal/value"
)

// Prefix is the path of schemas in the document.
const Prefix = "#/components/schemas/"

// Set contains the schemas of named structs: NameInput for requests and Name for responses, since their required
// members differ.
type Set struct {
	file    reflect.Type // of uploads
	demands func(parent reflect.Type, index int) bool
	schemas map[string]*huma.Schema
	names   map[direction]string
	types   map[string]reflect.Type
}

type direction struct {
	t     reflect.Type
	input bool
}

// NewSet returns an empty set. file is the type of uploaded files. demands reports whether the zero value of a field is
// invalid, so that the field is required.
func NewSet(file reflect.Type, demands func(parent reflect.Type, index int) bool) *Set {
	return &Set{
		file:    file,
		demands: demands,
		schemas: map[string]*huma.Schema{},
		names:   map[direction]string{},
		types:   map[string]reflect.Type{},
	}
}

// Input returns the schema of values in requests.
func (s *Set) Input(t reflect.Type) *huma.Schema { return (&view{s, true}).Schema(t, true, "") }

// Output returns the schema of values in responses.
func (s *Set) Output(t reflect.Type) *huma.Schema { return (&view{s, false}).Schema(t, true, "") }

// Parameter returns the schema of a parameter or header, without its description.
func (s *Set) Parameter(sf reflect.StructField) *huma.Schema {
	p := huma.SchemaFromField(&view{s, true}, sf, "")
	if p.Format == "date-time-http" {
		p.Format = "date-time"
	}
	p.Nullable, p.Description = false, ""
	describe(p, sf)
	return p
}

// Add adds a schema to the set by name, and returns a reference to it.
func (s *Set) Add(name string, schema *huma.Schema) *huma.Schema {
	s.schemas[name], s.types[name] = schema, reflect.TypeFor[huma.Schema]()
	return &huma.Schema{Ref: Prefix + name}
}

// Reserve reserves a name for a schema that is added later.
func (s *Set) Reserve(name string) { s.types[name] = reflect.TypeFor[huma.Schema]() }

// Registry returns the set in the form that huma expects.
func (s *Set) Registry() huma.Registry { return &view{s, false} }

// view is a set seen from one direction: a [huma.Registry].
type view struct {
	*Set
	input bool
}

// Schema implements [huma.Registry].
func (v *view) Schema(t reflect.Type, allowRef bool, _ string) *huma.Schema {
	inner := t
	for inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	switch {
	case inner == v.file:
		return &huma.Schema{Type: huma.TypeString, Format: "binary"}
	case inner.Kind() != reflect.Struct, inner.Name() == "", opaque(inner):
		return v.build(t, inner)
	}
	key := direction{inner, v.input}
	name, known := v.names[key]
	if !known {
		name = v.name(inner)
		v.names[key], v.types[name] = name, inner
		v.schemas[name] = &huma.Schema{} // for recursive types
		v.schemas[name] = v.build(inner, inner)
	}
	if allowRef {
		return &huma.Schema{Ref: Prefix + name}
	}
	return v.schemas[name]
}

// opaque reports whether values of the type marshal or unmarshal themselves.
func opaque(t reflect.Type) bool {
	_, writes := reflect.PointerTo(t).MethodByName("MarshalJSON")
	return value.Opaque(t) || writes
}

// name returns a free name for a type: its own, or with its package.
func (v *view) name(t reflect.Type) string {
	suffix := ""
	if v.input {
		suffix = "Input"
	}
	base := huma.DefaultSchemaNamer(t, "")
	if trimmed := strings.TrimSuffix(base, suffix); trimmed != "" {
		base = trimmed // PostInput stays PostInput, not PostInputInput
	}
	for _, name := range []string{base, title(path.Base(t.PkgPath())) + base} {
		if _, taken := v.types[name+suffix]; !taken {
			return name + suffix
		}
	}
	for n := 2; ; n++ {
		if name := base + strconv.Itoa(n) + suffix; v.types[name] == nil {
			return name
		}
	}
}

func title(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// build returns the schema of a type; inner is the type without pointers.
func (v *view) build(t, inner reflect.Type) *huma.Schema {
	if s := v.known(inner); s != nil {
		if t != inner && s.AnyOf != nil {
			s.AnyOf = append(s.AnyOf, &huma.Schema{Type: "null"})
		}
		s.Nullable = t != inner && s.AnyOf == nil
		return s
	}
	if opaque(inner) && !value.Opaque(inner) || (value.Opaque(inner) && !readsText(inner)) {
		if !provides(inner) {
			return &huma.Schema{} // it writes arbitrary JSON
		}
	}
	s := huma.SchemaFromType(v, t)
	if s == nil {
		panic(fmt.Sprintf("JSON cannot represent a %s", t))
	}
	if s.Type == huma.TypeArray {
		s.Nullable = !v.input && t != inner // an empty list is sent as [], unless it is a pointer
	}
	if inner.Kind() == reflect.Struct && s.Type == huma.TypeObject {
		v.amend(inner, s)
	}
	return s
}

// known describes well-known text types, such as a time, and returns nil for all others.
func (v *view) known(t reflect.Type) *huma.Schema {
	switch {
	case value.IsDate(t):
		return &huma.Schema{Type: huma.TypeString, Format: "date"}
	case value.IsUUID(t):
		return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
	case value.IsDecimal(t) && v.input:
		length := value.MaxDecimal
		return &huma.Schema{AnyOf: []*huma.Schema{
			{Type: huma.TypeString, Format: "decimal", Pattern: value.DecimalPattern, MaxLength: &length},
			{Type: huma.TypeNumber},
		}}
	case value.IsDecimal(t):
		return &huma.Schema{Type: huma.TypeString, Format: "decimal"}
	}
	return nil
}

func readsText(t reflect.Type) bool {
	_, reads := reflect.PointerTo(t).MethodByName("UnmarshalText")
	return reads
}

// provides reports whether the type describes itself.
func provides(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[huma.SchemaProvider]())
}

// amend adds to the members of a struct what huma does not derive.
func (v *view) amend(t reflect.Type, s *huma.Schema) {
	fields, err := value.Fields(t)
	if err != nil {
		panic(err)
	}
	properties := make(map[string]*huma.Schema, len(fields))
	s.Required = nil
	if !v.input {
		s.AdditionalProperties = nil // members may be added later
	}
	for _, f := range fields {
		p := v.property(s, f)
		if p == nil || (v.input && f.ReadOnly) {
			continue
		}
		if v.input {
			nullable(p, f.Type)
			if f.Required && p.Type == huma.TypeString && p.MinLength == nil && p.Format != "binary" && !p.Nullable {
				one := 1
				p.MinLength = &one
			}
		}
		if !v.input && p.Type == huma.TypeArray {
			p.Nullable = f.Type.Kind() == reflect.Pointer && !f.Omits
		}
		describe(p, f.StructField)
		properties[f.JSON] = p
		if v.required(t, f) {
			s.Required = append(s.Required, f.JSON)
		}
	}
	s.Properties = properties
	slices.Sort(s.Required)
}

// nullable sets whether a member of a request may be null: if it is a pointer, and null means the same as omitting it.
func nullable(p *huma.Schema, t reflect.Type) {
	if p.Ref != "" || p.Type == "" {
		return
	}
	p.Nullable = t.Kind() == reflect.Pointer
	if p.Nullable && len(p.Enum) > 0 {
		p.Enum = append(p.Enum, nil)
	}
}

// property returns huma's schema of a field. huma uses Go names for some fields, and ignores embedded structs of
// unexported types.
func (v *view) property(s *huma.Schema, f value.StructField) *huma.Schema {
	for _, name := range []string{f.JSON, f.Name} {
		if p := s.Properties[name]; p != nil {
			return p
		}
	}
	return huma.SchemaFromField(v, f.StructField, "")
}

func (v *view) required(t reflect.Type, f value.StructField) bool {
	if !v.input {
		return !f.Omits
	}
	if _, ok := f.Tag.Lookup("default"); ok {
		return false
	}
	parent := t
	if len(f.Index) > 1 {
		parent = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
	}
	return f.Required || v.demands(parent, f.Index[len(f.Index)-1])
}

// describe adds rules that JSON Schema cannot express to the description.
func describe(p *huma.Schema, sf reflect.StructField) {
	for _, s := range []*huma.Schema{p, p.Items} {
		if s != nil && s.PatternDescription != "" {
			extend(s, "patternDescription", s.PatternDescription)
			s.PatternDescription = "" // huma writes a keyword that OpenAPI does not have
		}
	}
	for _, rule := range [...]struct{ tag, text string }{
		{"unique", "Nothing else may have this value."},
		{"exists", "It must refer to something that exists."},
	} {
		reference, ok := sf.Tag.Lookup(rule.tag)
		if !ok {
			continue
		}
		reference, _, _ = strings.Cut(reference, ",")
		extend(p, rule.tag, reference)
		if p.Description != "" && !strings.HasSuffix(p.Description, ".") {
			p.Description += "."
		}
		p.Description = strings.TrimSpace(p.Description + " " + rule.text)
	}
}

func extend(p *huma.Schema, name string, value any) {
	if p.Extensions == nil {
		p.Extensions = map[string]any{}
	}
	p.Extensions["x-"+name] = value
}

// SchemaFromRef implements [huma.Registry].
func (v *view) SchemaFromRef(ref string) *huma.Schema {
	return v.schemas[strings.TrimPrefix(ref, Prefix)]
}

// TypeFromRef implements [huma.Registry].
func (v *view) TypeFromRef(ref string) reflect.Type { return v.types[strings.TrimPrefix(ref, Prefix)] }

// Map implements [huma.Registry].
func (v *view) Map() map[string]*huma.Schema { return v.schemas }

// RegisterTypeAlias implements [huma.Registry]. There are none.
func (v *view) RegisterTypeAlias(reflect.Type, reflect.Type) {}

// MarshalJSON writes the schemas by name.
func (v *view) MarshalJSON() ([]byte, error) { return json.Marshal(v.schemas) }
