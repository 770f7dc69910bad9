package api

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/validate"
)

// input describes the type of an input: parameters, dependencies and a body.
type input struct {
	params       []param
	dependencies []dependency
	body         *body
	envelope     string // the member that contains the body, or empty
	validates    bool
	cursor       bool // whether it has a Cursor
}

// param is one parameter.
type param struct {
	name, in string
	parent   []int // path to the struct that has the field
	index    []int // path to the field
	field    reflect.StructField
	binder   value.Binder
	list     bool            // whether it may be repeated
	rules    *validate.Field // nil if there are no rules
	fallback *value.Value
	required bool
}

// dependency is a part of the input that a provider sets.
type dependency struct {
	*provider
	index []int
}

// body describes the body.
type body struct {
	index    []int
	t        reflect.Type // without the pointer of an optional one
	optional bool
	raw      bool   // unparsed bytes
	envelope string // the member that contains the body, or empty
	checked  bool   // by package validate
	form     bool   // flat enough for a form
	files    map[string]upload.Rule
	types    []string // accepted media types
	binder   value.Binder
}

var validatorType = reflect.TypeFor[validate.Validator]()

// newInput analyzes the type of an input. Envelope is the member that contains the body, or empty.
func (m *Module) newInput(t reflect.Type, path, envelope string) (*input, error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("it is not a struct")
	}
	in := &input{validates: reflect.PointerTo(t).Implements(validatorType), envelope: envelope}
	if err := in.walk(m, t, nil, false); err != nil {
		return nil, err
	}
	slices.SortStableFunc(in.dependencies, func(a, b dependency) int {
		switch {
		case a.first == b.first:
			return 0
		case a.first:
			return -1
		}
		return 1
	})
	return in, in.matches(path)
}

// walk analyzes the fields of a struct. Fields of a dependency need no tags.
func (in *input) walk(m *Module, t reflect.Type, index []int, inside bool) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		where, name := location(sf)
		provided := m.providers[sf.Type]
		var err error
		switch {
		case provided != nil:
			if !provided.first { // its own dependencies come before it
				err = in.walk(m, sf.Type, at, true)
			}
			in.dependencies = append(in.dependencies, dependency{provided, at})
			in.cursor = in.cursor || sf.Type == reflect.TypeFor[Cursor]()
		case where != "":
			err = in.param(t, i, at, where, name)
		case !sf.IsExported() && !sf.Anonymous, inside && !sf.Anonymous:
		case sf.Anonymous && sf.Type.Kind() == reflect.Struct:
			err = in.walk(m, sf.Type, at, inside)
		case inside:
		case sf.Name == "Body" || sf.Name == "RawBody":
			err = in.newBody(sf, at)
		default:
			err = errors.New("it has no tag path, query, header or cookie, is not called Body " +
				"or RawBody, and is not a provided dependency")
		}
		if err != nil {
			return fmt.Errorf("field %s: %w", sf.Name, err)
		}
	}
	return nil
}

// location returns the location of a parameter, and its name.
func location(sf reflect.StructField) (where, name string) {
	for _, where := range []string{"path", "query", "header", "cookie"} {
		if name := sf.Tag.Get(where); name != "" {
			return where, name
		}
	}
	return "", ""
}

func (in *input) param(parent reflect.Type, i int, at []int, where, name string) error {
	sf := parent.Field(i)
	if !sf.IsExported() {
		return errors.New("it is not exported")
	}
	if err := scalar(sf.Type); err != nil {
		return err
	}
	if err := value.CheckDefault(sf); err != nil {
		return err
	}
	rules, err := validate.NewField(parent, i, name)
	if err != nil {
		return err
	}
	p := param{
		name:     name,
		in:       where,
		parent:   at[:len(at)-1],
		index:    at,
		field:    sf,
		required: where == "path" || sf.Tag.Get("required") == "true",
	}
	p.binder, p.list = value.NewBinder(sf.Type), elemKind(sf.Type) == reflect.Slice
	if rules.Asks() {
		p.rules = rules
	}
	if text, ok := sf.Tag.Lookup("default"); ok {
		fallback := value.Default(sf.Type, text)
		p.fallback = &fallback
	}
	in.params = append(in.params, p)
	return nil
}

// scalar returns an error unless values of the type can be parameters: scalars, types that unmarshal text, and lists of
// them. A pointer is nil without the parameter.
func scalar(t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice && !value.Opaque(t) {
		t = t.Elem()
	}
	if value.ReadsText(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Interface, reflect.Chan, reflect.Func:
		return fmt.Errorf("a parameter cannot be a %s", t)
	case reflect.Struct:
		return fmt.Errorf("a parameter cannot be a %s", t)
	}
	return value.Compile(t)
}

// matches returns an error unless the path has exactly the path parameters of the input.
func (in *input) matches(path string) error {
	var want, have []string
	for _, match := range parameter.FindAllStringSubmatch(path, -1) {
		want = append(want, match[1])
	}
	for _, p := range in.params {
		if p.in == "path" {
			have = append(have, p.name)
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		return fmt.Errorf("the path has the parameters [%s], and the input [%s]",
			strings.Join(want, " "), strings.Join(have, " "))
	}
	return nil
}

const (
	typeJSON      = "application/json"
	typeCBOR      = "application/cbor"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

func (in *input) newBody(sf reflect.StructField, at []int) error {
	if in.body != nil {
		return errors.New("there is more than one body")
	}
	b := &body{index: at, t: sf.Type}
	in.body = b
	if sf.Name == "RawBody" {
		if sf.Type != reflect.TypeFor[[]byte]() {
			return errors.New("it is not a []byte")
		}
		b.raw, b.types = true, []string{"application/octet-stream"}
		if types := sf.Tag.Get("contentType"); types != "" {
			b.types = strings.Split(types, ",")
		}
		return nil
	}
	if b.optional = b.t.Kind() == reflect.Pointer; b.optional {
		b.t = b.t.Elem()
	}
	if err := noSecrets(b.t); err != nil {
		return err
	}
	if in.envelope != "" && !hasFiles(b.t) {
		b.envelope, b.t = in.envelope, envelopeOf(in.envelope, b.t)
	}
	if err := value.Compile(b.t); err != nil {
		return err
	}
	if err := validate.Compile(b.t); err != nil {
		return err
	}
	b.binder = value.NewBinder(b.t)
	b.checked = b.t.Kind() == reflect.Struct && !value.Opaque(b.t) || b.t.Kind() == reflect.Slice ||
		b.t.Kind() == reflect.Map
	return b.setMediaTypes()
}

// hasFiles reports whether a body of the type is a form with files, which has no envelope.
func hasFiles(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || value.Opaque(t) {
		return false
	}
	return slices.ContainsFunc(reflect.VisibleFields(t), func(sf reflect.StructField) bool {
		_, isFile, _ := upload.NewRule(sf) // setMediaTypes returns the error
		return isFile
	})
}

// setMediaTypes sets the accepted media types of the body.
func (b *body) setMediaTypes() error {
	b.types = []string{typeJSON, typeCBOR}
	if b.t.Kind() != reflect.Struct || value.Opaque(b.t) {
		return nil
	}
	fields, err := value.Fields(b.t)
	if err != nil {
		return err
	}
	b.form = true
	for _, f := range fields {
		if err := value.CheckDefault(f.StructField); err != nil {
			return err
		}
		rule, isFile, err := upload.NewRule(f.StructField)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		if isFile {
			if b.files == nil {
				b.files = map[string]upload.Rule{}
			}
			b.files[f.JSON] = rule
		}
		b.form = b.form && (isFile || scalar(f.Type) == nil)
	}
	switch {
	case b.files != nil && !b.form:
		return errors.New("a body with files may only have fields of simple types")
	case b.files != nil:
		b.types = []string{typeMultipart}
	case b.form:
		b.types = append(b.types, typeForm, typeMultipart)
	}
	return nil
}
