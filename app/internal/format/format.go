// Package format writes values as pages show them, each kind in one spelling: the admin, the components of package ui
// and, with them, generated pages use it.
package format

import (
	"strconv"
	"strings"
	"time"
)

// MaxLength is the number of characters after which [Cut] shortens a text.
const MaxLength = 120

// Layouts of times and dates on pages. Both are unambiguous everywhere: the month is a word.
const (
	timeLayout    = "2 Jan 2006, 15:04 UTC"
	preciseLayout = "2 Jan 2006, 15:04:05 UTC"
	dateLayout    = "2 Jan 2006"
)

// Time writes a time in UTC: "30 Nov 2026, 15:04 UTC". It returns "" for the zero time.
func Time(t time.Time) string { return layout(t, timeLayout) }

// Precise is [Time] with seconds, where they matter: logs, and the hints of times.
func Precise(t time.Time) string { return layout(t, preciseLayout) }

// Machine writes a time for the attribute datetime (RFC 3339). It returns "" for the zero time.
func Machine(t time.Time) string { return layout(t, time.RFC3339) }

// Date writes the day of a time: "30 Nov 2026". It returns "" for the zero time.
func Date(t time.Time) string { return layout(t, dateLayout) }

func layout(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

// Moment is [Precise] for a time that may be nil.
func Moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return Precise(*t)
}

// Day writes a date of the form 2026-11-30 as [Date] does. Any other text stays as it is.
func Day(text string) string {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return Date(day)
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

// Number writes a number with commas: 12,345.
func Number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Count writes a number of things: "1 job", "1,200 jobs".
func Count(n int, one, many string) string { return Number(n) + " " + Plural(n, one, many) }

// Plural returns one for the number 1 and many for any other.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// AtMost writes a number that is known up to limit: "1,000+" stands for more.
func AtMost(n, limit int) string {
	if n > limit {
		return Number(limit) + "+"
	}
	return Number(n)
}

// Size writes a number of bytes: "12 bytes", "340 KiB", "1.5 MiB".
func Size(n int64) string {
	const unit = 1024
	switch {
	case n == 1:
		return "1 byte"
	case n < unit:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < unit*unit:
		return strconv.FormatInt((n+unit/2)/unit, 10) + " KiB"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(unit*unit), 'f', 1, 64), ".0") + " MiB"
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
