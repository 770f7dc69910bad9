package noun

import (
	"fmt"
	"slices"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

// Value is a field of a job, a mail or a command.
type Value struct{ resource.Column }

// valueTypes are the types of values.
var valueTypes = []field.Type{
	field.String, field.Text, field.Int, field.BigInt, field.Float, field.Decimal, field.Bool, field.Date, field.Time, field.UUID,
}

// parseValues reads fields that have a type and nothing else.
func parseValues(noun string, args []string) ([]Value, error) {
	fields, err := field.Parse(args)
	if err != nil {
		return nil, err
	}
	var list []Value
	for _, f := range fields {
		plain := field.Field{Name: f.Name, Type: f.Type, Precision: f.Precision, Scale: f.Scale}
		switch {
		case !slices.Contains(valueTypes, f.Word()):
			return nil, refuseType(noun, f)
		case f.String() != plain.String():
			return nil, &usage.Error{
				Problem: fmt.Sprintf("field %s: fields of a %s are not stored and have only a type", f, noun),
				Hint:    "Write: " + plain.String(),
			}
		}
		list = append(list, Value{resource.NewColumn(f, "")})
	}
	return list, nil
}

func refuseType(noun string, f field.Field) error {
	hint := "Types: string, text, int, bigint, float, decimal, bool, date, time, uuid."
	switch f.Word() {
	case field.BelongsTo:
		hint = "Use its key: " + f.Key + ":bigint"
	case field.Enum, field.Slug, field.Email, field.URL, field.Color:
		hint = "Write: " + f.Name + ":string"
	case field.Markdown:
		hint = "Write: " + f.Name + ":text"
	case field.Money:
		hint = fmt.Sprintf("Write: %s:decimal(%d,%d)", f.Name, f.Precision, f.Scale)
	}
	return &usage.Error{Problem: fmt.Sprintf("field %s: a %s has no fields of type %s", f, noun, f.Word()), Hint: hint}
}

// FlagSample is the sample as an argument of a command.
func (v Value) FlagSample() string { return "--" + v.Slug() + "=" + v.EncodedSample() }

// FlagExample is an example for users, inside a Go string.
func (v Value) FlagExample() string {
	if v.Textual() {
		return "--" + v.Slug() + "=text"
	}
	return v.FlagSample()
}

// Data is what the templates of a thing are filled with.
type Data struct {
	Name
	// Module is the path of the application's Go module.
	Module string
	// Fields are the values of the thing.
	Fields []Value
}

// NewData reads the name and the fields of a noun, for the package in a folder.
func NewData(p *project.Project, noun, dir, name string, args []string, own *record.Record) (*Data, error) {
	n, err := Parse(noun, name)
	if err != nil {
		return nil, err
	}
	values, err := parseValues(noun, args)
	if err != nil {
		return nil, err
	}
	if err := RefuseDeclared(p, noun, name, dir, own, n.Type); err != nil {
		return nil, err
	}
	return &Data{Name: n, Module: p.Module, Fields: values}, nil
}

// RefuseField refuses a field that is called like a method of its struct, or like a flag of every command.
func (d *Data) RefuseField(noun, reserved string) error {
	for _, v := range d.Fields {
		if v.Name == reserved {
			return &usage.Error{
				Problem: fmt.Sprintf("field %s: every %s already has a %s", v, noun, reserved),
				Hint:    "Rename it: " + noun + "_" + v.String(),
			}
		}
	}
	return nil
}

// Modules returns the Go modules that the fields need.
func (d *Data) Modules() []string {
	columns := make([]resource.Column, len(d.Fields))
	for i, v := range d.Fields {
		columns[i] = v.Column
	}
	return resource.Modules(columns)
}

// AnyText reports whether a field is text.
func (d *Data) AnyText() bool {
	return slices.ContainsFunc(d.Fields, func(v Value) bool { return v.Textual() })
}
