package field

import (
	"maps"
	"slices"
	"strings"
)

// Type is the type of a field, as it is written.
type Type string

// The types.
const (
	String    Type = "string"
	Text      Type = "text"
	Int       Type = "int"
	BigInt    Type = "bigint"
	Float     Type = "float"
	Decimal   Type = "decimal"
	Bool      Type = "bool"
	Date      Type = "date"
	Time      Type = "time"
	UUID      Type = "uuid"
	JSON      Type = "json"
	Enum      Type = "enum"
	File      Type = "file"
	Image     Type = "image"
	Slug      Type = "slug"
	Email     Type = "email"
	URL       Type = "url"
	Color     Type = "color"
	Money     Type = "money"
	Markdown  Type = "markdown"
	BelongsTo Type = "belongs_to"
	Many      Type = "many"
)

// types are all types, in the order of the help text.
var types = []Type{
	String, Text, Int, BigInt, Float, Decimal, Bool, Date, Time, UUID, JSON, Enum, File, Image,
	Slug, Email, URL, Color, Money, Markdown, BelongsTo, Many,
}

// bases are the types whose columns the formats have. Their values are validated and shown in another way.
var bases = map[Type]struct {
	Type Type
	size int
}{
	Slug: {String, 0}, Email: {String, 254}, URL: {String, 2048}, Color: {String, 7}, Money: {Decimal, 0}, Markdown: {Text, 0},
}

// aliases are what other frameworks and databases call the types.
var aliases = map[string]Type{
	"str": String, "varchar": String, "char": String, "character": String, "longtext": Text, "mediumtext": Text, "textarea": Text,
	"integer": Int, "int32": Int, "number": Int, "smallint": Int, "tinyint": Int, "int64": BigInt, "long": BigInt,
	"big_integer": BigInt, "biginteger": BigInt, "double": Float, "float64": Float, "float32": Float, "real": Float,
	"numeric": Decimal, "boolean": Bool, "datetime": Time, "timestamp": Time, "timestamptz": Time, "guid": UUID, "jsonb": JSON,
	"uri": URL, "link": URL, "website": URL, "colour": Color, "currency": Money, "email_address": Email, "mail": Email,
	"permalink": Slug, "richtext": Markdown, "rich_text": Markdown, "attachment": File, "upload": File, "photo": Image, "picture": Image, "references": BelongsTo, "reference": BelongsTo, "ref": BelongsTo,
	"belongsto": BelongsTo, "foreign_key": BelongsTo, "has_many": Many, "many2many": Many, "many_to_many": Many,
	"manytomany": Many, "has_and_belongs_to_many": Many,
}

// typeOf returns the type that a word means, or false.
func typeOf(word string) (Type, bool) {
	if slices.Contains(types, Type(word)) {
		return Type(word), true
	}
	t, ok := aliases[strings.ToLower(word)]
	return t, ok
}

// typeWords are the types and their aliases.
func typeWords() []Type {
	words := slices.Clone(types)
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		words = append(words, Type(alias))
	}
	return words
}

// allowedModifiers are the modifiers that a type allows: ! required, ? nullable, u unique, i index, d default.
var allowedModifiers = map[Type]string{
	String: "!?uid", Text: "!?d", Int: "!?uid", BigInt: "!?uid", Float: "!?id", Decimal: "!?uid",
	Bool: "?id", Date: "!?uid",
	Time: "!?uid", UUID: "!?uid", JSON: "!?d", Enum: "!?uid", File: "", Image: "",
	Slug: "!u", Email: "!?ui", URL: "!?", Color: "!?uid", Money: "!?uid", Markdown: "!?d", BelongsTo: "!?ui", Many: "",
}

func (t Type) allows(modifier string) bool { return strings.Contains(allowedModifiers[t], modifier) }

// lacksZeroValue reports whether a value is required unless the field is nullable: the type has no meaningful zero
// value.
func (t Type) lacksZeroValue() bool {
	return t == Date || t == Time || t == UUID || t == Enum || t == BelongsTo
}

// hasArgs reports whether the type is followed by something of its own: digits, values or a model.
func (t Type) hasArgs() bool {
	return t == String || t == Decimal || t == Enum || t == Money || t.IsFile() || t.isRelation()
}

// IsFile reports whether the value is the key of a file in the storage: file and image.
func (t Type) IsFile() bool { return t == File || t == Image }

func (t Type) isRelation() bool { return t == BelongsTo || t == Many }
