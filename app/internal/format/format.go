// Package format writes values as generated pages show them, each kind in one spelling, and labels from names. Package
// text formats values in the language of a user.
package format

import (
	"strings"
	"time"
)

// MaxLength is the number of characters after which [Cut] shortens a text.
const MaxLength = 120

// Layouts of times and dates on pages. Both are unambiguous everywhere: the month is a word.
const (
	timeLayout = "2 Jan 2006, 15:04 UTC"
	dateLayout = "2 Jan 2006"
)

// Time writes a time in UTC: "30 Nov 2026, 15:04 UTC". It returns "" for the zero time.
func Time(t time.Time) string { return layout(t, timeLayout) }

// Machine writes a time for the attribute datetime (RFC 3339). It returns "" for the zero time.
func Machine(t time.Time) string { return layout(t, time.RFC3339) }

func layout(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

// Day writes a date of the form 2026-11-30 as "30 Nov 2026". Any other text stays as it is.
func Day(text string) string {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return layout(day, dateLayout)
}

// Bool writes a boolean: Yes or No.
func Bool(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// Decimal writes a decimal number with at least scale digits after its point: "55" is "55.00" with a scale of 2. It
// never rounds. What is no decimal number stays as it is.
func Decimal(text string, scale int) string {
	whole, fraction, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole, "+-")
	if digits == "" || strings.Trim(digits+fraction, "0123456789") != "" || len(fraction) >= scale {
		return text
	}
	return whole + "." + fraction + strings.Repeat("0", scale-len(fraction))
}

// Cut shortens a text to [MaxLength] characters and an ellipsis.
func Cut(text string) string { return CutTo(text, MaxLength) }

// CutTo shortens a text to length characters and an ellipsis.
func CutTo(text string, length int) string {
	if r := []rune(text); len(r) > length {
		return string(r[:length]) + "…"
	}
	return text
}
