package meta

import (
	"context"
	"database/sql"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/internal/value"
)

// Layouts of times as a form sends them.
const (
	FormTime = "2006-01-02T15:04:05"
	formTime = "2006-01-02T15:04" // as browsers send it when the seconds are zero
)

var timeLayouts = []string{
	FormTime, formTime, "2006-01-02T15:04:05.999999", time.DateTime, time.RFC3339, time.DateOnly,
}

// Text writes a value as a control holds it.
func (f *Field) Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if v.IsZero() {
			return ""
		}
		if v.Second() == 0 {
			return v.Format(formTime)
		}
		return v.Format(FormTime)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		if f.Kind == Bytes {
			return fmt.Sprintf("%d bytes", len(v))
		}
		return f.spelled(Clean(string(v)))
	case string:
		return f.spelled(Clean(v))
	}
	return fmt.Sprint(value)
}

// spelled writes a decimal with all digits of its column, on which databases do not agree.
func (f *Field) spelled(text string) string {
	if f.Kind == Decimal {
		return format.Decimal(text, f.scale)
	}
	return text
}

// Shown writes a value for people: "" is NULL or empty.
func (f *Field) Shown(value any) string {
	switch v := value.(type) {
	case time.Time:
		if f.Kind == Date {
			return format.Date(v)
		}
		return format.Time(v)
	case bool:
		return format.Bool(v)
	}
	text := f.Text(value)
	switch f.Kind {
	case Enum:
		return format.Value(text)
	case Date:
		return format.Day(text)
	}
	return text
}

// ShownText is [Field.Shown] for a value that [Field.Text] wrote, such as one in the audit log.
func (f *Field) ShownText(text string) string {
	switch f.Kind {
	case Bool, Time:
		if value, err := f.Parse(text); err == nil && value != nil {
			return f.Shown(value)
		}
		return text
	case Enum, Date, Decimal:
		return f.Shown(text)
	}
	return text
}

// FileName is what pages call the file with a storage key: "Photo (PNG)".
func (f *Field) FileName(key string) string {
	if extension := strings.TrimPrefix(path.Ext(key), "."); extension != "" {
		return f.Label + " (" + strings.ToUpper(extension) + ")"
	}
	return f.Label
}

// pictures are the extensions of storage keys that browsers show as pictures.
var pictures = []string{".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"}

// Pictured reports whether pages show the file with a storage key as a picture.
func (f *Field) Pictured(key string) bool { return slices.Contains(pictures, path.Ext(key)) }

// Clean returns text as forms send it: valid, with line breaks of one character.
func Clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
}

// errInput is what is wrong with something that was typed in, as a sentence.
type errInput string

func (e errInput) Error() string { return string(e) }

// Message returns what is wrong with a value that Assign refused.
func Message(err error) string {
	var input errInput
	if errors.As(err, &input) {
		return string(input)
	}
	return "This does not have the right form."
}

// Parse reads what a control sent. The error is a sentence for who typed it.
func (f *Field) Parse(text string) (any, error) {
	if strings.TrimSpace(text) == "" && (f.Optional || !f.textual()) {
		switch {
		case f.Optional:
			return nil, nil
		case f.Kind == JSON && f.column.FieldType == rawType:
			return "{}", nil
		}
		return nil, errInput("Please fill this in.")
	}
	switch f.Kind {
	case Date, Decimal, UUID:
		return f.parseStrict(strings.TrimSpace(text))
	case Bool:
		return parsed(strconv.ParseBool(text))("Choose yes or no.")
	case Int:
		return parsed(strconv.ParseInt(strings.TrimSpace(text), 10, f.bits()))("Enter a whole number" + f.between() + ".")
	case Uint:
		return parsed(strconv.ParseUint(strings.TrimSpace(text), 10, f.bits()))("Enter a whole number, not below zero.")
	case Float:
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, errInput("Enter a number.")
		}
		return v, nil
	case Time:
		return parseTime(strings.TrimSpace(text))
	case JSON:
		return parseJSON(text)
	case Belongs:
		return f.parseKey(text)
	}
	if f.MaxLength > 0 && len([]rune(text)) > f.MaxLength {
		return nil, errInput(fmt.Sprintf("This is too long: at most %d characters.", f.MaxLength))
	}
	return text, nil
}

// textual reports whether empty text is a value of the field.
func (f *Field) textual() bool {
	return f.Kind <= Enum || f.Kind == Custom || f.Kind == File || f.Kind == Date && indirect(f.column.FieldType).Kind() == reflect.String
}

// declared is the type of a column that says how many digits it has.
var declared = regexp.MustCompile(`(?i)^(?:decimal|numeric)\((\d+)(?:, *(\d+))?\)$`)

// parseStrict reads what has one way to be written.
func (f *Field) parseStrict(text string) (any, error) {
	_, err := time.Parse(time.DateOnly, text)
	switch {
	case f.Kind == Date && text != "" && (err != nil || text[0] == '0'): // as for times, from the year 1000
		return nil, errInput("Enter a date.")
	case f.Kind == Decimal && !value.ValidDecimal(text):
		return nil, errInput("Enter a number.")
	case f.Kind == Decimal && !f.holds(text):
		return nil, errInput("This number is too large.")
	case f.Kind == UUID && (!value.ValidUUID(text) || uuid.Validate(text) != nil):
		return nil, errInput("Enter a UUID.")
	}
	return text, nil
}

// holds reports whether a decimal has no more digits before its point than the column.
func (f *Field) holds(text string) bool {
	match := declared.FindStringSubmatch(f.column.TagSettings["TYPE"])
	number, ok := new(big.Rat).SetString(text)
	if match == nil || !ok {
		return true
	}
	precision, _ := strconv.Atoi(match[1]) // digits
	scale, _ := strconv.Atoi(match[2])     // digits, or none
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-scale)), nil)
	return number.Abs(number).Cmp(new(big.Rat).SetInt(limit)) < 0
}

// parseJSON reads the JSON of a form. It rejects what a database would refuse.
func parseJSON(text string) (any, error) {
	tree, err := value.ParseJSON([]byte(text))
	if err != nil {
		return nil, errInput("This is not valid JSON.")
	}
	var raw json.RawMessage
	if faults := value.Bind(context.Background(), tree, reflect.ValueOf(&raw).Elem()).Faults; len(faults) > 0 {
		return nil, errInput(faults[0].Detail)
	}
	return text, nil
}

// parseKey reads a foreign key by the type of its column.
func (f *Field) parseKey(text string) (any, error) {
	asColumn := *f
	asColumn.Kind, _ = kindOf(f.column)
	v, err := asColumn.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, errInput("Choose one from the list.")
	}
	return v, nil
}

func parsed[T any](v T, err error) func(message string) (any, error) {
	return func(message string) (any, error) {
		if err != nil {
			return nil, errInput(message)
		}
		return v, nil
	}
}

func parseTime(text string) (any, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			if y := t.UTC().Year(); y < 1000 || y > 9999 {
				break // MySQL stores no other years
			}
			return t.UTC(), nil
		}
	}
	return nil, errInput("Enter a date and time, such as 2026-03-31 18:30.")
}

// bits is the size of an integer column; beyond it the database would refuse.
func (f *Field) bits() int {
	t := indirect(f.column.FieldType)
	if t.Kind() == reflect.Struct && t.NumField() > 0 {
		t = t.Field(0).Type
	}
	switch t.Kind() {
	case reflect.Int, reflect.Uint, reflect.Struct:
		return 64
	case reflect.Uint64:
		return 63 // databases have no unsigned integers of 64 bits
	}
	return t.Bits()
}

func (f *Field) between() string {
	if f.bits() == 64 {
		return ""
	}
	return fmt.Sprintf(" between %d and %d", -(int64(1) << (f.bits() - 1)), int64(1)<<(f.bits()-1)-1)
}

// Assign sets the field of record (*T) to what Parse returned.
func (f *Field) Assign(ctx context.Context, record, value any) error {
	v := f.column.ReflectValueOf(ctx, reflect.ValueOf(record))
	if f.Kind == JSON {
		return assignJSON(v, value)
	}
	return assign(v, value)
}

func assignJSON(v reflect.Value, value any) error {
	text, _ := value.(string)
	if value == nil {
		v.SetZero()
		return nil
	}
	if v.Type() == rawType {
		v.SetBytes([]byte(text))
		return nil
	}
	fresh := reflect.New(v.Type())
	if err := json.Unmarshal([]byte(text), fresh.Interface()); err != nil {
		return errInput("This JSON does not fit the field.")
	}
	v.Set(fresh.Elem())
	return nil
}

func assign(v reflect.Value, value any) error {
	if value == nil {
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		if err := assign(fresh.Elem(), value); err != nil {
			return err
		}
		v.Set(fresh)
		return nil
	}
	if v.Type() == timeType {
		t, ok := value.(time.Time)
		if !ok {
			return errMismatch
		}
		v.Set(reflect.ValueOf(t))
		return nil
	}
	return assignOther(v, value)
}

var errMismatch = errors.New("the value is of another type than the field")

func assignOther(v reflect.Value, value any) error {
	if scanner, ok := v.Addr().Interface().(sql.Scanner); ok {
		return wrong(scanner.Scan(value))
	}
	if text, ok := value.(string); ok && reflect.PointerTo(v.Type()).Implements(textType) && v.Kind() != reflect.String {
		return wrong(v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)))
	}
	got := reflect.ValueOf(value)
	switch {
	case v.Kind() == reflect.String && got.Kind() == reflect.String,
		v.CanInt() && got.CanInt(), v.CanUint() && got.CanUint(), v.CanFloat() && got.CanFloat(),
		v.Kind() == reflect.Bool && got.Kind() == reflect.Bool:
		v.Set(got.Convert(v.Type()))
		return nil
	}
	return errMismatch
}

func wrong(err error) error {
	if err != nil {
		return errInput("This does not have the right form.")
	}
	return nil
}
