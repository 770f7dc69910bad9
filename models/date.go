package models

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time of day and a time zone: a
// birthday, the date of an invoice. In text and JSON it is "2026-03-31" (RFC 3339
// full-date), in a database a column of the type DATE.
//
// The zero Date is no date: its text is empty, and in a database it is NULL, which
// a column that is NOT NULL refuses. Dates are values that can be compared with ==.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns a date. What the calendar does not have is carried over, as
// [time.Date] does: the 32nd of January is the first of February.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// ParseDate reads a date as [Date.String] writes it. Days that the calendar does
// not have are errors, and so is empty text.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("parsing a date: it is not written as %s", time.DateOnly)
	}
	return DateOf(t), nil
}

// DateOf returns the date of t in the time zone of t.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// Year is from 1 to 9999, and 0 of no date.
func (d Date) Year() int { return d.year }

// Month is from January, which is 1, to December, and 0 of no date.
func (d Date) Month() time.Month { return d.month }

// Day is the day of the month from 1, and 0 of no date.
func (d Date) Day() int { return d.day }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String writes the date as "2026-03-31", and no date as "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// Time returns the beginning of the day in UTC, and the zero time for no date.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// AddDays returns the date that many days later, or earlier when days is negative.
func (d Date) AddDays(days int) Date { return DateOf(d.Time().AddDate(0, 0, days)) }

// Compare returns -1 when d is before other, 0 when they are the same day, and 1
// when it is after. No date is before every other.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.year, other.year), cmp.Compare(d.month, other.month), cmp.Compare(d.day, other.day))
}

// Equal reports whether both are the same day, or no date.
func (d Date) Equal(other Date) bool { return d == other }

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// MarshalText implements [encoding.TextMarshaler], and with it JSON. A year
// that is not written with four digits is an error.
func (d Date) MarshalText() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. Empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// Value implements [driver.Valuer]: text, or NULL for no date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d.String(), nil
}

// Scan implements [sql.Scanner] for what the drivers of SQLite, PostgreSQL and
// MySQL return for a column of dates.
func (d *Date) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		*d = DateOf(v)
		return nil
	case []byte:
		return d.scanText(string(v))
	case string:
		return d.scanText(v)
	}
	return fmt.Errorf("scanning a date: no date is a %T", value)
}

// scanText reads a date, behind which a time of day may stand.
func (d *Date) scanText(text string) error {
	if n := len(time.DateOnly); len(text) > n && (text[n] == ' ' || text[n] == 'T') {
		text = text[:n]
	}
	return d.UnmarshalText([]byte(text))
}

// GormDataType makes GORM's migrator write DATE.
func (Date) GormDataType() string { return "date" }

// check returns an error for a year that text and databases do not have.
func (d Date) check() error {
	if !d.IsZero() && (d.year < 1 || d.year > 9999) {
		return fmt.Errorf("writing a date: the year %d is not between 1 and 9999", d.year)
	}
	return nil
}
