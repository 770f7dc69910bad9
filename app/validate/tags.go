package validate

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// check returns what is wrong with a value; the zero fault if nothing is.
type check = func(v reflect.Value) fault

// fault is a text of this package and its arguments.
type fault struct {
	key  string
	args []any
}

// message returns the text in the language of ctx.
func (f fault) message(ctx context.Context) string { return texts.T(ctx, f.key, f.args...) }

// keyed returns the fault with a text and its arguments.
func keyed(key string, args ...any) fault { return fault{key, args} }

// right is the fault of a valid value.
var right fault

// tag is a tag that is a rule.
type tag struct {
	name        string
	kinds       []reflect.Kind // the types of values that it applies to
	compile     func(text string, t reflect.Type, sf reflect.StructField) (check, error)
	ofList      bool
	passesEmpty bool
}

// appliesTo reports whether the tag can be used with values of a type. Tags for numbers also apply to decimals.
func (t *tag) appliesTo(of reflect.Type) bool {
	return slices.Contains(t.kinds, of.Kind()) || (isDecimal(of) && slices.Equal(t.kinds, numeric))
}

// tags are compiled in this order, in which values are also checked. A compiler that returns no check only validates
// the tag.
var tags = []tag{
	{name: "minLength", kinds: textual, compile: minLength},
	{name: "maxLength", kinds: textual, compile: maxLength},
	{name: "minimum", kinds: numeric, compile: boundRule("minimum", func(order int) bool { return order >= 0 })},
	{name: "maximum", kinds: numeric, compile: boundRule("maximum", func(order int) bool { return order <= 0 })},
	{
		name: "exclusiveMinimum", kinds: numeric,
		compile: boundRule("exclusive_minimum", func(order int) bool { return order > 0 }),
	},
	{
		name: "exclusiveMaximum", kinds: numeric,
		compile: boundRule("exclusive_maximum", func(order int) bool { return order < 0 }),
	},
	{name: "multipleOf", kinds: numeric, compile: multipleOf},
	{
		name: "enum", kinds: append([]reflect.Kind{reflect.String, reflect.Bool}, numeric...),
		compile: enum, passesEmpty: true,
	},
	{
		name: "format", kinds: append([]reflect.Kind{reflect.Slice, reflect.Struct}, append(textual, numeric...)...),
		compile: format, passesEmpty: true,
	},
	{name: "pattern", kinds: textual, compile: pattern, passesEmpty: true},
	{name: "minItems", kinds: lists, compile: minItems, ofList: true},
	{name: "maxItems", kinds: lists, compile: maxItems, ofList: true},
	{name: "uniqueItems", kinds: lists, compile: uniqueItems, ofList: true},
	{name: "minProperties", kinds: []reflect.Kind{reflect.Map}, compile: minItems, ofList: true},
	{name: "maxProperties", kinds: []reflect.Kind{reflect.Map}, compile: maxItems, ofList: true},
}

var (
	textual = []reflect.Kind{reflect.String}
	lists   = []reflect.Kind{reflect.Slice, reflect.Array}
	numeric = []reflect.Kind{
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64,
	}
)

func isNumeric(kind reflect.Kind) bool { return slices.Contains(numeric, kind) }
func isFloat(kind reflect.Kind) bool   { return kind == reflect.Float32 || kind == reflect.Float64 }

// rational is implemented by numbers of any precision, such as those of shopspring/decimal.
type rational interface{ Rat() *big.Rat }

func isDecimal(t reflect.Type) bool {
	return t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[rational]())
}

// isNumber reports whether 0 is an ordinary value of the type.
func isNumber(t reflect.Type) bool { return isNumeric(t.Kind()) || isDecimal(t) }

func finite(v reflect.Value) fault {
	if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
		return keyed("number")
	}
	return right
}

// size reads a tag that is a length.
func size(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && n < 0 {
		err = fmt.Errorf("a length is no less than 0")
	}
	return n, err
}

func minLength(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
	n, err := size(text)
	return func(v reflect.Value) fault {
		switch got := utf8.RuneCountInString(v.String()); {
		case got >= n:
			return right
		case got == 0:
			return keyed("required")
		}
		return keyed("min_length", "n", n)
	}, err
}

func maxLength(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
	n, err := size(text)
	return func(v reflect.Value) fault {
		if s := v.String(); len(s) <= n || utf8.RuneCountInString(s) <= n {
			return right
		}
		return keyed("max_length", "n", n)
	}, err
}

func minItems(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
	n, err := size(text)
	return func(v reflect.Value) fault {
		if v.Len() >= n {
			return right
		}
		return keyed("min_items", "n", n)
	}, err
}

func maxItems(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
	n, err := size(text)
	return func(v reflect.Value) fault {
		if v.Len() <= n {
			return right
		}
		return keyed("max_items", "n", n)
	}, err
}

func uniqueItems(text string, t reflect.Type, _ reflect.StructField) (check, error) {
	wanted, err := strconv.ParseBool(text)
	if err != nil || !wanted {
		return nil, err
	}
	hashable := t.Elem().Comparable() && t.Elem().Kind() != reflect.Pointer && t.Elem().Kind() != reflect.Interface
	return func(v reflect.Value) fault {
		if repeats(v, hashable) {
			return keyed("unique_items")
		}
		return right
	}, nil
}

func repeats(v reflect.Value, hashable bool) bool {
	if hashable {
		seen := make(map[any]struct{}, v.Len())
		for i := range v.Len() {
			seen[v.Index(i).Interface()] = struct{}{}
		}
		return len(seen) < v.Len()
	}
	for i := range v.Len() {
		for j := range i {
			if reflect.DeepEqual(v.Index(i).Interface(), v.Index(j).Interface()) {
				return true
			}
		}
	}
	return false
}

// boundRule compiles a tag that bounds a number.
func boundRule(key string, fits func(order int) bool) func(string, reflect.Type, reflect.StructField) (check, error) {
	return func(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
		limit, err := newLimit(text)
		return func(v reflect.Value) fault {
			if order, ok := limit.order(v); ok && fits(order) {
				return right
			}
			return keyed(key, "limit", text)
		}, err
	}
}

// limit is a bound of numbers. It is exact if it and the numbers are integers.
type limit struct {
	float    float64
	integer  int64
	integral bool
	exact    *big.Rat
}

func newLimit(text string) (limit, error) {
	f, err := strconv.ParseFloat(text, 64)
	n, intErr := strconv.ParseInt(text, 10, 64)
	exact, ok := new(big.Rat).SetString(text)
	if err == nil && !ok {
		err = fmt.Errorf("it is no number")
	}
	return limit{float: f, integer: n, integral: intErr == nil, exact: exact}, err
}

// order returns -1, 0 or 1 if v is less than, equal to or greater than the limit, and false if it is not a number.
func (l limit) order(v reflect.Value) (int, bool) {
	switch {
	case v.CanInt() && l.integral:
		return compare(v.Int(), l.integer), true
	case v.CanUint() && l.integral && l.integer < 0:
		return 1, true
	case v.CanUint() && l.integral:
		return compare(v.Uint(), uint64(l.integer)), true //nolint:gosec // it is not negative
	case v.CanInt():
		return compare(float64(v.Int()), l.float), true
	case v.CanUint():
		return compare(float64(v.Uint()), l.float), true
	}
	if number, ok := v.Interface().(rational); ok {
		return number.Rat().Cmp(l.exact), true
	}
	return compare(v.Float(), l.float), !math.IsNaN(v.Float())
}

func compare[T int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func multipleOf(text string, _ reflect.Type, _ reflect.StructField) (check, error) {
	unit, ok := new(big.Rat).SetString(text)
	if !ok || unit.Sign() <= 0 {
		return nil, fmt.Errorf("it is no number above 0")
	}
	return func(v reflect.Value) fault {
		// The decimal digits are what was sent: 0.15 is three times 0.05, which binary fractions are not.
		value, ok := toRat(v)
		if ok && new(big.Rat).Quo(value, unit).IsInt() {
			return right
		}
		return keyed("multiple_of", "unit", text)
	}, nil
}

func toRat(v reflect.Value) (*big.Rat, bool) {
	if number, ok := v.Interface().(rational); ok {
		return number.Rat(), true
	}
	return new(big.Rat).SetString(digits(v))
}

// digits returns the shortest decimal that parses as the same number.
func digits(v reflect.Value) string {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	}
	return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
}

func enum(text string, t reflect.Type, _ reflect.StructField) (check, error) {
	names := strings.Split(text, ",")
	allowed := make([]string, len(names))
	for i, name := range names {
		value := reflect.New(t).Elem()
		if err := parse(value, name); err != nil {
			return nil, fmt.Errorf("%q is no %s", name, t)
		}
		allowed[i] = scalarText(value)
	}
	wrong := keyed("enum", "choices", strings.Join(names, ", "))
	return func(v reflect.Value) fault {
		if slices.Contains(allowed, scalarText(v)) {
			return right
		}
		return wrong
	}, nil
}

// parse sets a scalar from text.
func parse(v reflect.Value, text string) error {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
		return nil
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err
	}
	f, err := strconv.ParseFloat(text, v.Type().Bits())
	v.SetFloat(f)
	return err
}

// scalarText formats a scalar so that equal values have equal texts.
func scalarText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	return digits(v)
}

func pattern(text string, _ reflect.Type, sf reflect.StructField) (check, error) {
	expression, err := regexp.Compile(text)
	wrong := keyed("pattern")
	if described := sf.Tag.Get("patternDescription"); described != "" {
		wrong = keyed("pattern_described", "description", described)
	}
	return func(v reflect.Value) fault {
		if expression.MatchString(v.String()) {
			return right
		}
		return wrong
	}, err
}
