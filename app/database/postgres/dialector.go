package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// dialector is GORM's PostgreSQL dialect with our translation of errors.
type dialector struct {
	*gormpostgres.Dialector
}

func newDialector(pool gorm.ConnPool) gorm.Dialector {
	return &dialector{&gormpostgres.Dialector{Config: &gormpostgres.Config{Conn: pool}}}
}

// meanings of PostgreSQL's error codes (appendix A of its manual).
var meanings = map[string]error{
	"23505": gorm.ErrDuplicatedKey,
	"23001": gorm.ErrForeignKeyViolated, // restrict_violation, of ON DELETE RESTRICT since PostgreSQL 18
	"23503": gorm.ErrForeignKeyViolated,
	"23514": gorm.ErrCheckConstraintViolated,
	"40001": database.ErrConflict, // serialization_failure
	"40P01": database.ErrConflict, // deadlock_detected
	"55P03": database.ErrConflict, // lock_not_available
}

// Translate gives PostgreSQL's error codes their meaning.
func (d *dialector) Translate(err error) error {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return err
	}
	return database.Translate(err, meanings[failure.Code])
}

// ErrorPosition returns the character of the statement, counted from 1, that err is about, or 0.
func (b *backend) ErrorPosition(err error) int {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return 0
	}
	return int(failure.Position)
}
