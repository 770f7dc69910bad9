package ui_test

import (
	"encoding/json"
	"testing"
	"time"

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
