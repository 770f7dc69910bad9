package generate

import (
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// FactoryValue is the field in the literal of a factory, or empty when its zero value will do.
func (c column) FactoryValue() string {
	value := c.factoryValue()
	if value == "" || c.Nullable {
		return ""
	}
	return c.Member() + ": " + value + ","
}

func (c column) factoryValue() string {
	switch c.Type {
	case field.String, field.Text:
		if c.Unique {
			return "Unique(" + quote(c.Name) + ")"
		}
		return quote(c.Label())
	case field.Int, field.BigInt, field.Float:
		if c.Unique {
			return goTypes[c.Type] + "(Number())"
		}
		return c.Typed(1)
	case field.Decimal:
		if c.Unique {
			return fmt.Sprintf("decimal.New(int64(Number())%%%d, %d)", pow10(c.Precision), -c.Scale)
		}
		return "decimal.RequireFromString(" + quote(c.Typed(1)) + ")"
	case field.Date:
		if c.Unique {
			return "covetmodels.DateOf(time.Now()).AddDays(Number()%100000)"
		}
		return "covetmodels.DateOf(time.Now())"
	case field.Time:
		if c.Unique {
			return "time.Now().UTC().Truncate(time.Second).Add(time.Duration(Number()) * time.Second)"
		}
		return "time.Now().UTC().Truncate(time.Second)"
	case field.UUID:
		return "uuid.New()"
	case field.JSON:
		return "json.RawMessage(`{}`)"
	case field.Enum:
		return quote(c.Values[0])
	default:
		return ""
	}
}

// Typed is what somebody types into the form, the n-th time.
func (c column) Typed(n int) string {
	switch c.Type {
	case field.String, field.Text:
		return fmt.Sprintf("%s %d", c.Label(), n)
	case field.Int, field.BigInt:
		return fmt.Sprint(n)
	case field.Float:
		return fmt.Sprintf("%d.5", n)
	case field.Decimal:
		if c.Precision == c.Scale {
			return "0." + strings.Repeat("0", c.Scale-1) + fmt.Sprint(n)
		}
		return fmt.Sprint(n)
	case field.Bool:
		return "true"
	case field.Date:
		return fmt.Sprintf("2026-01-%02d", n)
	case field.Time:
		return fmt.Sprintf("2026-01-%02dT15:04", n)
	case field.UUID:
		return fmt.Sprintf("123e4567-e89b-42d3-a456-42661417400%d", n)
	case field.JSON:
		return fmt.Sprintf(`{"n":%d}`, n)
	case field.Enum:
		return c.Values[n%len(c.Values)]
	default:
		return ""
	}
}

// Sent is the Go expression of what a program sends, the n-th time.
func (c column) Sent(n int) string {
	switch c.Type {
	case field.Int, field.BigInt, field.Float:
		return c.Typed(n)
	case field.Bool:
		return "true"
	case field.Time:
		return quote(c.Typed(n) + ":00Z")
	case field.JSON:
		return fmt.Sprintf(`map[string]any{"n": %d}`, n)
	default:
		return quote(c.Typed(n))
	}
}

// Wrong is text that the form refuses, as Go, or empty.
func (c column) Wrong() string {
	switch c.Type {
	case field.String:
		return `strings.Repeat("x", 256)`
	case field.Int, field.BigInt, field.Float, field.Decimal, field.Date, field.Time, field.UUID:
		return quote("nonsense")
	case field.JSON:
		return quote("{")
	default:
		return ""
	}
}

// control is how people enter a value.
func (c column) control() string {
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
	case field.File:
		return "file"
	default:
		return ""
	}
}

// Control is the element of the form, as a Go literal.
func (c column) Control() string {
	parts := []string{"Label: " + quote(c.Label()), "Name: " + quote(c.Key)}
	if control := c.control(); control != "" {
		parts = append(parts, "Type: "+quote(control))
	}
	switch c.Type {
	case field.Many:
		parts = append(parts, fmt.Sprintf("Values: values[%q], Options: offered[%q]", c.Key, c.Key))
	case field.File:
	case field.BelongsTo:
		parts = append(parts, fmt.Sprintf("Value: values.Get(%q), Options: offered[%q]", c.Key, c.Key))
	case field.Enum:
		var options []string
		for _, value := range c.Values {
			options = append(options, fmt.Sprintf("{Value: %q, Label: %q}", value, inflect.Label(value)))
		}
		parts = append(parts, fmt.Sprintf("Value: values.Get(%q), Options: []ui.Option{%s}", c.Key, strings.Join(options, ", ")))
	default:
		parts = append(parts, fmt.Sprintf("Value: values.Get(%q)", c.Key))
	}
	if c.Type == field.Time {
		parts = append(parts, `Hint: "In UTC."`)
	}
	if c.Type == field.JSON {
		parts = append(parts, `Hint: "As JSON."`)
	}
	if c.MustBeGiven() || (c.Type == field.Enum && !c.Nullable) {
		parts = append(parts, "Required: true")
	}
	parts = append(parts, fmt.Sprintf("Error: errs[%q]", c.Key))
	return "{" + strings.Join(parts, ", ") + "}"
}

// Shown is the value on a page, in templ.
func (c column) Shown(record string) string {
	value := record + "." + c.Member()
	switch c.Type {
	case field.String, field.Text:
		if !c.Nullable {
			return "{ " + value + " }"
		}
	case field.BelongsTo:
		return "{ " + c.LabelFunc() + "(" + record + "." + c.GoName + ") }"
	case field.Many:
		return "{ " + c.LabelFunc() + "s(" + record + "." + c.GoName + ") }"
	}
	return "{ ui.Text(" + value + ") }"
}

// pow10 is ten to the power of n, as far as it fits.
func pow10(n int) int64 {
	result := int64(1)
	for range min(n, 9) {
		result *= 10
	}
	return result
}
