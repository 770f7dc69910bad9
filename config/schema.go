package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// A field is one key of the configuration, found in the struct type.
type field struct {
	key      string // "database.max_open_conns"
	env      string // "DATABASE_MAX_OPEN_CONNS"
	index    []int  // for reflect.Value.FieldByIndex
	typ      reflect.Type
	doc      string
	fallback string // the default tag
	hasTag   bool   // whether there is a default tag
	secret   bool
	declared bool   // whether there is a secret tag, of either value
	required string // "", "true" or the name of an environment
	enum     []string
	min, max string
}

// A section is a struct of the configuration: the whole, a nested or an embedded one.
type section struct {
	key   string // "" for the top and what is embedded in it
	index []int
}

// A schema is what Load knows of a configuration type.
type schema struct {
	fields   []*field
	byKey    map[string]*field
	byEnv    map[string]*field
	sections []section
	isPrefix map[string]bool // keys of sections, "" included
}

// schemaOf reads the struct type t. Its errors are mistakes of the programmer who declared the type, all at once.
func schemaOf(t reflect.Type) (*schema, error) {
	s := &schema{byKey: map[string]*field{}, byEnv: map[string]*field{}, isPrefix: map[string]bool{}}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("declaring the configuration: %v is not a struct", t)
	}
	err := s.walk(t, "", nil)
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("declaring the configuration %v: %w", t, err)
	}
	return s, nil
}

func (s *schema) walk(t reflect.Type, prefix string, index []int) error {
	s.sections = append(s.sections, section{key: prefix, index: index})
	s.isPrefix[prefix] = true
	faults := []error{checkValidate(t, prefix)}
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int{}, index...), i)
		faults = append(faults, s.walkField(f, prefix, at))
	}
	return errors.Join(faults...)
}

func (s *schema) walkField(f reflect.StructField, prefix string, index []int) error {
	name, named := f.Tag.Lookup("config")
	switch {
	case name == "-", !f.IsExported() && !f.Anonymous:
		return nil
	case f.Anonymous && f.Type.Kind() == reflect.Struct && !named && !isLeaf(f.Type):
		return s.walk(f.Type, prefix, index)
	case f.Anonymous:
		return fmt.Errorf("the embedded %v has to be a struct without a config tag; give it a field name", f.Type)
	case !named:
		name = snakeCase(f.Name)
	}
	key := join(prefix, name)
	if f.Type.Kind() == reflect.Struct && !isLeaf(f.Type) {
		return s.walk(f.Type, key, index)
	}
	if !isLeaf(f.Type) {
		return fmt.Errorf("%s: a %v cannot be read from text; let it implement encoding.TextUnmarshaler", key, f.Type)
	}
	return s.add(newField(f, key, index))
}

func newField(f reflect.StructField, key string, index []int) *field {
	tag := f.Tag
	fallback, hasTag := tag.Lookup("default")
	secret, declared := tag.Lookup("secret")
	n := &field{
		key: key, env: envName(key), index: index, typ: f.Type, doc: tag.Get("doc"),
		fallback: fallback, hasTag: hasTag, secret: secret == "true", declared: declared,
		required: tag.Get("required"), min: tag.Get("min"), max: tag.Get("max"),
	}
	if enum := tag.Get("enum"); enum != "" {
		n.enum = strings.Split(enum, ",")
	}
	return n
}

func (s *schema) add(f *field) error {
	if s.byKey[f.key] != nil {
		return fmt.Errorf("%s: two fields have this key", f.key)
	}
	if other := s.byEnv[f.env]; other != nil {
		return fmt.Errorf("%s: the environment variable %s is that of %s as well", f.key, f.env, other.key)
	}
	s.fields = append(s.fields, f)
	s.byKey[f.key] = f
	s.byEnv[f.env] = f
	return nil
}

// children returns the names directly below a section, for suggestions.
func (s *schema) children(prefix string) []string {
	seen := map[string]bool{}
	var names []string
	for _, f := range s.fields {
		rest, ok := strings.CutPrefix(f.key, prefix+".")
		if prefix == "" {
			rest, ok = f.key, true
		}
		name, _, _ := strings.Cut(rest, ".")
		if ok && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// envName is the environment variable of a key.
func envName(key string) string {
	return strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// flagName is the command-line flag of a key, as shown in sources.
func flagName(key string) string {
	return "--" + strings.NewReplacer(".", "-", "_", "-").Replace(key)
}

// snakeCase turns a Go field name into a key: MaxOpenConns is max_open_conns, URL is url, S3Bucket is s3_bucket.
func snakeCase(name string) string {
	runes := []rune(name)
	var out strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if (afterLower || beforeLower) && runes[i-1] != '_' {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isLeaf reports whether a value of type t is read from one text, list or map, and is no section.
func isLeaf(t reflect.Type) bool {
	if isScalar(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Slice:
		return isScalar(t.Elem())
	case reflect.Map:
		return t.Key().Kind() == reflect.String && isScalar(t.Elem())
	default:
		return false
	}
}

func isScalar(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	default:
		return false
	}
}
