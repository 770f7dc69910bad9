package jobs

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// snakeCase turns a type name into a kind: NotifyTeam becomes notify_team, SyncHTTPCache sync_http_cache.
func snakeCase(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterWord := !unicode.IsUpper(runes[i-1])
			beforeWord := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterWord || beforeWord {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var (
	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	errNotAStruct   = errors.New("a job must be a struct or a pointer to one")
	errNotEncodable = errors.New("JSON cannot encode it")
)

// checkEncodable reports parts of a job of type t that JSON refuses or silently loses.
func checkEncodable(t reflect.Type) error {
	if t.Kind() != reflect.Struct {
		return errNotAStruct
	}
	return checkType(t, "", map[reflect.Type]bool{})
}

func checkType(t reflect.Type, path string, seen map[reflect.Type]bool) error {
	if seen[t] || encodesItself(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("field %s is a %v: %w", path, t, errNotEncodable)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("field %s is the interface %v, which cannot be decoded: %w", path, t, errNotEncodable)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return checkType(t.Elem(), path, seen)
	case reflect.Struct:
		return checkFields(t, path, seen)
	default:
	}
	return nil
}

func checkFields(t reflect.Type, path string, seen map[reflect.Type]bool) error {
	for field := range fieldsOf(t) {
		name := strings.TrimPrefix(path+"."+field.Name, ".")
		if field.Tag.Get("json") == "-" {
			continue
		}
		if !field.IsExported() && !field.Anonymous {
			return fmt.Errorf("field %s is unexported and would be lost (if that is intended, tag it `json:\"-\"`): %w", name,
				errNotEncodable)
		}
		if err := checkType(field.Type, name, seen); err != nil {
			return err
		}
	}
	return nil
}

func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

func encodesItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(jsonMarshaler) || pointer.Implements(textMarshaler)
}
