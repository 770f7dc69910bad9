package generate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// A column is a field of a resource as templates see it.
type column struct {
	field.Field
	// Human is the name for people, inside of sentences: "published at".
	Human string
	// JoinTable connects the records of many.
	JoinTable string
	// TargetLabel is the Go field that records of Target are called by, or empty.
	TargetLabel string

	// TargetPublic reports that everybody may read the targets.
	TargetPublic bool

	resource string // its table
}

// goTypes are the Go types of the columns.
var goTypes = map[field.Type]string{
	field.String: "string", field.Text: "string", field.Enum: "string", field.File: "string", field.Int: "int",
	field.BigInt: "int64", field.Float: "float64", field.Decimal: "decimal.Decimal", field.Bool: "bool",
	field.Date: "covetmodels.Date", field.Time: "time.Time", field.UUID: "uuid.UUID", field.JSON: "json.RawMessage",
	field.BelongsTo: "int64",
}

func (c column) IsMany() bool      { return c.Type == field.Many }
func (c column) IsBelongsTo() bool { return c.Type == field.BelongsTo }
func (c column) IsFile() bool      { return c.Type == field.File }

// Member is the Go field that holds the value: Title, AuthorID, TagIDs.
func (c column) Member() string { return c.GoKey }

// Slug is the name in addresses, of which /edit is the form.
func (c column) Slug() string {
	if c.Name == "edit" {
		return "edit-file"
	}
	return strings.ReplaceAll(c.Name, "_", "-")
}

// Pointer reports that nothing is nil, and NULL in the database.
func (c column) Pointer() bool { return c.Nullable && c.Type != field.JSON && c.Type != field.File }

// ModelType is the Go type in the model.
func (c column) ModelType() string {
	if c.Pointer() {
		return "*" + goTypes[c.Type]
	}
	return goTypes[c.Type]
}

// InputType is the Go type in the input.
func (c column) InputType() string {
	if c.IsMany() {
		return "[]int64"
	}
	return c.ModelType()
}

// ModelTag is the struct tag in the model.
func (c column) ModelTag() string {
	var settings []string
	if c.ColumnTag {
		settings = append(settings, "column:"+c.Column)
	}
	switch c.Type {
	case field.String, field.File:
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
	tag := fmt.Sprintf("json:%q", c.Key)
	if len(settings) > 0 {
		tag = fmt.Sprintf("gorm:%q ", strings.Join(settings, ";")) + tag
	}
	if rules := c.rules(); rules != "" {
		tag += " " + rules
	}
	return tag
}

// defaulted are the types whose default programs are told of. That of others which have a zero value, FillValue knows; a
// decimal of 0 is what was sent, or was not.
var defaulted = []field.Type{field.String, field.Text, field.Enum, field.Int, field.BigInt, field.Float, field.Bool}

// InputTag is the struct tag in the input, as Go.
func (c column) InputTag() string {
	tag := fmt.Sprintf("form:%q json:%q", c.Key, c.Key)
	if rules := c.rules(); rules != "" {
		tag += " " + rules
	}
	if c.Default != nil && !c.Nullable && slices.Contains(defaulted, c.Type) {
		tag += fmt.Sprintf(" default:%q", *c.Default)
	}
	if strings.Contains(tag, "`") {
		return quote(tag)
	}
	return "`" + tag + "`"
}

// rules are the tags of package validate.
func (c column) rules() string {
	var tags []string
	add := func(name, value string) { tags = append(tags, fmt.Sprintf("%s:%q", name, value)) }
	if c.MustBeGiven() {
		add("required", "true")
	}
	switch c.Type {
	case field.String:
		add("maxLength", "255")
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
		add("unique", c.resource+"."+c.Column)
	}
	return strings.Join(tags, " ")
}

// decimalBounds returns the largest value of a decimal column, and its smallest difference.
func (c column) decimalBounds() (bound, step string) {
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

// Local and Locals are variables for the targets.
func (c column) Local() string  { return c.Target.Var }
func (c column) Locals() string { return c.Target.Vars }

func quote(text string) string { return strconv.Quote(text) }
