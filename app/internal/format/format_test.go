package format_test

import (
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/internal/format"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", format.MaxLength)
	for text, want := range map[string]string{"": "", "short": "short", long: long, long + "x": long + "…"} {
		if got := format.Cut(text); got != want {
			t.Errorf("Cut(%q) = %q", text, got)
		}
	}
	for label, want := range map[string]string{"": "", "X": "x", "Blog post": "blog post", "API key": "API key", "ID": "ID", "Änderung": "änderung", "Y axis": "Y axis"} {
		if got := format.Lower(label); got != want {
			t.Errorf("Lower(%q) = %q, want %q", label, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 20, 30, 5, 0, time.FixedZone("", 2*3600))
	for got, want := range map[string]string{
		format.Time(at): "31 Mar 2026, 18:30 UTC", format.Machine(at): "2026-03-31T18:30:05Z",
		format.Day("2026-11-30"): "30 Nov 2026", format.Day("2026-13-01"): "2026-13-01", format.Day(""): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := format.Time(time.Time{}) + format.Machine(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		scale int
		want  string
	}{
		{"55", 2, "55.00"},
		{"55.5", 2, "55.50"},
		{"-0.5", 2, "-0.50"},
		{"55.555", 2, "55.555"},
		{"55", 0, "55"},
		{"55", -1, "55"},
		{".5", 2, ".5"},
		{"", 2, ""},
		{"1e3", 2, "1e3"},
		{"x", 2, "x"},
	} {
		if got := format.Decimal(c.text, c.scale); got != c.want {
			t.Errorf("Decimal(%q, %d) = %q, want %q", c.text, c.scale, got, c.want)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Name": "Name", "CreatedAt": "Created at", "AuthorID": "Author ID", "ID": "ID", "HTMLBody": "HTML body",
		"blog_posts": "Blog posts", "A": "A", "XAxis": "X axis", "Sku": "SKU", "ProductSku": "Product SKU", "skus": "SKUs",
		"ApiKey": "API key", "UrlPath": "URL path", "user_id": "User ID", "send-password-link": "Send password link",
		"ContactUs": "Contact us", "": "", "Größe": "Größe", "VatNumber": "VAT number",
	} {
		if got := format.Label(name); got != want {
			t.Errorf("Label(%q) = %q, want %q", name, got, want)
		}
	}
	for value, want := range map[string]string{
		"draft": "Draft", "in_stock": "In stock", "in-stock": "In stock", "EUR": "EUR", "iPhone": "iPhone", "vat": "VAT",
		"very good": "very good", "": "", "1": "1",
	} {
		if got := format.Value(value); got != want {
			t.Errorf("Value(%q) = %q, want %q", value, got, want)
		}
	}
}
