package database

import (
	"errors"
	"reflect"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// registerTimes cuts the times of rows before they are written, so that a row in memory equals the row that is read.
// Drivers cut the times of all other statements.
func registerTimes(db *gorm.DB) error {
	callbacks := db.Callback()
	return errors.Join(
		callbacks.Create().Before("gorm:create").Register("covet:cut_times", cutTimes),
		callbacks.Update().Before("gorm:update").Register("covet:cut_times", cutTimes),
	)
}

// cutTimes cuts the times of the statement's rows to microseconds.
func cutTimes(db *gorm.DB) {
	s := db.Statement.Schema
	if s == nil || db.Error != nil {
		return
	}
	rows := db.Statement.ReflectValue
	for _, f := range s.Fields {
		if f.DBName == "" || f.IndirectFieldType != reflect.TypeFor[time.Time]() {
			continue
		}
		switch rows.Kind() {
		case reflect.Slice, reflect.Array:
			for i := range rows.Len() {
				cutTime(db, f, reflect.Indirect(rows.Index(i)))
			}
		case reflect.Struct:
			cutTime(db, f, rows)
		}
	}
}

// cutTime cuts a time of a row to microseconds, if it can be set.
func cutTime(db *gorm.DB, f *schema.Field, row reflect.Value) {
	if !row.IsValid() || row.Type() != f.Schema.ModelType || !row.CanAddr() {
		return
	}
	value, zero := f.ValueOf(db.Statement.Context, row)
	if zero {
		return
	}
	t, ok := value.(time.Time)
	if pointer, isPointer := value.(*time.Time); isPointer && pointer != nil {
		t, ok = *pointer, true
	}
	if cut := t.Truncate(time.Microsecond); ok && !cut.Equal(t) {
		_ = db.AddError(f.Set(db.Statement.Context, row, cut))
	}
}
