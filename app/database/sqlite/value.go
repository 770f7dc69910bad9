package sqlite

import (
	"database/sql/driver"
	"time"
)

var _ driver.NamedValueChecker = (*conn)(nil)

// CheckNamedValue converts an argument of a statement as database/sql does, and cuts times to microseconds, the precision
// that PostgreSQL and MySQL store. SQLite compares times as text, so that a time with more digits would not be found by the
// one that is read back.
func (c *conn) CheckNamedValue(arg *driver.NamedValue) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(arg.Value)
	if err != nil {
		return err
	}
	if t, ok := value.(time.Time); ok {
		value = t.Truncate(time.Microsecond)
	}
	arg.Value = value
	return nil
}
