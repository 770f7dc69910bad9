package validate

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// plan is the compiled form of a struct type's tags.
type plan struct {
	fields    []field
	validates bool // a pointer to the struct is a Validator
}

// field is one field of a struct with its rules.
type field struct {
	index          int
	name, jsonName string
	unreachable    bool // by JSON
	embedded       bool // its fields belong to the outer struct
	nested         bool // it, or each of its items, is a struct to validate
	list           bool
	required       bool
	listRules      []rule // of the list as a whole
	rules          []rule // of the value, or of each item
	lookups        []lookup
}

// rule returns what is wrong with a value, or "".
type rule struct {
	check       check
	passesEmpty bool // an empty string is nothing to it
}

// compiled caches the rules of each struct type, as encoding/json does. It grows only with the program's types.
var compiled sync.Map // reflect.Type → *plan

var validatorType = reflect.TypeFor[Validator]()

func planOf(t reflect.Type) (*plan, error) {
	if known, ok := compiled.Load(t); ok {
		return known.(*plan), nil
	}
	p := &plan{validates: reflect.PointerTo(t).Implements(validatorType)}
	for i := range t.NumField() {
		f, use, err := newField(t, i)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", t.Field(i).Name, err)
		}
		if use {
			p.fields = append(p.fields, f)
		}
	}
	compiled.Store(t, p)
	return p, nil
}

func newField(parent reflect.Type, index int) (field, bool, error) {
	sf := parent.Field(index)
	f := field{index: index, name: nameOf(sf, "form", "json"), jsonName: nameOf(sf, "json", "form")}
	f.unreachable = sf.Tag.Get("json") == "-" || sf.Tag.Get("readOnly") == "true"
	f.required = sf.Tag.Get("required") == "true"
	t, inner := indirect(sf.Type), indirect(sf.Type)
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		if f.list = !opaque(t) && t.Elem().Kind() != reflect.Uint8; f.list {
			inner = indirect(t.Elem())
		}
	}
	f.nested = inner.Kind() == reflect.Struct && !opaque(inner)
	f.embedded = sf.Anonymous && f.nested && !f.list
	if err := f.compile(parent, sf, t, inner); err != nil {
		return f, false, err
	}
	if isFloat(inner.Kind()) {
		f.rules = append([]rule{{check: finite}}, f.rules...)
	}
	use := f.nested || f.required || len(f.rules)+len(f.listRules)+len(f.lookups) > 0
	return f, use && (sf.IsExported() || f.embedded), nil
}

// compile returns the rules of the tags of a field of type t, whose items are of the type inner if it is a list.
func (f *field) compile(parent reflect.Type, sf reflect.StructField, t, inner reflect.Type) error {
	for _, tag := range tags {
		text, ok := sf.Tag.Lookup(tag.name)
		if !ok {
			continue
		}
		about := inner
		if tag.ofList {
			about = t
		}
		if !tag.appliesTo(about) || (tag.ofList && !f.list) || (f.nested && !tag.ofList) {
			return fmt.Errorf("tag %s says nothing about a %s", tag.name, sf.Type)
		}
		check, err := tag.compile(text, about, sf)
		if err != nil {
			return fmt.Errorf("tag %s:%q: %w", tag.name, text, err)
		}
		r := rule{check: check, passesEmpty: tag.passesEmpty}
		switch {
		case check == nil: // the tag only describes
		case tag.ofList:
			f.listRules = append(f.listRules, r)
		default:
			f.rules = append(f.rules, r)
		}
	}
	return f.compileLookups(parent, sf, inner)
}

// indirect returns the type that t points to, or t itself.
func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var timeType = reflect.TypeFor[time.Time]()

type (
	textMarshaler interface{ MarshalText() ([]byte, error) }
	jsonMarshaler interface{ MarshalJSON() ([]byte, error) }
)

// opaque reports whether a struct or an array is a single value: a time, or a type that marshals itself as text or
// JSON.
func opaque(t reflect.Type) bool {
	if t == timeType {
		return true
	}
	p := reflect.PointerTo(t)
	return (t.Kind() == reflect.Struct || t.Kind() == reflect.Array) &&
		(p.Implements(reflect.TypeFor[textMarshaler]()) || p.Implements(reflect.TypeFor[jsonMarshaler]()))
}

// nameOf returns the name of a field from the first of the tags that it has.
func nameOf(sf reflect.StructField, tags ...string) string {
	for _, tag := range tags {
		if name, _, _ := strings.Cut(sf.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return sf.Name
}
