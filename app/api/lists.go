package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// withLists returns a value in the form in which it is sent: nil slices and maps become empty, so that clients get []
// and {} instead of null. It does not modify what a handler returned, because it may be shared between requests: it
// copies the path to a nil value. Types that marshal JSON themselves, and members with omitempty, stay unchanged.
func withLists(v reflect.Value) reflect.Value {
	if !mayHoldLists(v.Type()) {
		return v
	}
	filled, _ := fill(v, 0)
	return filled
}

// maxDepth is the maximum depth of fill. Deeper values are sent unchanged; the encoder reports a value that contains
// itself.
const maxDepth = 100

// fill returns v without nil slices and maps, and whether it differs from v.
func fill(v reflect.Value, depth int) (reflect.Value, bool) {
	t := v.Type()
	if depth > maxDepth || !mayHoldLists(t) {
		return v, false
	}
	depth++
	switch t.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return reflect.MakeSlice(t, 0, 0), true
		}
		return fillElements(v, depth, func() reflect.Value {
			list := reflect.MakeSlice(t, v.Len(), v.Len())
			reflect.Copy(list, v)
			return list
		})
	case reflect.Array:
		return fillElements(v, depth, func() reflect.Value { return copyOf(v) })
	case reflect.Map:
		if v.IsNil() {
			return reflect.MakeMap(t), true
		}
		return fillMap(v, depth)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		inner, changed := fill(v.Elem(), depth)
		if !changed {
			return v, false
		}
		if t.Kind() == reflect.Pointer {
			pointer := reflect.New(t.Elem())
			pointer.Elem().Set(inner)
			return pointer, true
		}
		return inner, true
	case reflect.Struct:
		return fillStruct(v, depth)
	default:
		return v, false
	}
}

// fillElements fills the elements of a list, in the copy that copied creates.
func fillElements(v reflect.Value, depth int, copied func() reflect.Value) (reflect.Value, bool) {
	if !mayHoldLists(v.Type().Elem()) {
		return v, false
	}
	result, differs := v, false
	for i := range v.Len() {
		element, changed := fill(v.Index(i), depth)
		if !changed {
			continue
		}
		if !differs {
			result, differs = copied(), true
		}
		result.Index(i).Set(element)
	}
	return result, differs
}

func fillMap(v reflect.Value, depth int) (reflect.Value, bool) {
	if !mayHoldLists(v.Type().Elem()) {
		return v, false
	}
	result, differs := v, false
	for entries := v.MapRange(); entries.Next(); {
		element, changed := fill(entries.Value(), depth)
		if !changed {
			continue
		}
		if !differs {
			result, differs = reflect.MakeMapWithSize(v.Type(), v.Len()), true
			for all := v.MapRange(); all.Next(); {
				result.SetMapIndex(all.Key(), all.Value())
			}
		}
		result.SetMapIndex(entries.Key(), element)
	}
	return result, differs
}

func fillStruct(v reflect.Value, depth int) (reflect.Value, bool) {
	result, differs := v, false
	for _, index := range members(v.Type()) {
		field, changed := fill(v.FieldByIndex(index), depth)
		if !changed {
			continue
		}
		if !differs {
			result, differs = copyOf(v), true
		}
		result.FieldByIndex(index).Set(field)
	}
	return result, differs
}

// structMembers caches the members of structs.
var structMembers sync.Map // reflect.Type → [][]int

func members(t reflect.Type) [][]int {
	if known, ok := structMembers.Load(t); ok {
		return known.([][]int)
	}
	found := membersOf(t, nil)
	structMembers.Store(t, found)
	return found
}

// membersOf returns the indexes of the fields of a struct that are sent even if they are empty. Embedded structs are
// sent as their fields, even if their type is unexported.
func membersOf(t reflect.Type, above []int) [][]int {
	var members [][]int
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(above), i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct && name == "" && !writesItself(f.Type):
			members = append(members, membersOf(f.Type, index)...)
		case !f.IsExported(), name == "-" && options == "",
			strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero"):
		default:
			members = append(members, index)
		}
	}
	return members
}

func copyOf(v reflect.Value) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// listTypes caches which types may contain slices or maps.
var listTypes sync.Map // reflect.Type → bool

func mayHoldLists(t reflect.Type) bool {
	if known, ok := listTypes.Load(t); ok {
		return known.(bool)
	}
	holds := holdsLists(t, map[reflect.Type]bool{})
	listTypes.Store(t, holds)
	return holds
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// holdsLists analyzes a type. A recursive type contains nothing that was not found outside.
func holdsLists(t reflect.Type, within map[reflect.Type]bool) bool {
	if within[t] {
		return false
	}
	within[t] = true
	if writesItself(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return true
	case reflect.Array, reflect.Pointer:
		return holdsLists(t.Elem(), within)
	case reflect.Struct:
		return slices.ContainsFunc(members(t), func(index []int) bool {
			return holdsLists(t.FieldByIndex(index).Type, within)
		})
	}
	return false
}

// writesItself reports whether a type marshals itself as JSON or text.
func writesItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(jsonMarshaler) || pointer.Implements(textMarshaler)
}
