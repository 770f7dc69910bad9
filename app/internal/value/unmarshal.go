package value

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The types that read themselves from text, of which more is known than that.
const (
	dateName = "github.com/covetgo/covet/models.Date"
	uuidName = "github.com/google/uuid.UUID"
	fileName = "github.com/covetgo/covet/app/internal/upload.File"
)

var (
	timeType    = reflect.TypeFor[time.Time]()
	decimalType = reflect.TypeFor[interface{ Rat() *big.Rat }]()
)

// nameOf returns the name of a type with the path of its package.
func nameOf(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// IsDate reports whether values of the type are days, as models.Date.
func IsDate(t reflect.Type) bool { return nameOf(t) == dateName }

// IsUUID reports whether values of the type are UUIDs of google/uuid.
func IsUUID(t reflect.Type) bool { return nameOf(t) == uuidName }

// IsDecimal reports whether values of the type are numbers of any precision: they
// have a method Rat() *big.Rat and read themselves from text, as those of
// shopspring/decimal do.
func IsDecimal(t reflect.Type) bool {
	return t.Kind() != reflect.Pointer && t.Implements(decimalType) && ReadsText(t)
}

// ReadsText reports whether values of the type read themselves from text.
func ReadsText(t reflect.Type) bool {
	return t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textType)
}

// DecimalPattern is how decimals are written.
const DecimalPattern = `^-?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`

// MaxDecimal bounds the text of a decimal.
const MaxDecimal = 200

var decimalText = regexp.MustCompile(DecimalPattern)

// ValidDecimal reports whether text is a decimal of a size that can be worked with.
//
// Threat: 1e999999999 is short, and takes all memory once its digits are written.
func ValidDecimal(text string) bool { return len(text) <= MaxDecimal && decimalText.MatchString(text) }

// ValidNumber reports whether text, a number of JSON, can be stored as it is written.
//
// Threat: 1e-20000 is nearly nothing, and more digits than PostgreSQL's jsonb takes.
func ValidNumber(text string) bool {
	const most, exponents = 1000, 3
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	return len(text) <= most && len(strings.TrimLeft(exponent, "+-0")) <= exponents
}

// ValidUUID reports whether text is written as a UUID usually is (RFC 9562), which
// is stricter than what google/uuid reads.
func ValidUUID(text string) bool { return len(text) == len("00000000-0000-0000-0000-000000000000") }

// textDecoder returns a decoder for types that unmarshal text.
func textDecoder(t reflect.Type) decoder {
	valid := func(string) bool { return true }
	switch {
	case IsDecimal(t):
		return decimal
	case IsUUID(t):
		valid = ValidUUID
	case IsDate(t):
		valid = func(text string) bool { return text != "" && text[0] != '0' } // years of four digits, from 1000
	case t == timeType:
		return decodeTime
	}
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		if native := reflect.ValueOf(v.Native); v.Kind == Native && native.Type() == t {
			dst.Set(native)
			return
		}
		if s.hasText(v, dst, at) && (!valid(v.Text) || unmarshal(dst, v.Text) != nil) {
			s.expected(at, kindOf(t))
		}
	}
}

// hasText reports whether v has text to decode. An empty field of a form sets dst to
// its zero value.
func (s *state) hasText(v *Value, dst reflect.Value, at *path) bool {
	switch {
	case v.Kind != String && v.Kind != Field:
		s.wrongType(v, at, "string")
		return false
	case v.Kind == Field && v.Text == "":
		dst.SetZero()
		return false
	}
	return s.storable(v.Text, at)
}

func unmarshal(dst reflect.Value, text string) error {
	own, _ := dst.Addr().Interface().(encoding.TextUnmarshaler) // newDecoder saw that it is one
	return own.UnmarshalText([]byte(text))
}

// decimal reads a number of any precision from a string, which keeps its digits in
// every client, or from a number.
func decimal(s *state, v *Value, dst reflect.Value, at *path) {
	switch {
	case v.Kind == Number && !ValidDecimal(v.Text):
		s.fault(at, "too_long")
		return
	case v.Kind == Number:
		v = &Value{Kind: String, Text: v.Text}
	case v.Kind != String && v.Kind != Field:
		s.wrongType(v, at, "number")
		return
	}
	if s.hasText(v, dst, at) && (!ValidDecimal(v.Text) || unmarshal(dst, v.Text) != nil) {
		s.expected(at, "number")
	}
}

// layouts are those of times in a page: as programs write them, and as an input of
// the type datetime-local does, which means UTC.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"}

// decodeTime reads a time, which is kept in UTC and of the years 1000 to 9999 there.
// MySQL stores no others, and JSON writes none after them.
//
// Threat: one row with such a time makes every list that it is in fail, for every user.
func decodeTime(s *state, v *Value, dst reflect.Value, at *path) {
	if !s.hasText(v, dst, at) {
		return
	}
	t, err := s.time(v.Text)
	if t = t.UTC(); err != nil || t.Year() < 1000 || t.Year() > 9999 {
		s.expected(at, "date_time")
		return
	}
	dst.Set(reflect.ValueOf(t))
}

// time reads a time in one of the layouts. Programs have to write it as RFC 3339 says, to the letter.
func (s *state) time(text string) (t time.Time, err error) {
	if !s.page {
		err = t.UnmarshalText([]byte(text))
		return t, err
	}
	for _, layout := range layouts {
		if t, err = time.Parse(layout, text); err == nil {
			break
		}
	}
	return t, err
}

// decodeJSON lets a value unmarshal JSON, which is the text of a field in a form.
func decodeJSON(s *state, v *Value, dst reflect.Value, at *path) {
	if s.page && v.Kind == Field {
		if v.Text == "" {
			dst.SetZero()
			return
		}
		tree, err := ParseJSON([]byte(v.Text))
		if err != nil {
			s.fault(at, "form.json")
			return
		}
		v = &tree
	}
	before := len(s.Faults)
	s.native(v, at) // finds what cannot be stored
	if len(s.Faults) > before {
		return
	}
	own, _ := dst.Addr().Interface().(json.Unmarshaler) // newDecoder saw that it is one
	if own.UnmarshalJSON(appendJSON(nil, v)) != nil {
		s.expected(at, kindOf(dst.Type()))
	}
}

// appendJSON writes a value as JSON, numbers with all the digits that were sent.
func appendJSON(b []byte, v *Value) []byte {
	switch v.Kind {
	case Bool:
		return strconv.AppendBool(b, v.Bool)
	case Number:
		return append(b, v.Text...)
	case String, Field:
		return appendText(b, v.Text)
	case Bytes:
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), []byte(v.Text)), '"')
	case List:
		b = append(b, '[')
		for i := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, &v.Members[i].Value)
		}
		return append(b, ']')
	case Object:
		b = append(b, '{')
		for i := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, v.Members[i].Name), ':')
			b = appendJSON(b, &v.Members[i].Value)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendText writes a string. Text without escapes, as nearly all is, is not read twice.
func appendText(b []byte, text string) []byte {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, _ := json.Marshal(text) // of a string
	return append(b, quoted...)
}

// kindOf returns what is expected of a value of the type.
func kindOf(t reflect.Type) string {
	switch {
	case t == timeType:
		return "date_time"
	case IsDate(t):
		return "date"
	case IsUUID(t):
		return "uuid"
	case nameOf(t) == fileName:
		return "file"
	}
	return "pattern"
}
