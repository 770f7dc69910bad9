package value

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// decoder puts a value into dst.
type decoder func(s *state, v *Value, dst reflect.Value, at *path)

// decoders remembers one decoder a type, as encoding/json does: they follow from
// the type alone, so that it only ever grows by the program's types.
var decoders sync.Map // reflect.Type → decoder

var (
	textType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonType = reflect.TypeFor[json.Unmarshaler]()
)

// Compile makes sure that values of a type can be bound. It returns an error for
// channels, functions, interfaces with methods, and tags that make no sense.
func Compile(t reflect.Type) error { return compile(t, map[reflect.Type]bool{}) }

func compile(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] || Opaque(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("no JSON is a %s", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("no JSON is a %s: it does not say which type", t)
		}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("the keys of %s are no strings", t)
		}
		return compile(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return compile(t.Elem(), seen)
	case reflect.Struct:
		fields, err := Fields(t)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if err := compile(f.Type, seen); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
	}
	return nil
}

// Opaque reports whether values of the type read themselves from text or JSON.
func Opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() != reflect.Pointer && (p.Implements(jsonType) || p.Implements(textType))
}

func decoderOf(t reflect.Type) decoder {
	if known, ok := decoders.Load(t); ok {
		return known.(decoder)
	}
	var d decoder
	var once sync.Once
	// A type may hold itself: until its decoder is there, this one waits for it.
	decoders.LoadOrStore(t, decoder(func(s *state, v *Value, dst reflect.Value, at *path) {
		once.Do(func() { d = newDecoder(t) })
		d(s, v, dst, at)
	}))
	once.Do(func() { d = newDecoder(t) })
	decoders.Store(t, d)
	return d
}

func newDecoder(t reflect.Type) decoder {
	switch {
	case t.Kind() == reflect.Pointer:
		return pointer(t)
	case ReadsText(t):
		return textDecoder(t)
	case Opaque(t):
		return decodeJSON
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolean
	case reflect.String:
		return decodeText
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integer
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return unsigned
	case reflect.Float32, reflect.Float64:
		return float
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return bytes
		}
		return slice(t)
	case reflect.Array:
		return array(t)
	case reflect.Map:
		return mapDecoder(t)
	case reflect.Struct:
		return structure(t)
	case reflect.Interface:
		return decodeAny
	}
	return func(s *state, _ *Value, _ reflect.Value, at *path) { s.fault(at, "unknown") }
}

func pointer(t reflect.Type) decoder {
	elem := decoderOf(t.Elem())
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		if v.Kind == Null || (v.Kind == Field && v.Text == "") {
			dst.SetZero()
			return
		}
		if dst.IsNil() {
			dst.Set(reflect.New(t.Elem()))
		}
		elem(s, v, dst.Elem(), at)
	}
}

// wrongType records that a value is of the wrong type.
func (s *state) wrongType(v *Value, at *path, expected string) {
	if v.Kind == Null {
		s.fault(at, "null")
		return
	}
	s.expected(at, expected)
}

func boolean(s *state, v *Value, dst reflect.Value, at *path) {
	switch {
	case v.Kind == Bool:
		dst.SetBool(v.Bool)
	case v.Kind == Field && (v.Text == "on" || v.Text == "true" || v.Text == "1"):
		dst.SetBool(true)
	case v.Kind == Field && (v.Text == "" || v.Text == "off" || v.Text == "false" || v.Text == "0"):
		dst.SetBool(false)
	default:
		s.wrongType(v, at, "bool")
	}
}

func decodeText(s *state, v *Value, dst reflect.Value, at *path) {
	if v.Kind != String && v.Kind != Field {
		s.wrongType(v, at, "string")
		return
	}
	if !s.storable(v.Text, at) {
		return
	}
	if v.Text == "" && v.Kind == String {
		s.empty(at)
	}
	dst.SetString(v.Text)
}

// storable refuses what not every database can store: NUL, and what is no UTF-8.
func (s *state) storable(text string, at *path) bool {
	if strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
		return true
	}
	s.fault(at, "not_text")
	return false
}

func integer(s *state, v *Value, dst reflect.Value, at *path) {
	digits, ok := s.wholeNumber(v, at)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(digits, 10, dst.Type().Bits())
	if err != nil {
		s.outOfRange(at, digits)
		return
	}
	dst.SetInt(n)
}

func unsigned(s *state, v *Value, dst reflect.Value, at *path) {
	digits, ok := s.wholeNumber(v, at)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, dst.Type().Bits())
	if err != nil && digits != "-0" {
		s.outOfRange(at, digits)
		return
	}
	dst.SetUint(n)
}

// outOfRange records that a number is outside of the range of its type.
func (s *state) outOfRange(at *path, digits string) {
	if strings.HasPrefix(digits, "-") {
		s.fault(at, "too_small")
		return
	}
	s.fault(at, "too_large")
}

// wholeNumber returns the digits of a whole number, of which 1.0 and 1e3 are, too.
func (s *state) wholeNumber(v *Value, at *path) (string, bool) {
	if v.Kind == Field && v.Text == "" {
		return "0", true
	}
	if v.Kind != Number && v.Kind != Field {
		s.wrongType(v, at, "whole")
		return "", false
	}
	text := v.Text
	if _, err := strconv.ParseInt(text, 10, 64); err == nil || onlyDigits(text) {
		return text, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if v.Kind == Field && (err != nil || strings.ContainsAny(text, "xX_nN")) {
		s.expected(at, "whole")
		return "", false
	}
	switch {
	case err != nil || math.Abs(f) >= 1<<53:
		s.outOfRange(at, text)
	case f != math.Trunc(f):
		s.expected(at, "whole")
	default:
		return strconv.FormatFloat(f, 'f', 0, 64), true
	}
	return "", false
}

func onlyDigits(text string) bool {
	text = strings.TrimPrefix(text, "-")
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func float(s *state, v *Value, dst reflect.Value, at *path) {
	if v.Kind == Field && v.Text == "" {
		dst.SetFloat(0)
		return
	}
	if v.Kind != Number && v.Kind != Field {
		s.wrongType(v, at, "number")
		return
	}
	f, err := strconv.ParseFloat(v.Text, dst.Type().Bits())
	switch {
	case v.Kind == Field && strings.ContainsAny(v.Text, "xX_nN"): // hexadecimal, NaN and infinity are no JSON
		s.expected(at, "number")
	case err != nil && math.IsInf(f, 0):
		s.outOfRange(at, v.Text)
	case err != nil:
		s.expected(at, "number")
	default:
		dst.SetFloat(f)
	}
}

func bytes(s *state, v *Value, dst reflect.Value, at *path) {
	switch v.Kind {
	case Bytes:
		dst.SetBytes([]byte(v.Text))
	case String, Field:
		b, err := base64.StdEncoding.DecodeString(v.Text)
		if err != nil {
			s.fault(at, "json.bytes")
			return
		}
		dst.SetBytes(b)
	default:
		s.wrongType(v, at, "bytes")
	}
}

// items returns the items of a list. A form field that is there once is a list of one.
func (s *state) items(v *Value, at *path) ([]Member, bool) {
	switch v.Kind {
	case List:
		return v.Members, true
	case Field, Native:
		return []Member{{Value: *v}}, true
	}
	s.wrongType(v, at, "list")
	return nil, false
}

func slice(t reflect.Type) decoder {
	elem := decoderOf(t.Elem())
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		items, ok := s.items(v, at)
		if !ok {
			return
		}
		list := reflect.MakeSlice(t, len(items), len(items))
		for i := range items {
			elem(s, &items[i].Value, list.Index(i), &path{at, "", i})
		}
		dst.Set(list)
	}
}

func array(t reflect.Type) decoder {
	elem := decoderOf(t.Elem())
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		items, ok := s.items(v, at)
		if !ok {
			return
		}
		if len(items) != t.Len() {
			s.fault(at, "length", "n", t.Len())
			return
		}
		for i := range items {
			elem(s, &items[i].Value, dst.Index(i), &path{at, "", i})
		}
	}
}

func mapDecoder(t reflect.Type) decoder {
	elem := decoderOf(t.Elem())
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		if v.Kind != Object {
			s.wrongType(v, at, "object")
			return
		}
		m := reflect.MakeMapWithSize(t, len(v.Members))
		for i := range v.Members {
			name := v.Members[i].Name
			to := &path{at, name, -1}
			if !s.storable(name, to) {
				continue
			}
			item := reflect.New(t.Elem()).Elem()
			elem(s, &v.Members[i].Value, item, to)
			m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), item)
		}
		dst.Set(m)
	}
}

// decodeAny binds a value to an any, as encoding/json does.
func decodeAny(s *state, v *Value, dst reflect.Value, at *path) {
	if native := s.native(v, at); native != nil {
		dst.Set(reflect.ValueOf(native))
		return
	}
	dst.SetZero()
}

func (s *state) native(v *Value, at *path) any {
	switch v.Kind {
	case Bool:
		return v.Bool
	case Number:
		f, err := strconv.ParseFloat(v.Text, 64)
		switch {
		case err != nil:
			s.outOfRange(at, v.Text)
		case !ValidNumber(v.Text):
			s.fault(at, "too_long")
		}
		return f
	case String, Field:
		s.storable(v.Text, at)
		return v.Text
	case Bytes:
		return base64.StdEncoding.EncodeToString([]byte(v.Text))
	case List:
		list := make([]any, len(v.Members))
		for i := range v.Members {
			list[i] = s.native(&v.Members[i].Value, &path{at, "", i})
		}
		return list
	case Object:
		object := make(map[string]any, len(v.Members))
		for i := range v.Members {
			name := v.Members[i].Name
			to := &path{at, name, -1}
			s.storable(name, to)
			object[name] = s.native(&v.Members[i].Value, to)
		}
		return object
	}
	return nil
}
