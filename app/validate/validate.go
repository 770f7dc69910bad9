// Package validate validates values by struct tags, in the vocabulary of JSON Schema (2020-12), and by a Validate
// method for rules that tags cannot express. JSON bodies (package api), HTML forms (web.Bind) and models ([Struct]) use
// the same rules.
//
//	type Signup struct {
//		Email string `form:"email" required:"true" format:"email" maxLength:"254" unique:"users.email"`
//		Plan  string `form:"plan" enum:"free,team"`
//	}
//
//	errs, err := validate.Struct(ctx, &signup) // errs["email"] == "Enter an email address."
//
// # Tags
//
//	required:"true"                 nothing, and an empty string, are refused
//	minLength:"2" maxLength:"9"     length of a string in characters
//	pattern:"^[a-z]+$"              RE2 expression; patternDescription says it to people
//	enum:"a,b"                      the values allowed
//	format:"email"                  email, uri, slug, color, uuid, date, time, date-time, hostname, ipv4, ipv6 or ip;
//	                                password and binary only say what the value is
//	minimum:"1" maximum:"10"        bounds of a number, inclusive
//	exclusiveMinimum:"0"            bounds of a number, exclusive; exclusiveMaximum as well
//	multipleOf:"0.05"               exact, also for fractions
//	minItems:"1" maxItems:"5"       length of a list
//	uniqueItems:"true"              no two items of a list are equal
//	minProperties, maxProperties    size of a map
//	unique:"users.email"            no row of the table has this value in the column
//	exists:"categories.id"          a row of the table has it
//
// Tags about a single value apply to each item of a list.
//
// # Nothing
//
// A field without input has its zero value, and is validated as such: a number with minimum:"1" and a string with
// minLength:"1" are required. Use a pointer for an optional field; a nil pointer only violates required. An empty
// string also counts as no value: pattern, enum, format and exists accept it, and required and minLength reject it. For
// numbers and booleans, 0 and false are values, so required only rejects them if it is known that nothing was sent: in
// forms and JSON.
//
// # Names
//
// Fields are named by their form tag, else by their json tag, else by their Go name. Fields of nested structs are named
// "address.city", those in lists "items.0.price". Fields of embedded structs belong to the outer struct. A tag on a
// field of a type that it does not apply to is an error.
package validate

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("validate", files, "texts")

// Texts returns the messages of this package.
func Texts() *text.Set { return texts }

// Errors holds one message for each faulty field, by the name of the field.
type Errors map[string]string

// Add adds a message for a field, unless it has one already: users read only the first violated rule.
func (e Errors) Add(field, message string) {
	if _, ok := e[field]; !ok {
		e[field] = message
	}
}

// Err returns the errors as a problem (422) with a JSON Pointer for each field, or nil if there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return problem.Invalid(e.Fields()...)
}

// Fields returns the errors with JSON Pointers, sorted by them.
func (e Errors) Fields() []problem.Field {
	fields := make([]problem.Field, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		pointer := "/" + strings.ReplaceAll(strings.NewReplacer("~", "~0", "/", "~1").Replace(name), ".", "/")
		fields = append(fields, problem.Field{Pointer: pointer, Detail: e[name]})
	}
	return fields
}

// Validator is implemented by structs with rules of their own. The method runs after the tags, also for nested structs,
// and may query a database. It uses the names of its own fields.
type Validator interface {
	// Validate adds faults to errs. It returns an error only if the validation itself failed.
	Validate(ctx context.Context, errs Errors) error
}

// Options describe the context of a value.
type Options struct {
	// JSON names fields by their json tags first, and ignores those that JSON cannot set: json:"-" and readOnly:"true".
	// Defaults to false.
	JSON bool
	// Missing reports that no value was sent for the field of this name, so that required rejects a number or boolean.
	// Defaults to unknown.
	Missing func(name string) bool
	// Sent reports that the empty string in the field of this name was sent and counts as a value: pattern, enum and
	// format check it. Defaults to none.
	Sent func(name string) bool
	// Around is the outer struct, for unique's except: the input of an endpoint around its body. Defaults to none.
	Around reflect.Value
}

// Struct validates the struct that v points to. The Errors are empty if it is valid. The error is about invalid tags, a
// Validator or a [Lookup] that failed, or unique and exists without a Lookup in ctx.
func Struct(ctx context.Context, v any) (Errors, error) { return Check(ctx, v, Options{}) }

// Check is [Struct] with options. v may also point to a list or map of structs.
func Check(ctx context.Context, v any, opts Options) (Errors, error) {
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Pointer || value.IsNil() {
		return nil, fmt.Errorf("validating %T: it is no pointer to a struct", v)
	}
	c := &checker{ctx: ctx, opts: opts, errs: Errors{}}
	var err error
	switch value = value.Elem(); value.Kind() {
	case reflect.Struct:
		err = c.structure(value, "", false)
	case reflect.Slice, reflect.Array, reflect.Map:
		elem := indirect(value.Type().Elem())
		err = c.list(&field{nested: elem.Kind() == reflect.Struct && !opaque(elem)}, value, reflect.Value{}, "")
	default:
		return nil, fmt.Errorf("validating %T: it is no pointer to a struct", v)
	}
	if err != nil {
		return nil, fmt.Errorf("validating %T: %w", v, err)
	}
	return c.errs, nil
}

// Compile compiles the tags of a struct type and of the structs in it, so that invalid tags are reported before the
// first value is validated.
func Compile(t reflect.Type) error { return compileAll(t, map[reflect.Type]bool{}) }

func compileAll(t reflect.Type, seen map[reflect.Type]bool) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || opaque(t) || seen[t] {
		return nil
	}
	seen[t] = true
	p, err := planOf(t)
	if err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	for _, f := range p.fields {
		if err := compileAll(t.Field(f.index).Type, seen); err != nil {
			return err
		}
	}
	return nil
}

// Field contains the rules of one field, for single values, such as the parameters of a request.
type Field struct{ field field }

// NewField compiles the tags of the field of a struct type with this index. Its errors are for the name.
func NewField(parent reflect.Type, index int, name string) (*Field, error) {
	f, _, err := newField(parent, index)
	f.name, f.embedded = name, false
	return &Field{f}, err
}

// Check adds the faults of the field of a struct to errs. The caller rejects missing values.
func (f *Field) Check(ctx context.Context, parent reflect.Value, errs Errors, opts Options) error {
	c := &checker{ctx: ctx, opts: opts, errs: errs}
	return c.field(&f.field, parent, "")
}

// Asks reports whether there is anything to check.
func (f *Field) Asks() bool {
	return f.field.required || f.field.nested || len(f.field.rules)+len(f.field.listRules)+len(f.field.lookups) > 0
}

// Demands reports whether the zero value of a field is invalid, so that the field is required.
func Demands(parent reflect.Type, index int) bool {
	f, use, err := newField(parent, index)
	if err != nil || !use || f.unreachable {
		return false
	}
	t := parent.Field(index).Type
	everything := func(string) bool { return true }
	c := &checker{ctx: context.Background(), errs: Errors{}, opts: Options{JSON: true, Missing: everything}}
	refers := !f.list && isNumber(t) && slices.ContainsFunc(f.lookups, func(l lookup) bool { return !l.unique })
	f.lookups = nil
	return f.required || refers || (c.field(&f, reflect.New(parent).Elem(), "") == nil && len(c.errs) > 0)
}
