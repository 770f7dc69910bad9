// Package format writes numbers, times and texts of records the way the pages of the admin show them.
package format

import (
	"strconv"
	"strings"
	"time"
)

// MaxLength is the number of characters after which [Cut] shortens a text.
const MaxLength = 120

// timeLayout is how pages show a time.
const timeLayout = "2006-01-02 15:04:05"

// Number writes a number with commas: 12,345.
func Number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Count writes a number of things: "1 job", "12 jobs".
func Count(n int, one, many string) string {
	return strconv.Itoa(n) + " " + Plural(n, one, many)
}

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

// Cut shortens a text to [MaxLength] characters and an ellipsis.
func Cut(text string) string { return CutTo(text, MaxLength) }

// CutTo shortens a text to length characters and an ellipsis.
func CutTo(text string, length int) string {
	if r := []rune(text); len(r) > length {
		return string(r[:length]) + "…"
	}
	return text
}

// Lower writes a label inside a sentence: "Blog post" is "blog post", and "API key" stays as it is.
func Lower(label string) string {
	if len(label) > 1 && strings.ToUpper(label[:2]) == label[:2] || label == "" {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

// Time writes a time in UTC, for people and for the attribute datetime.
func Time(t time.Time) (shown, machine string) {
	t = t.UTC()
	return t.Format(timeLayout) + " UTC", t.Format(time.RFC3339)
}

// Moment writes a time for people. It returns "" for nil and for the zero time.
func Moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	shown, _ := Time(*t)
	return shown
}
