package models

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a calendar date without a time of day and a time zone, such as a birthday or the date of an invoice. In text
// and JSON it is "2026-03-31" (RFC 3339 full-date), in a database a column of type DATE.
//
// The zero Date is no date: its text is empty, and in a database it is NULL, which a NOT NULL column refuses. Dates can
// be compared with ==.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns a date. Like [time.Date], it normalizes values outside of their range: January 32 is February 1.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// ParseDate parses a date in the form of [Date.String]. It returns an error for a day that does not exist, and for
// empty text.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("parsing a date: expected the form %s", time.DateOnly)
	}
	return DateOf(t), nil
}

// DateOf returns the date of t in the time zone of t.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// Year is the year, 1 to 9999; 0 for no date.
func (d Date) Year() int { return d.year }

// Month is the month, January is 1; 0 for no date.
func (d Date) Month() time.Month { return d.month }

// Day is the day of the month, from 1; 0 for no date.
func (d Date) Day() int { return d.day }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the date as "2026-03-31", and "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// Time returns the begin of the day in UTC, and the zero time for no date.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// AddDays returns the date a number of days later, or earlier if days is negative.
func (d Date) AddDays(days int) Date { return DateOf(d.Time().AddDate(0, 0, days)) }

// Compare returns -1 if d is before other, 0 if they are the same day, and 1 if it is after. No date is before every
// other.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.year, other.year), cmp.Compare(d.month, other.month), cmp.Compare(d.day, other.day))
}

// Equal reports whether both are the same day, or no date.
func (d Date) Equal(other Date) bool { return d == other }

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// MarshalText implements [encoding.TextMarshaler], which JSON uses. It returns an error for a year that does not have
// four digits.
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

// Scan implements [sql.Scanner] for the values that the drivers of SQLite, PostgreSQL and MySQL return for a DATE
// column.
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
	return fmt.Errorf("scanning a date: unexpected type %T", value)
}

// scanText parses a date that may be followed by a time of day.
func (d *Date) scanText(text string) error {
	if n := len(time.DateOnly); len(text) > n && (text[n] == ' ' || text[n] == 'T') {
		text = text[:n]
	}
	return d.UnmarshalText([]byte(text))
}

// GormDataType makes GORM's migrator use the type DATE.
func (Date) GormDataType() string { return "date" }

// check returns an error for a year that text and databases cannot represent.
func (d Date) check() error {
	if !d.IsZero() && (d.year < 1 || d.year > 9999) {
		return fmt.Errorf("writing a date: the year %d is not between 1 and 9999", d.year)
	}
	return nil
}
