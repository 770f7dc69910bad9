package field

import "strings"

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
	BelongsTo Type = "belongs_to"
	Many      Type = "many"
)

// types are all types, in the order of the help text.
var types = []Type{String, Text, Int, BigInt, Float, Decimal, Bool, Date, Time, UUID, JSON, Enum, File, BelongsTo, Many}

// allowedModifiers are the modifiers that a type allows: ! required, ? nullable, u unique, i index, d default.
var allowedModifiers = map[Type]string{
	String: "!?uid", Text: "!?d", Int: "!?uid", BigInt: "!?uid", Float: "!?id", Decimal: "!?uid",
	Bool: "?id", Date: "!?uid",
	Time: "!?uid", UUID: "!?uid", JSON: "!?d", Enum: "!?uid", File: "", BelongsTo: "!?ui", Many: "",
}

func (t Type) allows(modifier string) bool { return strings.Contains(allowedModifiers[t], modifier) }

// lacksZeroValue reports whether a value is required unless the field is nullable: the type has no meaningful zero
// value.
func (t Type) lacksZeroValue() bool {
	return t == Date || t == Time || t == UUID || t == Enum || t == BelongsTo
}

// hasArgs reports whether the type is followed by something of its own: digits, values or a model.
func (t Type) hasArgs() bool { return t == Decimal || t == Enum || t.isRelation() }

func (t Type) isRelation() bool { return t == BelongsTo || t == Many }
