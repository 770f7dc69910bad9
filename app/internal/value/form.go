package value

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Form is a struct that the fields of a page are bound to: those with a tag form,
// also in structs that are embedded or nested.
type Form struct{ Fields []FormMember }

// FormMember is one field of a form.
type FormMember struct {
	reflect.StructField
	// Name is that of the field in the page, Error that by which package validate calls it.
	Name, Error string

	index  []int
	list   bool
	trim   bool
	decode decoder
}

// forms remembers one form a type, as encoding/json does: they follow from the type
// alone, so that it only ever grows by the program's types.
var forms sync.Map // reflect.Type → *Form

// FormOf reads the tags of a struct. It returns an error when no text is the value
// of one of its fields.
func FormOf(t reflect.Type) (*Form, error) {
	if known, ok := forms.Load(t); ok {
		return known.(*Form), nil
	}
	f := &Form{}
	if err := f.walk(t, nil, ""); err != nil {
		return nil, err
	}
	forms.Store(t, f)
	return f, nil
}

func (f *Form) walk(t reflect.Type, index []int, prefix string) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		name, _, _ := strings.Cut(sf.Tag.Get("form"), ",")
		switch {
		case !sf.IsExported() && !sf.Anonymous, name == "-":
		case name != "" && sf.IsExported():
			field, err := newFormMember(sf, name)
			if err != nil {
				return fmt.Errorf("field %s: %w", sf.Name, err)
			}
			field.Error, field.index = prefix+name, at
			f.Fields = append(f.Fields, field)
		case sf.Anonymous && sf.Type.Kind() == reflect.Pointer:
			return fmt.Errorf("field %s: an embedded pointer cannot be bound", sf.Name)
		case sf.Type.Kind() == reflect.Struct && !Opaque(sf.Type):
			inner := prefix
			if !sf.Anonymous {
				inner += nestedName(sf) + "."
			}
			if err := f.walk(sf.Type, at, inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// nestedName is what package validate calls a nested struct.
func nestedName(sf reflect.StructField) string {
	if name, _, _ := strings.Cut(sf.Tag.Get("json"), ","); name != "" && name != "-" {
		return name
	}
	return sf.Name
}

func newFormMember(sf reflect.StructField, name string) (FormMember, error) {
	f := FormMember{StructField: sf, Name: name, trim: sf.Tag.Get("trim") != "false"}
	t := pointed(sf.Type)
	if f.list = t.Kind() == reflect.Slice && !Opaque(t) && t.Elem().Kind() != reflect.Uint8; f.list {
		t = pointed(t.Elem())
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Array, reflect.Slice, reflect.Map, reflect.Interface:
		if !Opaque(t) && (t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uint8) {
			return f, fmt.Errorf("no text is a %s", sf.Type)
		}
	}
	if err := Compile(t); err != nil {
		return f, err
	}
	f.decode = decoderOf(sf.Type)
	return f, nil
}

// Bind puts what was sent, by the names of the fields, into the struct dst. It
// returns what is wrong, by the names of package validate, in the language of ctx.
//
// A field that was not sent stays as it is, but for the two that browsers do not
// send when nothing is chosen: a checkbox is false, and a list empty.
func (f *Form) Bind(ctx context.Context, sent map[string][]Value, dst reflect.Value) map[string]string {
	faults := map[string]string{}
	for i := range f.Fields {
		field := &f.Fields[i]
		v, there := field.value(sent[field.Name])
		to := dst.FieldByIndex(field.index)
		if !there {
			if field.list || field.Type.Kind() == reflect.Bool {
				to.SetZero()
			}
			continue
		}
		s := state{ctx: ctx, page: true}
		if field.decode(&s, &v, to, nil); len(s.Faults) > 0 {
			to.SetZero()
			faults[field.Error] = s.Faults[0].Detail
		}
	}
	return faults
}

// value returns what was sent for a field: of a field that is no list the first.
// Empty ones are nothing in a list.
func (f *FormMember) value(sent []Value) (Value, bool) {
	list := Value{Kind: List}
	for _, v := range sent {
		if f.trim && v.Kind == Field {
			v.Text = strings.TrimSpace(v.Text)
		}
		if !f.list {
			return v, true
		}
		if v.Kind != Field || v.Text != "" {
			list.Members = append(list.Members, Member{Value: v})
		}
	}
	return list, len(list.Members) > 0
}
