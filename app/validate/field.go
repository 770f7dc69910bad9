package validate

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// field is one field of a struct with its rules.
type field struct {
	index            int
	name             string
	nested, embedded bool
	required         bool
	rules            []rule
}

// rule returns what is wrong with a value, or "".
type rule func(v reflect.Value) string

func newField(sf reflect.StructField, index int) (field, bool, error) {
	f := field{index: index, name: name(sf), embedded: sf.Anonymous, nested: holdsStruct(sf.Type)}
	f.required = sf.Tag.Get("required") == "true"
	for _, compile := range compilers {
		text, ok := sf.Tag.Lookup(compile.tag)
		if !ok {
			continue
		}
		if !slices.Contains(compile.kinds, pointed(sf.Type).Kind()) {
			return f, false, fmt.Errorf("tag %s says nothing about a %s", compile.tag, sf.Type)
		}
		r, err := compile.rule(text, sf)
		if err != nil {
			return f, false, fmt.Errorf("tag %s:%q: %w", compile.tag, text, err)
		}
		f.rules = append(f.rules, r)
	}
	return f, (sf.IsExported() || sf.Anonymous) && (f.nested || f.required || len(f.rules) > 0), nil
}

// pointed returns the type that t points to, or t itself.
func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// holdsStruct reports whether t is a struct to look into, a pointer to one, or a
// list of either.
func holdsStruct(t reflect.Type) bool {
	t = pointed(t)
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = pointed(t.Elem())
	}
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
}

func name(sf reflect.StructField) string {
	for _, tag := range []string{"form", "json"} {
		if name, _, _ := strings.Cut(sf.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return sf.Name
}

// check returns the message of the first rule that v breaks.
func (f field) check(v reflect.Value) string {
	if v.IsZero() && f.required {
		return "Please fill this in."
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	for _, r := range f.rules {
		if message := r(v); message != "" {
			return message
		}
	}
	return ""
}

// compilers make rules of tags, in the order in which they are checked.
var compilers = []struct {
	tag   string
	kinds []reflect.Kind // of fields that the tag says something about
	rule  func(text string, sf reflect.StructField) (rule, error)
}{
	{"minLength", sized, minLength},
	{"maxLength", sized, maxLength},
	{"minimum", numeric, minimum},
	{"maximum", numeric, maximum},
	{"enum", append([]reflect.Kind{reflect.String}, numeric...), enum},
	{"format", textual, format},
	{"pattern", textual, pattern},
}

var (
	textual = []reflect.Kind{reflect.String}
	sized   = []reflect.Kind{reflect.String, reflect.Slice, reflect.Array, reflect.Map}
	numeric = []reflect.Kind{
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64,
	}
)

func minLength(text string, sf reflect.StructField) (rule, error) {
	n, err := strconv.Atoi(text)
	return func(v reflect.Value) string {
		switch got := length(v); {
		case got >= n:
			return ""
		case got == 0:
			return "Please fill this in."
		}
		return fmt.Sprintf("This is too short: at least %d %s.", n, unit(sf))
	}, err
}

func maxLength(text string, sf reflect.StructField) (rule, error) {
	n, err := strconv.Atoi(text)
	return func(v reflect.Value) string {
		if length(v) <= n {
			return ""
		}
		return fmt.Sprintf("This is too long: at most %d %s.", n, unit(sf))
	}, err
}

func unit(sf reflect.StructField) string {
	if pointed(sf.Type).Kind() == reflect.String {
		return "characters"
	}
	return "items"
}

func length(v reflect.Value) int {
	if v.Kind() == reflect.String {
		return utf8.RuneCountInString(v.String())
	}
	return v.Len()
}

func minimum(text string, _ reflect.StructField) (rule, error) {
	bound, err := strconv.ParseFloat(text, 64)
	return func(v reflect.Value) string {
		if number(v) >= bound {
			return ""
		}
		return "This must be at least " + text + "."
	}, err
}

func maximum(text string, _ reflect.StructField) (rule, error) {
	bound, err := strconv.ParseFloat(text, 64)
	return func(v reflect.Value) string {
		if number(v) <= bound {
			return ""
		}
		return "This must be at most " + text + "."
	}, err
}

func number(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}

func enum(text string, _ reflect.StructField) (rule, error) {
	allowed := strings.Split(text, ",")
	return func(v reflect.Value) string {
		if s := fmt.Sprint(v.Interface()); s == "" || slices.Contains(allowed, s) {
			return ""
		}
		return "Choose one of: " + strings.Join(allowed, ", ") + "."
	}, nil
}

func pattern(text string, sf reflect.StructField) (rule, error) {
	expression, err := regexp.Compile(text)
	message := "This does not have the right form."
	if described := sf.Tag.Get("patternDescription"); described != "" {
		message = "This must be " + described + "."
	}
	return func(v reflect.Value) string {
		if s := v.String(); s == "" || expression.MatchString(s) {
			return ""
		}
		return message
	}, err
}

func format(text string, _ reflect.StructField) (rule, error) {
	for _, f := range formats {
		if f.name == text {
			return func(v reflect.Value) string {
				if s := v.String(); s == "" || f.valid(s) {
					return ""
				}
				return f.message
			}, nil
		}
	}
	return nil, fmt.Errorf("this format is unknown")
}

var formats = []struct {
	name, message string
	valid         func(string) bool
}{
	{"email", "Enter an e-mail address, such as ada@example.com.", isEmail},
	{"uri", "Enter an address that starts with https://.", isURI},
	{"uuid", "Enter a UUID.", func(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 }},
	{"date", "Enter a date as year-month-day.", func(s string) bool { return parses(time.DateOnly, s) }},
	{"date-time", "Enter a date and time (RFC 3339).", func(s string) bool { return parses(time.RFC3339, s) }},
}

// isEmail accepts a bare address (RFC 5321 Mailbox) with a dotted or local
// domain, and no display name.
func isEmail(s string) bool {
	address, err := netmail.ParseAddress(s)
	return err == nil && address.Name == "" && address.Address == s && !strings.ContainsAny(s, " \t\r\n\"<>")
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func parses(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}
