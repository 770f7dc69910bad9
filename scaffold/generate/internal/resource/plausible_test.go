package resource

import (
	"testing"

	"github.com/covetgo/covet/scaffold/field"
)

func TestPlausible(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ table, field, first, last string }{
		{"products", "name:string", "Walnut desk", "Linen notebook"},
		{"customers", "name:string", "Ada Lovelace", "Alan Turing"},
		{"customers", "billing_city:string", "Lisbon", "Kyoto"},
		{"widgets", "name:string", "Aurora", "Coral"},
		{"widgets", "work_email:string:unique", "ada@example.com", "alan@example.com"},
		{
			"widgets", "description:text", "Made with care, and meant to be used every day.",
			"There is more to say about this, but this is enough to begin with.",
		},
		{"widgets", "price:decimal(10,2)", "349.00", "12.90"},
		{"widgets", "x:slug", "quiet-start", "small-improvements"},
		{"widgets", "x:email", "ada@example.com", "alan@example.com"},
		{"widgets", "x:url", "https://example.com/one", "https://example.com/three"},
		{"widgets", "x:color", "#1f6f5c", "#3b5bdb"},
		{"widgets", "x:money(EUR)", "349.00", "12.90"},
		{"widgets", "body:markdown", "Made with **care**, and meant to be used every day.", "## More to say\n\nThis is enough to begin with."},
		{"widgets", "grain:string", "Grain A", "Grain C"},
	} {
		parsed, err := field.Parse([]string{test.field})
		if err != nil {
			t.Fatal(err)
		}
		c := NewColumn(parsed[0], test.table)
		if first, last := c.Plausible(0).Text, c.Plausible(2).Text; first != test.first || last != test.last {
			t.Errorf("%s of %s: %q … %q, want %q … %q", test.field, test.table, first, last, test.first, test.last)
		}
	}
}
