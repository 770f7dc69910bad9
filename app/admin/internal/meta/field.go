package meta

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/internal/value"
)

// Kind is how a field is shown, edited, filtered and searched.
type Kind int

// The kinds of fields.
const (
	Text Kind = iota
	LongText
	Email
	URL
	Color // text with format:"color"
	Enum
	Bool
	Int
	Uint
	Float
	Time
	Date // a models.Date, or a string with format:"date"
	Decimal
	UUID
	JSON
	Bytes
	Custom  // a type that reads and writes itself as text
	Belongs // the foreign key of a belongs-to relation
	Many    // a many-to-many relation
	Lines   // a has-many relation that is edited as lines of text
	File    // the storage key of an uploaded file
)

// Field is a column of a resource, or a relation that is edited with it.
type Field struct {
	// Name is the Go name, Column that in the database, which names it in addresses and forms. The column of a
	// relation is the relation's name in snake case.
	Name, Column, Label, Hint string
	Kind                      Kind
	// Optional fields may be NULL. Required ones must not be zero.
	Optional, Required bool
	// ReadOnly fields are shown on the form. Hidden and secret ones are shown nowhere.
	ReadOnly, Hidden, Secret bool
	// Guard is the action without which the field cannot be changed, or "".
	Guard string
	// Locked says why the field of a record is only shown, or ""; nil for never.
	Locked func(ctx context.Context, record any) string
	// Suggestions lists values that the field can have, besides any other; nil for none.
	Suggestions func(ctx context.Context) []Suggestion
	// Choices are the values of an enum.
	Choices []string
	// Minimum and Maximum bound numbers; MaxLength bounds text, in characters, unless it is 0.
	Minimum, Maximum string
	MaxLength        int
	// ErrorName is what package validate calls the field.
	ErrorName string
	// Relation is set for Belongs, Many and Lines; Related is its resource, or nil when none is registered.
	Relation *schema.Relationship
	Related  *Resource
	// Unique reports that the model declares the field unique.
	Unique bool
	// Upload is set for File: the types and the size that the tags accept and maxSize allow.
	Upload upload.Rule

	names  names
	scale  int           // digits of a decimal after its point, or -1
	column *schema.Field // nil for Many and Lines
	child  *schema.Field // of Lines: the column that is edited
}

// Visible reports whether anybody may see the field.
func (f *Field) Visible() bool { return !f.Hidden && !f.Secret }

// Stored reports whether the field is a column.
func (f *Field) Stored() bool { return f.column != nil }

// Textual reports whether LIKE makes sense of the column.
func (f *Field) Textual() bool {
	switch f.Kind {
	case Text, LongText, Email, URL, Enum, Date:
		return f.column != nil && indirect(f.column.FieldType).Kind() == reflect.String || f.Kind == LongText
	}
	return false
}

// Sortable reports whether an order by the column makes sense to people.
func (f *Field) Sortable() bool {
	switch f.Kind {
	case LongText, JSON, Bytes, Many, Lines, File:
		return false
	}
	return true
}

// Numeric reports whether values are shown as numbers.
func (f *Field) Numeric() bool {
	return f.Kind == Int || f.Kind == Uint || f.Kind == Float || f.Kind == Decimal
}

// Dated reports whether values are bounded by days.
func (f *Field) Dated() bool { return f.Kind == Time || f.Kind == Date }

// Child is the edited column of a Lines field.
func (f *Field) Child() *schema.Field { return f.child }

// Schema is the column as GORM knows it; nil for relations.
func (f *Field) Schema() *schema.Field { return f.column }

var (
	timeType    = reflect.TypeFor[time.Time]()
	deletedType = reflect.TypeFor[gorm.DeletedAt]()
	rawType     = reflect.TypeFor[json.RawMessage]()
	valuerType  = reflect.TypeFor[driver.Valuer]()
	scannerType = reflect.TypeFor[sql.Scanner]()
	textType    = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// newField describes a column.
func newField(sf *schema.Field, name string) *Field {
	f := &Field{Name: name, Column: sf.DBName, Label: format.Label(sf.Name), Hint: sf.Tag.Get("doc"), column: sf}
	f.Secret = sf.Tag.Get("secret") == "true" || sf.Tag.Get("json") == "-"
	f.Required = sf.Tag.Get("required") == "true"
	f.Minimum, f.Maximum = sf.Tag.Get("minimum"), sf.Tag.Get("maximum")
	f.Unique = sf.Unique || sf.UniqueIndex != ""
	f.Kind, f.Optional = kindOf(sf)
	f.MaxLength, _ = strconv.Atoi(sf.Tag.Get("maxLength"))
	if size := sf.Size; f.MaxLength == 0 && f.Kind <= Enum && size > 0 && size < 1<<16 {
		f.MaxLength = size
	}
	if enum := sf.Tag.Get("enum"); enum != "" {
		f.Choices = strings.Split(enum, ",")
	}
	f.ErrorName = errorName(sf)
	f.scale = scaleOf(sf)
	// GORM or the database maintain these.
	f.ReadOnly = (sf.PrimaryKey && sf.AutoIncrement) || sf.AutoCreateTime > 0 || sf.AutoUpdateTime > 0 ||
		f.Kind == Bytes || !sf.Updatable || sf.FieldType == deletedType
	f.Hidden = !sf.Readable
	return f
}

// errorName is the name under which package validate reports the field.
func errorName(sf *schema.Field) string {
	for _, tag := range []string{"form", "json"} {
		if name, _, _ := strings.Cut(sf.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return sf.Name
}

// kindOf tells the kind of a column, and whether it may be NULL.
func kindOf(sf *schema.Field) (Kind, bool) {
	t := indirect(sf.FieldType)
	optional := sf.FieldType.Kind() == reflect.Pointer
	switch {
	case sf.Serializer != nil && sf.TagSettings["SERIALIZER"] == "json", t == rawType:
		return JSON, !sf.NotNull
	case t == timeType:
		return Time, optional
	case value.IsDate(t):
		return Date, optional || !sf.NotNull
	case value.IsDecimal(t):
		return Decimal, optional
	case value.IsUUID(t):
		return UUID, optional
	case reflect.PointerTo(t).Implements(scannerType) && reflect.PointerTo(t).Implements(valuerType):
		return valuerKind(t, optional)
	}
	switch t.Kind() {
	case reflect.Bool:
		return Bool, optional
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int, optional
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Uint, optional
	case reflect.Float32, reflect.Float64:
		return Float, optional
	case reflect.String:
		return textKind(sf), optional
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return Bytes, true
		}
	}
	return Custom, optional
}

// valuerKind looks into the types of database/sql, whose zero value is NULL.
func valuerKind(t reflect.Type, optional bool) (Kind, bool) {
	if v, err := reflect.New(t).Interface().(driver.Valuer).Value(); err == nil && v == nil {
		optional = true
	}
	if t.PkgPath() != "database/sql" && t != deletedType {
		return Custom, optional
	}
	switch t.Field(0).Type {
	case timeType, reflect.TypeFor[sql.NullTime]():
		return Time, optional
	}
	switch t.Field(0).Type.Kind() {
	case reflect.Bool:
		return Bool, optional
	case reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int:
		return Int, optional
	case reflect.Uint8:
		return Uint, optional
	case reflect.Float64:
		return Float, optional
	case reflect.String:
		return Text, optional
	}
	if t == deletedType {
		return Time, true
	}
	return Custom, optional
}

// longText is the length from which text gets a textarea.
const longText = 300

func textKind(sf *schema.Field) Kind {
	switch sf.Tag.Get("format") {
	case "email":
		return Email
	case "uri":
		return URL
	case "color":
		return Color
	case "date":
		return Date
	}
	if sf.Tag.Get("accept") != "" {
		return File
	}
	length, _ := strconv.Atoi(sf.Tag.Get("maxLength"))
	declared := strings.ToLower(sf.TagSettings["TYPE"])
	switch {
	case sf.Tag.Get("enum") != "":
		return Enum
	case length > longText, sf.Size > longText, strings.Contains(declared, "text") && length == 0:
		return LongText
	case length == 0 && sf.Size == 0 && longName[strings.ToLower(sf.Name)]:
		return LongText
	}
	return Text
}

// scaleOf returns the number of digits that a decimal column has after its point: by its type, by the setting scale of
// GORM, or by the tag multipleOf. It returns -1 if none is there.
func scaleOf(sf *schema.Field) int {
	if match := declared.FindStringSubmatch(sf.TagSettings["TYPE"]); match != nil {
		scale, _ := strconv.Atoi(match[2]) // digits, or none
		return scale
	}
	if sf.Scale > 0 {
		return sf.Scale
	}
	step := sf.Tag.Get("multipleOf")
	if whole, fraction, found := strings.Cut(step, "."); found && strings.Trim(whole+fraction, "0") == "1" {
		return len(fraction)
	}
	if step == "1" {
		return 0
	}
	return -1
}

// Step is the smallest difference of two values of a number, as forms write it: "0.01", or "any".
func (f *Field) Step() string {
	switch {
	case f.Kind == Int, f.Kind == Uint, f.scale == 0:
		return "1"
	case f.scale < 0:
		return "any"
	}
	return "0." + strings.Repeat("0", f.scale-1) + "1"
}

// longName are names of fields that usually hold more than a line.
var longName = map[string]bool{
	"body": true, "content": true, "text": true, "description": true, "bio": true, "notes": true, "comment": true,
	"message": true, "summary": true, "detail": true, "details": true, "payload": true, "html": true, "markdown": true,
}

// Value returns the value of the field in record (*T) as nil, string, int64, uint64, float64, bool, time.Time or
// []byte.
func (f *Field) Value(ctx context.Context, record any) any {
	v := f.column.ReflectValueOf(ctx, reflect.ValueOf(record))
	if f.Kind == JSON {
		return jsonValue(v)
	}
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return plain(v)
}

func plain(v reflect.Value) any {
	switch {
	case v.Type() == timeType:
		return v.Interface().(time.Time).UTC()
	case value.IsUUID(v.Type()) && v.IsZero():
		return nil // nobody types it
	}
	if valuer, ok := addressed(v).(driver.Valuer); ok {
		stored, err := valuer.Value()
		if err != nil || stored == nil {
			return nil
		}
		if t, ok := stored.(time.Time); ok {
			return t.UTC()
		}
		return stored
	}
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return v.Bytes()
	}
	return fmt.Sprint(v.Interface())
}

func addressed(v reflect.Value) any {
	if v.CanAddr() {
		return v.Addr().Interface()
	}
	return v.Interface()
}

func jsonValue(v reflect.Value) any {
	if v.Type() == rawType {
		if v.Len() == 0 {
			return nil
		}
		return string(v.Bytes())
	}
	if v.IsZero() {
		return nil
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil
	}
	return string(text)
}
