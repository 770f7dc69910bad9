package format_test

import (
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/admin/internal/format"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -12: "-12", -123: "-123", -1234: "-1,234"} {
		if got := format.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 jobs", 1: "1 job", 2: "2 jobs"} {
		if got := format.Count(n, "job", "jobs"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{999: "999", 1000: "1,000", 1001: "1,000+"} {
		if got := format.AtMost(n, 1000); got != want {
			t.Errorf("AtMost(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", format.MaxLength)
	for text, want := range map[string]string{"": "", "short": "short", long: long, long + "x": long + "…"} {
		if got := format.Cut(text); got != want {
			t.Errorf("Cut(%q) = %q", text, got)
		}
	}
	for label, want := range map[string]string{"": "", "X": "x", "Blog post": "blog post", "API key": "API key", "ID": "ID"} {
		if got := format.Lower(label); got != want {
			t.Errorf("Lower(%q) = %q, want %q", label, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 20, 30, 5, 0, time.FixedZone("", 2*3600))
	if shown, machine := format.Time(at); shown != "2026-03-31 18:30:05 UTC" || machine != "2026-03-31T18:30:05Z" {
		t.Errorf("%q %q", shown, machine)
	}
	if got := format.Moment(nil) + format.Moment(&time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}
