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

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/text"
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
		return formText(v)
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

func formText(t time.Time) string {
	if t.Second() == 0 {
		return t.Format(formTime)
	}
	return t.Format(FormTime)
}

// spelled writes a decimal with all digits of its column, on which databases do not agree.
func (f *Field) spelled(text string) string {
	if f.Kind == Decimal {
		return format.Decimal(text, f.scale)
	}
	return text
}

// Shown writes a value for users, in the language of ctx: "" is NULL or empty. Whole numbers stay as they are: they may
// be keys or years.
func (f *Field) Shown(ctx context.Context, value any) string {
	switch v := value.(type) {
	case time.Time:
		if f.Kind == Date {
			return text.Date(ctx, calendar{v})
		}
		return text.DateTime(ctx, v)
	case bool:
		return words.YesNo(ctx, v)
	case float64:
		return text.Number(ctx, v)
	case []byte:
		if f.Kind == Bytes {
			return text.Size(ctx, text.Bytes(len(v)))
		}
	}
	plain := f.Text(value)
	switch f.Kind {
	case Enum:
		return f.Choice(ctx, plain)
	case Decimal:
		if plain != "" {
			return text.Number(ctx, digits(plain))
		}
	case Date:
		if day, err := time.Parse(time.DateOnly, plain); err == nil {
			return text.Date(ctx, calendar{day})
		}
	}
	return plain
}

// Day writes the day of a time in a filter: in the time zone of ctx, or the day as it is for a date.
func (f *Field) Day(ctx context.Context, t time.Time) string {
	if f.Kind == Date {
		return text.Date(ctx, calendar{t})
	}
	return text.Date(ctx, t)
}

// Choice returns what a value of an enum is called.
func (f *Field) Choice(ctx context.Context, value string) string {
	return nameOf(ctx, f.names.choices[value], format.Value(value), f.names.standard)
}

// calendar is a date without a time, which is the same in every time zone.
type calendar struct{ time.Time }

// digits is a decimal number.
type digits string

// Rat lets package text format the number.
func (d digits) Rat() *big.Rat {
	number, _ := new(big.Rat).SetString(string(d))
	return number
}

func (d digits) String() string { return string(d) }

// ShownText is [Field.Shown] for a value that [Field.Text] wrote, such as one in the audit log.
func (f *Field) ShownText(ctx context.Context, text string) string {
	switch f.Kind {
	case Bool, Time, Float:
		if value, err := f.Parse(text); err == nil && value != nil {
			return f.Shown(ctx, value)
		}
		return text
	case Enum, Date, Decimal:
		return f.Shown(ctx, text)
	}
	return text
}

// FileName is what pages call the file with a storage key: "Photo (PNG)".
func (f *Field) FileName(ctx context.Context, key string) string {
	if extension := strings.TrimPrefix(path.Ext(key), "."); extension != "" {
		return words.T(ctx, "file.name", "field", f.LabelIn(ctx), "type", strings.ToUpper(extension))
	}
	return f.LabelIn(ctx)
}

// pictures are the extensions of storage keys that browsers show as pictures.
var pictures = []string{".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"}

// Pictured reports whether pages show the file with a storage key as a picture.
func (f *Field) Pictured(key string) bool { return slices.Contains(pictures, path.Ext(key)) }

// InZone returns a time that [Field.Text] wrote as a form shows it in a time zone.
func InZone(text string, zone *time.Location) string {
	t, err := parseTime(text)
	if err != nil || zone == time.UTC {
		return text
	}
	return formText(t.In(zone))
}

// FromZone returns a time that a form shows in a time zone as [Field.Text] writes it. Other text stays as it is.
func FromZone(text string, zone *time.Location) string {
	for _, layout := range []string{FormTime, formTime} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil && zone != time.UTC {
			return formText(t.UTC())
		}
	}
	return text
}

// Clean returns text as forms send it: valid, with line breaks of one character.
func Clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
}

// errInput is what is wrong with something that was typed in, as a sentence in the language of a context.
type errInput struct {
	sentence func(ctx context.Context) string
}

// errorOf returns an errInput with a text.
func errorOf(key string, args ...any) error {
	return errInput{func(ctx context.Context) string { return words.T(ctx, key, args...) }}
}

func (e errInput) Error() string { return e.sentence(context.Background()) }

// Message returns what is wrong with a value that Parse or Assign refused, as a sentence in the language of ctx.
func Message(ctx context.Context, err error) string {
	var input errInput
	if errors.As(err, &input) {
		return input.sentence(ctx)
	}
	return words.T(ctx, "input.wrong")
}

// Parse reads what a control sent. [Message] returns what the error means for the user.
func (f *Field) Parse(text string) (any, error) {
	if strings.TrimSpace(text) == "" && (f.Optional || !f.textual()) {
		switch {
		case f.Optional:
			return nil, nil
		case f.Kind == JSON && f.column.FieldType == rawType:
			return "{}", nil
		}
		return nil, errorOf("input.required")
	}
	switch f.Kind {
	case Date, Decimal, UUID:
		return f.parseStrict(strings.TrimSpace(text))
	case Bool:
		return parsed(strconv.ParseBool(text))(errorOf("input.bool"))
	case Int:
		return parsed(strconv.ParseInt(strings.TrimSpace(text), 10, f.bits()))(f.errInteger())
	case Uint:
		return parsed(strconv.ParseUint(strings.TrimSpace(text), 10, f.bits()))(errorOf("input.unsigned"))
	case Float:
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, errorOf("input.number")
		}
		return v, nil
	case Time:
		return parsed(parseTime(strings.TrimSpace(text)))(errorOf("input.time"))
	case JSON:
		return parseJSON(text)
	case Belongs:
		return f.parseKey(text)
	}
	if f.MaxLength > 0 && len([]rune(text)) > f.MaxLength {
		return nil, errorOf("input.too_long", "n", f.MaxLength)
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
		return nil, errorOf("input.date")
	case f.Kind == Decimal && !value.ValidDecimal(text):
		return nil, errorOf("input.number")
	case f.Kind == Decimal && !f.holds(text):
		return nil, errorOf("input.too_large")
	case f.Kind == UUID && (!value.ValidUUID(text) || uuid.Validate(text) != nil):
		return nil, errorOf("input.uuid")
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
		return nil, errorOf("input.json")
	}
	if key := value.Unstorable(tree); key != "" {
		return nil, errInput{func(ctx context.Context) string { return value.Texts().T(ctx, key) }}
	}
	return text, nil
}

// parseKey reads a foreign key by the type of its column.
func (f *Field) parseKey(text string) (any, error) {
	asColumn := *f
	asColumn.Kind, _ = kindOf(f.column)
	v, err := asColumn.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, errorOf("input.choose")
	}
	return v, nil
}

func parsed[T any](v T, err error) func(refused error) (any, error) {
	return func(refused error) (any, error) {
		if err != nil {
			return nil, refused
		}
		return v, nil
	}
}

func parseTime(text string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			if y := t.UTC().Year(); y < 1000 || y > 9999 {
				break // MySQL stores no other years
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, errorOf("input.time")
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

func (f *Field) errInteger() error {
	if f.bits() == 64 {
		return errorOf("input.integer")
	}
	return errorOf("input.integer_between", "min", -(int64(1) << (f.bits() - 1)), "max", int64(1)<<(f.bits()-1)-1)
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
		return errorOf("input.json_type")
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
		return errorOf("input.wrong")
	}
	return nil
}
