package config

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// parse sets dst from raw, which is a string, a []string or a map[string]string, and checks the tags. Its errors say
// what was expected and never repeat the value.
func (f *field) parse(dst reflect.Value, raw any) error {
	if err := parseValue(dst, raw); err != nil {
		return err
	}
	if isEmpty(dst) {
		return nil
	}
	if err := f.checkEnum(dst); err != nil {
		return err
	}
	return f.checkBounds(dst)
}

// checkEnum holds a value, or each item of a list, against the enum tag.
func (f *field) checkEnum(v reflect.Value) error {
	if f.enum == nil {
		return nil
	}
	items := []reflect.Value{v}
	if v.Kind() == reflect.Slice && !isScalar(v.Type()) {
		items = slices.Collect(func(yield func(reflect.Value) bool) {
			for i := range v.Len() {
				if !yield(v.Index(i)) {
					return
				}
			}
		})
	}
	for _, item := range items {
		if !slices.Contains(f.enum, fmt.Sprint(item.Interface())) {
			return fmt.Errorf("expected one of %s", strings.Join(f.enum, ", "))
		}
	}
	return nil
}

// isEmpty reports whether v holds nothing: the zero value, a list or map without elements.
func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

func parseValue(dst reflect.Value, raw any) error {
	if isScalar(dst.Type()) {
		text, ok := raw.(string)
		if !ok {
			return fmt.Errorf("expected %s, not %s", expected(dst.Type()), nounOf(raw))
		}
		return parseScalar(dst, text)
	}
	if dst.Kind() == reflect.Map {
		return parseMap(dst, raw)
	}
	return parseList(dst, raw)
}

func nounOf(raw any) string {
	if _, ok := raw.([]string); ok {
		return "a list"
	}
	return "a section"
}

func parseList(dst reflect.Value, raw any) error {
	var items []string
	switch raw := raw.(type) {
	case string:
		items = splitList(raw)
	case []string:
		items = raw
	default:
		return fmt.Errorf("expected %s, not a section", expected(dst.Type()))
	}
	list := reflect.MakeSlice(dst.Type(), len(items), len(items))
	for i, item := range items {
		if err := parseScalar(list.Index(i), item); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	if len(items) == 0 {
		list = reflect.Zero(dst.Type())
	}
	dst.Set(list)
	return nil
}

// splitList splits a comma separated list, without the empty items.
func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func parseMap(dst reflect.Value, raw any) error {
	pairs, isMap := raw.(map[string]string)
	text, isText := raw.(string)
	if !isMap && !isText {
		return fmt.Errorf("expected %s, not a list", expected(dst.Type()))
	}
	if isText {
		pairs = map[string]string{}
		for _, item := range splitList(text) {
			name, value, ok := strings.Cut(item, "=")
			if !ok {
				return fmt.Errorf("expected %s", expected(dst.Type()))
			}
			pairs[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	filled := reflect.MakeMapWithSize(dst.Type(), len(pairs))
	for name, value := range pairs {
		element := reflect.New(dst.Type().Elem()).Elem()
		if err := parseScalar(element, value); err != nil {
			return fmt.Errorf("entry %s: %w", name, err)
		}
		filled.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), element)
	}
	dst.Set(filled)
	return nil
}

// parseScalar sets dst from text; an empty text is the zero value of every type.
func parseScalar(dst reflect.Value, text string) error {
	dst.SetZero()
	if text == "" {
		return nil
	}
	if dst.Type() == durationType {
		duration, err := parseDuration(text)
		dst.SetInt(int64(duration))
		return err
	}
	if unmarshaler, ok := dst.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return unmarshaler.UnmarshalText([]byte(text))
	}
	return parseBasic(dst, text)
}

func parseBasic(dst reflect.Value, text string) error {
	var err error
	switch {
	case dst.Kind() == reflect.String:
		dst.SetString(text)
	case dst.Kind() == reflect.Bool:
		var on bool
		on, err = parseBool(text)
		dst.SetBool(on)
	case dst.CanInt():
		var number int64
		number, err = strconv.ParseInt(text, 10, dst.Type().Bits())
		dst.SetInt(number)
	case dst.CanUint():
		var number uint64
		number, err = strconv.ParseUint(text, 10, dst.Type().Bits())
		dst.SetUint(number)
	default:
		var number float64
		number, err = strconv.ParseFloat(text, dst.Type().Bits())
		if math.IsNaN(number) || math.IsInf(number, 0) {
			err = strconv.ErrRange
		}
		dst.SetFloat(number)
	}
	if err == nil {
		return nil
	}
	dst.SetZero()
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("expected %s; this one is out of range", expected(dst.Type()))
	}
	return fmt.Errorf("expected %s", expected(dst.Type()))
}

// parseBool reads what people write: true, yes, on, 1 and their opposites, in any case.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	default:
		return false, strconv.ErrSyntax
	}
}

// expected describes what can be read into a type, with an example.
func expected(t reflect.Type) string {
	switch kind := t.Kind(); {
	case t == durationType:
		return "a duration such as 30s, 15m, 12h or 7d"
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return "a " + strings.ToLower(t.Name())
	case kind == reflect.Slice:
		return "a list of values such as " + listExample(t.Elem())
	case kind == reflect.Map:
		return "pairs such as name=value"
	case kind == reflect.String:
		return "a text"
	case kind == reflect.Bool:
		return "true or false"
	case kind == reflect.Float32, kind == reflect.Float64:
		return "a number such as 0.5"
	case strings.HasPrefix(kind.String(), "uint"):
		return "a whole number such as 25, not negative"
	default:
		return "a whole number such as 25"
	}
}

func listExample(element reflect.Type) string {
	switch {
	case element == durationType:
		return "1s,5s,30s"
	case element.Kind() == reflect.String || reflect.PointerTo(element).Implements(textUnmarshaler):
		return "one,two"
	default:
		return "1,2,3"
	}
}

func (f *field) checkBounds(v reflect.Value) error {
	what := "expected"
	switch {
	case v.Kind() == reflect.String:
		what = "expected a length of"
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Map:
		what = "expected a number of items of"
	}
	if order, err := compare(v, f.min); f.min != "" && err == nil && order < 0 {
		return fmt.Errorf("%s at least %s", what, f.min)
	}
	if order, err := compare(v, f.max); f.max != "" && err == nil && order > 0 {
		return fmt.Errorf("%s at most %s", what, f.max)
	}
	return nil
}

// compare compares v with a bound written as text: numbers, durations and sizes by value, texts and lists by length.
func compare(v reflect.Value, bound string) (int, error) {
	if v.Kind() == reflect.String || v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		length, err := strconv.Atoi(bound)
		return cmp.Compare(v.Len(), length), err
	}
	limit := reflect.New(v.Type()).Elem()
	if err := parseScalar(limit, bound); err != nil {
		return 0, err
	}
	switch {
	case v.CanInt():
		return cmp.Compare(v.Int(), limit.Int()), nil
	case v.CanUint():
		return cmp.Compare(v.Uint(), limit.Uint()), nil
	case v.CanFloat():
		return cmp.Compare(v.Float(), limit.Float()), nil
	default:
		return 0, fmt.Errorf("a %v has no order", v.Type())
	}
}
