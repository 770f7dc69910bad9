package sqlite

import (
	"errors"

	libtnb "github.com/libtnb/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	moderncsqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/covetgo/covet/app/database"
)

// dialector is GORM's SQLite dialect, without the version query with which the one it embeds would open the file.
type dialector struct {
	libtnb.Dialector
}

func newDialector(pool gorm.ConnPool) gorm.Dialector {
	return &dialector{libtnb.Dialector{Conn: pool}}
}

// Initialize registers callbacks with RETURNING, which the SQLite linked here supports.
func (d *dialector) Initialize(db *gorm.DB) error {
	db.ConnPool = d.Conn
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	for name, build := range d.ClauseBuilders() {
		if _, ok := db.ClauseBuilders[name]; !ok {
			db.ClauseBuilders[name] = build
		}
	}
	return nil
}

// restrictText is the error of ON DELETE RESTRICT. SQLite makes a trigger of that, and gives it the code of one: only
// the text tells it from what an application's own triggers raise.
const restrictText = "constraint failed: FOREIGN KEY constraint failed (1811)"

// Translate gives SQLite's result codes their meaning.
func (d *dialector) Translate(err error) error {
	var failure *moderncsqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return database.Translate(err, gorm.ErrDuplicatedKey)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return database.Translate(err, gorm.ErrForeignKeyViolated)
	case sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		if failure.Error() == restrictText {
			return database.Translate(err, gorm.ErrForeignKeyViolated)
		}
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return database.Translate(err, gorm.ErrCheckConstraintViolated)
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return database.Translate(err, database.ErrConflict)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY:
		return database.Translate(err, database.ErrUnavailable)
	}
	return err
}

// isBusy reports whether another connection stood in the way.
func isBusy(err error) bool {
	var failure *moderncsqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	primary := failure.Code() & 0xff
	return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
}
