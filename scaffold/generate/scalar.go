package generate

import (
	"fmt"
	"slices"

	"github.com/covetgo/covet/scaffold/field"
)

// scalar is a value that a job, a mail or a command is given.
type scalar struct{ column }

// scalarTypes are the types that such a value may have.
var scalarTypes = []field.Type{
	field.String, field.Text, field.Int, field.BigInt, field.Float, field.Decimal, field.Bool, field.Date, field.Time, field.UUID,
}

// scalars reads fields that are values of a noun: plain types, of which nothing else is said.
func scalars(noun string, args []string) ([]scalar, error) {
	fields, err := field.Parse(args)
	if err != nil {
		return nil, err
	}
	var list []scalar
	for _, f := range fields {
		plain := field.Field{Name: f.Name, Type: f.Type, Precision: f.Precision, Scale: f.Scale}
		switch {
		case !slices.Contains(scalarTypes, f.Type):
			return nil, refuseScalar(noun, f)
		case f.String() != plain.String():
			return nil, &UsageError{
				Problem: fmt.Sprintf("field %s: a %s stores nothing, so its fields have a type and no more", f, noun),
				Hint:    "Write: " + plain.String(),
			}
		}
		list = append(list, scalar{column{Field: f, Human: human(f.Label())}})
	}
	return list, nil
}

func refuseScalar(noun string, f field.Field) error {
	hint := "Types: string, text, int, bigint, float, decimal, bool, date, time, uuid."
	switch f.Type {
	case field.BelongsTo:
		hint = "Hand on its key: " + f.Key + ":bigint"
	case field.Enum:
		hint = "Write: " + f.Name + ":string"
	}
	return &UsageError{Problem: fmt.Sprintf("field %s: a %s has no fields of type %s", f, noun, f.Type), Hint: hint}
}

// refuseFields refuses fields that are called like a method of their struct, or like a flag that every command has.
func refuseFields(noun string, fields []scalar, reserved string) error {
	for _, f := range fields {
		if f.Name == reserved {
			return &UsageError{
				Problem: fmt.Sprintf("field %s: every %s has a %s of its own", f, noun, reserved),
				Hint:    "Name it otherwise: " + noun + "_" + f.String(),
			}
		}
	}
	return nil
}

// Value is the n-th example as Go.
func (s scalar) Value(n int) string {
	switch s.Type {
	case field.Int, field.BigInt, field.Float, field.Bool:
		return s.Typed(n)
	case field.Decimal:
		return "decimal.RequireFromString(" + quote(s.Typed(n)) + ")"
	case field.Date:
		return fmt.Sprintf("covetmodels.NewDate(2026, time.January, %d)", n)
	case field.Time:
		return fmt.Sprintf("time.Date(2026, time.January, %d, 15, 4, 0, 0, time.UTC)", n)
	case field.UUID:
		return "uuid.MustParse(" + quote(s.Typed(n)) + ")"
	default:
		return quote(s.Typed(n))
	}
}

// Encoded is the n-th example as text, in JSON and in flags.
func (s scalar) Encoded(n int) string {
	if s.Type == field.Time {
		return s.Typed(n) + ":00Z"
	}
	return s.Typed(n)
}

// Textual reports whether the value is text.
func (s scalar) Textual() bool { return s.Type == field.String || s.Type == field.Text }

// columns are the scalars as columns.
func columns(list []scalar) []column {
	fields := make([]column, len(list))
	for i, s := range list {
		fields[i] = s.column
	}
	return fields
}

// wordData is what the templates of words are filled with.
type wordData struct {
	word
	// Module is the path of the application's Go module.
	Module string
	// Fields are the values that it is given.
	Fields []scalar
}

// wordData reads the name and the fields of a noun, which shall belong into the package of a folder.
func (p *Project) wordData(noun, dir string, r request) (*wordData, error) {
	w, err := parseWord(noun, r.name)
	if err != nil {
		return nil, err
	}
	fields, err := scalars(noun, r.args)
	if err != nil {
		return nil, err
	}
	if err := p.refuseTaken(noun, r.name, dir, r.own, w.Type); err != nil {
		return nil, err
	}
	return &wordData{word: w, Module: p.Module, Fields: fields}, nil
}

// renderAll renders templates, which are named with the kind, to their targets.
func (p *Project) renderAll(out *plan, data any, local map[string]string, parts ...part) error {
	for _, part := range parts {
		files, err := p.render(part.template, part.target, data, local)
		if err != nil {
			return err
		}
		out.files = append(out.files, files...)
	}
	return nil
}

// noArgs refuses fields for a kind that has none.
func noArgs(kind string, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &UsageError{Problem: fmt.Sprintf("a %s has no fields: %q", kind, args), Hint: "Leave them out: covet generate " + kind + " NAME"}
}

// AnyText reports whether some of the values are text.
func (d *wordData) AnyText() bool { return slices.ContainsFunc(d.Fields, scalar.Textual) }
