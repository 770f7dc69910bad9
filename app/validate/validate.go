// Package validate checks values by the tags of their struct, in the vocabulary
// of JSON Schema (2020-12), and by a method of their own for rules that no tag
// can express.
//
//	type Signup struct {
//		Email string `form:"email" required:"true" format:"email" maxLength:"254"`
//		Plan  string `form:"plan" enum:"free,team"`
//	}
//
//	errs, err := validate.Struct(ctx, &signup) // errs["email"] == "Enter an e-mail address."
//
// # Tags
//
//	required:"true"             the zero value is refused
//	minLength:"2" maxLength:"9" length of a string in characters, of a slice in items
//	minimum:"1" maximum:"10"    bounds of a number, inclusive
//	pattern:"^[a-z]+$"          RE2 expression; patternDescription says it to people
//	enum:"a,b"                  the strings allowed
//	format:"email"              email, uri, uuid, date or date-time
//
// An empty string passes pattern, enum and format; required and minLength refuse
// it. A nil pointer passes everything but required. Fields are named by their
// form tag, else by their json tag, else by their Go name; fields of nested
// structs are named "address.city", those in slices "items.0.price", and embedded
// structs are part of the struct around them. A tag on a field of a type that it
// says nothing about is an error.
package validate

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/covetgo/covet/app/problem"
)

// Errors holds one message for each faulty field, by the name of the field.
type Errors map[string]string

// Add notes a message for a field, unless it has one already: the first rule
// that a value breaks is the one people read about.
func (e Errors) Add(field, message string) {
	if _, ok := e[field]; !ok {
		e[field] = message
	}
}

// Err returns the errors as a problem (422) with a JSON Pointer for each
// field, or nil if there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	var fields []problem.Field
	for _, name := range slices.Sorted(maps.Keys(e)) {
		pointer := "/" + strings.ReplaceAll(strings.NewReplacer("~", "~0", "/", "~1").Replace(name), ".", "/")
		fields = append(fields, problem.Field{Pointer: pointer, Detail: e[name]})
	}
	return problem.Invalid(fields...)
}

// Validator is what a struct implements for rules of its own. The method runs
// after the tags, and may ask a database.
type Validator interface {
	// Validate adds to errs what is wrong. It returns an error only when it could
	// not find out.
	Validate(ctx context.Context, errs Errors) error
}

// Struct checks the struct that v points to. The Errors are empty when it is
// valid; the error is for tags that make no sense and for a Validator that could
// not find out.
func Struct(ctx context.Context, v any) (Errors, error) {
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("validating %T: it is no pointer to a struct", v)
	}
	errs := Errors{}
	if err := check(value.Elem(), "", errs); err != nil {
		return nil, fmt.Errorf("validating %T: %w", v, err)
	}
	if own, ok := v.(Validator); ok {
		if err := own.Validate(ctx, errs); err != nil {
			return nil, fmt.Errorf("validating %T: %w", v, err)
		}
	}
	return errs, nil
}

func check(value reflect.Value, prefix string, errs Errors) error {
	fields, err := fieldsOf(value.Type())
	if err != nil {
		return err
	}
	for _, f := range fields {
		field := value.Field(f.index)
		if message := f.check(field); message != "" {
			errs.Add(prefix+f.name, message)
			continue
		}
		if !f.nested {
			continue
		}
		inner := prefix + f.name + "."
		if f.embedded {
			inner = prefix
		}
		if err := checkInside(field, inner, errs); err != nil {
			return err
		}
	}
	return nil
}

// checkInside checks the struct that value is, points to, or holds several of.
func checkInside(value reflect.Value, prefix string, errs Errors) error {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return checkInside(value.Elem(), prefix, errs)
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			if err := checkInside(value.Index(i), prefix+strconv.Itoa(i)+".", errs); err != nil {
				return err
			}
		}
		return nil
	default:
		return check(value, prefix, errs)
	}
}

// compiled remembers the rules of each struct type, as encoding/json does: they
// follow from the type alone, so that it only ever grows by the program's types.
var compiled sync.Map // reflect.Type → []field

func fieldsOf(t reflect.Type) ([]field, error) {
	if known, ok := compiled.Load(t); ok {
		return known.([]field), nil
	}
	var fields []field
	for i := range t.NumField() {
		f, use, err := newField(t.Field(i), i)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", t.Field(i).Name, err)
		}
		if use {
			fields = append(fields, f)
		}
	}
	compiled.Store(t, fields)
	return fields, nil
}
