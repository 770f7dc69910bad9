package resource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
)

// Column is a field of a resource as templates see it.
type Column struct {
	field.Field
	// Human is the name inside sentences: "published at".
	Human string
	// JoinTable connects the records of many.
	JoinTable string
	// Record is the variable that holds the record, and N tells sample values apart.
	Record string
	N      int
	// IDVar is a variable for the ID, or the IDs, of what a relation refers to: authorID, tagIDs.
	IDVar string
	// TargetLabel is the Go field that identifies records of Target to users, or empty.
	TargetLabel string
	// Permission begins the permissions of the target, as the part before the dot: users.
	Permission string
	// TargetPublic reports that everybody may read the targets.
	TargetPublic bool
	// TargetListed reports that an index of the targets has the order of a list.
	TargetListed bool
	// Assigned reports that the application sets the column, and no input does.
	Assigned bool

	keys     []ddl.Key // the indexes over several columns of which the column is one
	together []string  // the columns of a unique index over several whose errors the input reports here
	table    string    // that of the resource
}

// NewColumn returns the column of a field in a table.
func NewColumn(f field.Field, table string) Column {
	return Column{Field: f, Human: Human(f.Label()), N: 1, table: table}
}

// As returns the column of a record in another variable.
func (c Column) As(record string) Column {
	c.Record = record
	return c
}

// Nth returns the column with the n-th sample value.
func (c Column) Nth(n int) Column {
	c.N = n
	return c
}

// goTypes are the Go types of columns.
var goTypes = map[field.Type]string{
	field.String: "string", field.Text: "string", field.Enum: "string", field.File: "string", field.Image: "string",
	field.Int: "int", field.BigInt: "int64", field.Float: "float64", field.Decimal: "decimal.Decimal", field.Bool: "bool",
	field.Date: "covetmodels.Date", field.Time: "time.Time", field.UUID: "uuid.UUID", field.JSON: "json.RawMessage",
	field.BelongsTo: "int64",
}

// IsMany reports whether the column is a many-to-many relation.
func (c Column) IsMany() bool { return c.Type == field.Many }

// IsBelongsTo reports whether the column is a relation to one record.
func (c Column) IsBelongsTo() bool { return c.Type == field.BelongsTo }

// IsFile reports whether the column is the key of a file.
func (c Column) IsFile() bool { return c.Type.IsFile() }

// images are the media types of images that every browser shows, and documents those that a field of type file accepts.
// Formats of office programs are archives (application/zip) by their first bytes, and CSV and JSON are text.
const (
	images    = "image/png,image/jpeg,image/gif,image/webp"
	documents = "application/pdf,application/zip,text/plain,image/*"
)

// Accept lists the media types of the files that the column takes.
func (c Column) Accept() string {
	switch {
	case len(c.Values) > 0:
		return strings.Join(c.MediaTypes(), ",")
	case c.Type == field.Image:
		return images
	default:
		return documents
	}
}

// Textual reports whether the value is any text.
func (c Column) Textual() bool { return c.Type == field.String || c.Type == field.Text }

// Member is the Go field that holds the value: Title, AuthorID, TagIDs.
func (c Column) Member() string { return c.GoKey }

// Slug is the name in paths. The path edit is that of the form.
func (c Column) Slug() string {
	if c.Name == "edit" {
		return "edit-file"
	}
	return strings.ReplaceAll(c.Name, "_", "-")
}

// Pointer reports that NULL is a nil pointer in Go.
func (c Column) Pointer() bool { return c.Nullable && c.Type != field.JSON && !c.IsFile() }

// GoType is the Go type without NULL.
func (c Column) GoType() string { return goTypes[c.Type] }

// ModelType is the Go type in the model.
func (c Column) ModelType() string {
	if c.Pointer() {
		return "*" + c.GoType()
	}
	return c.GoType()
}

// InputType is the Go type in the input.
func (c Column) InputType() string {
	if c.IsMany() {
		return "[]int64"
	}
	return c.ModelType()
}

// ModelTags are the struct tags in the model.
func (c Column) ModelTags() [][2]string {
	if c.IsMany() {
		return [][2]string{{"gorm", "many2many:" + c.JoinTable}, {"json", "-"}}
	}
	var tags [][2]string
	if settings := c.settings(); len(settings) > 0 {
		tags = append(tags, [2]string{"gorm", strings.Join(settings, ";")})
	}
	tags = append(append(tags, [2]string{"json", c.Key}), c.rules()...)
	if c.IsFile() { // for the admin, which uploads it
		tags = append(tags, [2]string{"accept", c.Accept()}, [2]string{"maxSize", "10MiB"})
	}
	return tags
}

// settings are the settings for GORM.
func (c Column) settings() []string {
	var settings []string
	if c.ColumnTag {
		settings = append(settings, "column:"+c.Column)
	}
	switch c.Type {
	case field.String:
		settings = append(settings, fmt.Sprintf("size:%d", c.MaxLength()))
	case field.File, field.Image:
		settings = append(settings, "size:255")
	case field.Enum:
		settings = append(settings, "size:64")
	case field.JSON:
		settings = append(settings, "serializer:json")
	}
	if !c.Nullable {
		settings = append(settings, "not null")
	}
	switch {
	case c.Unique:
		settings = append(settings, "uniqueIndex")
	case c.Index || c.IsBelongsTo():
		settings = append(settings, "index")
	}
	for _, key := range c.keys {
		kind := "index"
		if key.Unique {
			kind = "uniqueIndex"
		}
		settings = append(settings, fmt.Sprintf("%s:%s,priority:%d", kind, key.Name, slices.Index(key.Columns, c.Column)+1))
	}
	return settings
}

// documented are the types whose default is a part of the API: their zero value may be meant. A decimal of 0 cannot be told
// from none, and [Column.ZeroMeansDefault] covers the others.
var documented = []field.Type{field.String, field.Text, field.Enum, field.Int, field.BigInt, field.Float, field.Bool}

// InputTags are the struct tags in the input.
func (c Column) InputTags() [][2]string {
	tags := append([][2]string{{"form", c.Key}, {"json", c.Key}}, c.rules()...)
	if len(c.together) > 0 {
		tags = slices.DeleteFunc(tags, func(tag [2]string) bool { return tag[0] == "unique" })
		tags = append(tags, [2]string{"unique", c.table + "." + c.Column + ",together=" + strings.Join(c.together, "+")})
	}
	if c.Default != nil && !c.Nullable && slices.Contains(documented, c.Type) {
		tags = append(tags, [2]string{"default", *c.Default})
	}
	return tags
}

// rules are the struct tags for package validate.
func (c Column) rules() [][2]string {
	var tags [][2]string
	add := func(name, value string) { tags = append(tags, [2]string{name, value}) }
	if c.MustBeGiven() {
		add("required", "true")
	}
	switch c.Format {
	case field.Slug, field.Email, field.Color, field.Markdown:
		add("format", string(c.Format))
	case field.URL:
		add("format", "uri")
	case field.Money:
		add("doc", "In "+c.Currency+".")
	}
	switch c.Type {
	case field.String:
		add("maxLength", strconv.Itoa(c.MaxLength()))
	case field.Text:
		add("maxLength", "20000")
	case field.Enum:
		add("enum", strings.Join(c.Values, ","))
	case field.Int:
		add("minimum", "-2147483648")
		add("maximum", "2147483647")
	case field.Decimal:
		bound, step := c.decimalBounds()
		add("minimum", "-"+bound)
		add("maximum", bound)
		add("multipleOf", step)
	case field.BelongsTo:
		add("exists", c.Target.Table+".id")
	case field.Many:
		add("exists", c.Target.Table+".id")
		add("maxItems", "100")
		add("uniqueItems", "true")
	}
	if c.Unique {
		add("unique", c.table+"."+c.Column)
	}
	return tags
}

// decimalBounds returns the largest value of a decimal column and its smallest difference.
func (c Column) decimalBounds() (bound, step string) {
	precision, scale := c.Precision, c.Scale
	whole, fraction := strings.Repeat("9", precision-scale), strings.Repeat("9", scale)
	if whole == "" {
		whole = "0"
	}
	if scale == 0 {
		return whole, "1"
	}
	return whole + "." + fraction, "0." + strings.Repeat("0", scale-1) + "1"
}

// UnscaledLimit bounds the digits of a decimal without its point, as far as 9 digits.
func (c Column) UnscaledLimit() int64 {
	limit := int64(1)
	for range min(c.Precision, 9) {
		limit *= 10
	}
	return limit
}

// Varied reports that factories give each record another value.
func (c Column) Varied() bool {
	return c.Unique || slices.ContainsFunc(c.keys, func(key ddl.Key) bool { return key.Unique })
}

// HasDefault reports whether a record that is not stored yet has a default value.
func (c Column) HasDefault() bool { return c.Default != nil && !c.Nullable }

// ZeroMeansDefault reports that an input without a value gets the default, because the zero value is not valid.
func (c Column) ZeroMeansDefault() bool {
	types := []field.Type{field.Enum, field.Date, field.Time, field.UUID, field.Color}
	return c.HasDefault() && slices.Contains(types, c.Word())
}

// EmptyJSON is the JSON of a record that is given none; it is empty for other types and nullable columns.
func (c Column) EmptyJSON() string {
	switch {
	case c.Type != field.JSON || c.Nullable:
		return ""
	case c.Default != nil:
		return *c.Default
	default:
		return "{}"
	}
}

// Control is the type of the form control; it is empty for a line of text.
func (c Column) Control() string {
	switch c.Format {
	case field.Email, field.URL:
		return string(c.Format)
	case field.Color:
		if c.Nullable {
			return "" // browsers have no control for a color or none
		}
		return "color"
	}
	switch c.Type {
	case field.Text, field.JSON:
		return "textarea"
	case field.Int, field.BigInt, field.Float, field.Decimal:
		return "number"
	case field.Bool:
		return "checkbox"
	case field.Date:
		return "date"
	case field.Time:
		return "datetime-local"
	case field.Enum, field.BelongsTo:
		return "select"
	case field.Many:
		return "checkboxes"
	case field.File, field.Image:
		return "file"
	default:
		return ""
	}
}

// Hint says how to fill the control in, or is empty.
func (c Column) Hint() string {
	switch {
	case c.Format == field.Slug:
		return "Small letters, digits and hyphens. It is part of the page's address."
	case c.Format == field.Color && c.Nullable:
		return "As in #1f6f5c."
	case c.Format == field.Money:
		return "In " + c.Currency + "."
	case c.Format == field.Markdown:
		return "Markdown: **bold**, *emphasis*, # heading, - list, [link](https://example.com)."
	case c.Type == field.Time:
		return "In UTC."
	case c.Type == field.JSON:
		return "As JSON."
	default:
		return ""
	}
}

// RequiredInForm reports that the form marks the control as required.
func (c Column) RequiredInForm() bool {
	return c.MustBeGiven() || (c.Type == field.Enum && !c.Nullable)
}

// rejectsText reports whether the form rejects some text.
func (c Column) rejectsText() bool {
	rejecting := []field.Type{
		field.String, field.Int, field.BigInt, field.Float, field.Decimal, field.Date, field.Time, field.UUID, field.JSON,
	}
	return slices.Contains(rejecting, c.Type)
}

// OptionsMethod is the method that returns the records to select from.
func (c Column) OptionsMethod() string { return LowerFirst(c.Target.Type) + "Options" }

// LabelFunc is the function that returns the text that identifies a target.
func (c Column) LabelFunc() string { return LowerFirst(c.Target.Type) + "Label" }

// TargetFactory is the factory of the target.
func (c Column) TargetFactory() string { return factoryFunc(c.Target.Type) }

// TargetHuman is the name of the target inside sentences.
func (c Column) TargetHuman() string { return Human(c.Target.Title) }

// TargetHumans is the name of several targets inside sentences.
func (c Column) TargetHumans() string { return Human(c.Target.Titles) }

// Sample is what a user enters into the form: the Nth of the values that tests use.
func (c Column) Sample() string {
	switch c.Format {
	case field.Slug: // the same for each, because it is the address
		return strings.ReplaceAll(c.Name, "_", "-") + "-1"
	case field.Email:
		return fmt.Sprintf("person%d@example.com", c.N)
	case field.URL:
		return fmt.Sprintf("https://example.com/%d", c.N)
	case field.Color:
		return fmt.Sprintf("#%06x", c.N)
	}
	switch c.Type {
	case field.String, field.Text:
		return c.fit(fmt.Sprintf("%s %d", c.Label(), c.N))
	case field.Int, field.BigInt:
		return fmt.Sprint(c.N)
	case field.Float:
		return fmt.Sprintf("%d.5", c.N)
	case field.Decimal:
		if c.Precision == c.Scale {
			return "0." + strings.Repeat("0", c.Scale-1) + fmt.Sprint(c.N)
		}
		return fmt.Sprint(c.N)
	case field.Bool:
		return "true"
	case field.Date:
		return fmt.Sprintf("2026-01-%02d", c.N)
	case field.Time:
		return fmt.Sprintf("2026-01-%02dT15:04", c.N)
	case field.UUID:
		return fmt.Sprintf("123e4567-e89b-42d3-a456-42661417400%d", c.N)
	case field.JSON:
		return fmt.Sprintf(`{"n":%d}`, c.N)
	case field.Enum:
		return c.Values[c.N%len(c.Values)]
	default:
		return ""
	}
}

// fit returns the end of a text that is too long for a string.
func (c Column) fit(text string) string {
	if c.Type == field.String && len(text) > c.MaxLength() {
		return strings.TrimSpace(text[len(text)-c.MaxLength():])
	}
	return text
}

// Short returns the number of characters of a string that has no room for a prefix before ten random ones, or 0.
func (c Column) Short() int {
	if c.Type != field.String || c.Format != "" || c.MaxLength() >= len(c.Name)+11 {
		return 0
	}
	return min(c.MaxLength(), 10)
}

// EncodedSample is the sample in JSON and in flags.
func (c Column) EncodedSample() string {
	if c.Type == field.Time {
		return c.Sample() + ":00Z"
	}
	return c.Sample()
}

// SampleLiteral is the sample for the template "literal".
func (c Column) SampleLiteral() Literal { return Literal{c.Type, c.Sample()} }

// DefaultLiteral is the default for the template "literal".
func (c Column) DefaultLiteral() Literal { return Literal{c.Type, *c.Default} }

// Usual is the value that factories use, for the template "literal".
func (c Column) Usual() Literal {
	switch c.Type {
	case field.String, field.Text:
		return c.Plausible(0)
	case field.JSON:
		return Literal{c.Type, "{}"}
	case field.Enum:
		return Literal{c.Type, c.Values[0]}
	default:
		return c.SampleLiteral()
	}
}

// Literal is a value of a type as text.
type Literal struct {
	Type field.Type
	Text string
}

// Time parses a date or a time.
func (l Literal) Time() (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, l.Text); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.RFC3339Nano, l.Text)
	return t.UTC(), err
}

// markdownModules are the modules that Covet's package markdown imports.
var markdownModules = []string{
	"github.com/aymerick/douceur", "github.com/gorilla/css", "github.com/microcosm-cc/bluemonday", "github.com/yuin/goldmark",
}

// Modules returns the Go modules that the types of columns need.
func Modules(columns []Column) []string {
	var modules []string
	for _, c := range columns {
		switch c.Type {
		case field.Decimal:
			modules = append(modules, "github.com/shopspring/decimal")
		case field.UUID:
			modules = append(modules, "github.com/google/uuid")
		}
		if c.Format == field.Markdown {
			modules = append(modules, markdownModules...)
		}
	}
	slices.Sort(modules)
	return slices.Compact(modules)
}
