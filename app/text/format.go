package text

import (
	"context"
	"embed"
	"fmt"
	"math"
	"strconv"
	"time"
)

//go:embed texts/*.yaml
var files embed.FS

// formats are the texts of this package: names of months, formats of dates, relative times, lists.
var formats = (&Set{
	name: "text", optional: map[string][]string{"time": {"hour12", "period"}, "precise_time": {"hour12", "period"}},
}).from(files, "texts")

// Formats returns the texts with which this package formats dates, relative times and lists. An application that adds a
// language translates them under the name "text".
func Formats() *Set { return formats }

// calendarDate is implemented by dates without a time, such as models.Date.
type calendarDate interface {
	Year() int
	Month() time.Month
	Day() int
	IsZero() bool
}

// Number returns a number in the format of the language of ctx: integers, floats, and decimals, which are types with the
// methods Rat and String. Any other value is returned as fmt.Sprint does.
func Number(ctx context.Context, value any) string { return LocaleOf(ctx).Number(value) }

// Date returns the day of a time in the time zone of ctx, or a models.Date: "30 November 2026". The zero value is empty.
func Date(ctx context.Context, value any) string { return LocaleOf(ctx).value(value, "date") }

// Time returns the time of day in the time zone of ctx: "16:05".
func Time(ctx context.Context, t time.Time) string { return LocaleOf(ctx).time(t, "time") }

// DateTime returns the date and the time in the time zone of ctx: "30 November 2026, 16:05".
func DateTime(ctx context.Context, t time.Time) string { return LocaleOf(ctx).time(t, "datetime") }

// Precise is [DateTime] with seconds: "30 November 2026, 16:05:09".
func Precise(ctx context.Context, t time.Time) string { return LocaleOf(ctx).time(t, "precise") }

// Relative returns the distance of a time from now: "5 minutes ago", "in 2 days".
func Relative(ctx context.Context, t time.Time) string { return LocaleOf(ctx).time(t, "relative") }

// Bytes is a size in bytes, which is shown with a unit: "512 bytes", "1.5 KB", "10 MB" (powers of 1024).
type Bytes int64

// Size returns a size in bytes with a unit: "512 bytes", "1.5 KB".
func Size(ctx context.Context, size Bytes) string { return LocaleOf(ctx).size(size) }

// List returns texts as an enumeration: "red, green and blue".
func List(ctx context.Context, items []string) string { return LocaleOf(ctx).list(items) }

// Name returns the name of a language of the application in itself, such as "Deutsch"; the tag of a language whose texts
// lack the key "text.name".
func Name(ctx context.Context, lang string) string {
	l, has := LocaleOf(ctx).Named(lang)
	if name := l.text(formats, "name", nil); has && l.names() {
		return name
	}
	return lang
}

// Number returns a number in the format of the language; see the function [Number].
func (l *Locale) Number(value any) string {
	plain, ok := plainNumber(value)
	if !ok {
		return fmt.Sprint(value)
	}
	return l.numbers.write(plain)
}

// value returns a value in a style; "" is the style of its type.
func (l *Locale) value(value any, style string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case *time.Time:
		if v == nil {
			return ""
		}
		return l.time(*v, style)
	case time.Time:
		return l.time(v, style)
	case calendarDate:
		if v.IsZero() {
			return ""
		}
		return l.date(v)
	case []string:
		return l.list(v)
	case Bytes:
		return l.size(v)
	default:
		return l.Number(value)
	}
}

func (l *Locale) time(t time.Time, style string) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(l.zone)
	switch style {
	case "date":
		return l.date(localDate{local})
	case "time":
		return l.clock("time", local)
	case "relative":
		return l.relative(time.Until(t))
	}
	clock := "time"
	if style == "precise" {
		clock = "precise_time"
	}
	return l.write("datetime", func(name string) string {
		if name == "date" {
			return l.date(localDate{local})
		}
		return l.clock(clock, local)
	})
}

// write returns a text of this package with arguments that are computed when the text has them.
func (l *Locale) write(key string, argument func(name string) string) string {
	m := l.table(formats)[key]
	if m == nil {
		return ""
	}
	return l.join(m.plain, func(p part) string { return argument(p.arg) })
}

type localDate struct{ time.Time }

// monthKeys are the texts with the names of months.
var monthKeys = [...]string{
	"months.january", "months.february", "months.march", "months.april", "months.may", "months.june", "months.july",
	"months.august", "months.september", "months.october", "months.november", "months.december",
}

func (l *Locale) date(d calendarDate) string {
	return l.write("date", func(name string) string {
		switch name {
		case "day":
			return l.digits(d.Day(), 1)
		case "month":
			return l.text(formats, monthKeys[d.Month()-1], nil)
		}
		return l.digits(d.Year(), 4)
	})
}

// clock returns the time of day by the text with a key.
func (l *Locale) clock(key string, t time.Time) string {
	return l.write(key, func(name string) string {
		switch name {
		case "hour":
			return l.digits(t.Hour(), 2)
		case "hour12":
			return l.digits((t.Hour()+11)%12+1, 1)
		case "minute":
			return l.digits(t.Minute(), 2)
		case "second":
			return l.digits(t.Second(), 2)
		}
		if t.Hour() < 12 {
			return l.text(formats, "am", nil)
		}
		return l.text(formats, "pm", nil)
	})
}

// digits returns a number with leading zeros and without groups.
func (l *Locale) digits(n, width int) string {
	plain := strconv.Itoa(n)
	if missing := width - len(plain); missing > 0 {
		plain = "0000"[:missing] + plain
	}
	if l.numbers.zero == '0' {
		return plain
	}
	ungrouped := l.numbers
	ungrouped.primary = 0
	return ungrouped.write(plain)
}

// units are the units of relative times, from the largest.
var units = []struct {
	key    string
	length time.Duration
}{
	{"years", 365 * 24 * time.Hour},
	{"months", 30 * 24 * time.Hour},
	{"days", 24 * time.Hour},
	{"hours", time.Hour},
	{"minutes", time.Minute},
}

func (l *Locale) relative(until time.Duration) string {
	direction, distance := "in.", until
	if until < 0 {
		direction, distance = "ago.", -until
	}
	distance += time.Second / 2 // computing it took a moment
	for _, unit := range units {
		if n := int64(distance / unit.length); n > 0 {
			return l.text(formats, direction+unit.key, []any{"n", n})
		}
	}
	return l.text(formats, "now", nil)
}

func (l *Locale) size(size Bytes) string {
	for _, unit := range []struct {
		key    string
		length Bytes
	}{{"size.gb", 1 << 30}, {"size.mb", 1 << 20}, {"size.kb", 1 << 10}} {
		if size >= unit.length {
			n := math.Round(10*float64(size)/float64(unit.length)) / 10
			return l.text(formats, unit.key, []any{"n", n})
		}
	}
	return l.text(formats, "size.bytes", []any{"n", int64(size)})
}

func (l *Locale) list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	list := items[0]
	for i, item := range items[1:] {
		key := "list.next"
		if i == len(items)-2 {
			key = "list.last"
		}
		list = l.text(formats, key, []any{"list", list, "item", item})
	}
	return list
}
