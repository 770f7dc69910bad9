package ui_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

func TestText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 16, 4, 0, 0, time.FixedZone("", 3600))
	text := "x"
	for _, test := range []struct {
		value any
		want  string
	}{
		{nil, ui.Nothing},
		{"", ui.Nothing},
		{(*string)(nil), ui.Nothing},
		{&text, "x"},
		{at, "2 Jan 2026, 15:04 UTC"},
		{&at, "2 Jan 2026, 15:04 UTC"},
		{time.Time{}, ui.Nothing},
		{true, "Yes"},
		{false, "No"},
		{0, "0"},
		{int64(1) << 60, "1152921504606846976"},
		{1e7, "10000000"},
		{0.1, "0.1"},
		{decimal.RequireFromString("12.50"), "12.5"},
		{covetmodels.NewDate(2026, 3, 31), "31 Mar 2026"},
		{covetmodels.Date{}, ui.Nothing},
		{json.RawMessage(`{"a":1}`), `{"a":1}`},
		{json.RawMessage(nil), ui.Nothing},
	} {
		if got := ui.Text(test.value); got != test.want {
			t.Errorf("Text(%v) = %q, want %q", test.value, got, test.want)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	amount := decimal.RequireFromString("-12.5")
	for _, test := range []struct {
		value any
		scale int
		want  string
	}{
		{decimal.NewFromInt(349), 2, "EUR\u00a0349.00"},
		{decimal.NewFromInt(349), 0, "EUR\u00a0349"},
		{&amount, 3, "EUR\u00a0-12.500"},
		{(*decimal.Decimal)(nil), 2, ui.Nothing},
	} {
		if got := ui.Money(test.value, "EUR", test.scale); got != test.want {
			t.Errorf("Money(%v, %d) = %q, want %q", test.value, test.scale, got, test.want)
		}
	}
}

// Values of users become links and attributes only when they are what they claim to be.
func TestLinks(t *testing.T) {
	t.Parallel()
	address := "https://example.com/?a=1&b=2"
	for _, test := range []struct {
		name  string
		shown templ.Component
		want  string
	}{
		{"link", ui.Link(address), `<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener">https://example.com/?a=1&amp;b=2</a>`},
		{"pointer", ui.Link(&address), `<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener">https://example.com/?a=1&amp;b=2</a>`},
		{"none", ui.Link((*string)(nil)), "–"},
		{"script", ui.Link("javascript:alert(1)"), "javascript:alert(1)"},
		{"mail", ui.MailLink("ada@example.com"), `<a href="mailto:ada@example.com">ada@example.com</a>`},
		{"no mail", ui.MailLink(""), "–"},
		{"quoted mail", ui.MailLink(`a"onclick="x@y`), `<a href="mailto:a&#34;onclick=&#34;x@y">a&#34;onclick=&#34;x@y</a>`},
		{
			"color", ui.Color("#1f6f5c"), `<svg class="swatch" width="14" height="14" aria-hidden="true">` +
				`<rect width="14" height="14" rx="3" fill="#1f6f5c"></rect></svg> #1f6f5c`,
		},
		{"no color", ui.Color(""), "–"},
	} {
		var b strings.Builder
		if err := test.shown.Render(t.Context(), &b); err != nil || b.String() != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, b.String(), err, test.want)
		}
	}
}
