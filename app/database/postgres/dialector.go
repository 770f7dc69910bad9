package postgres

import (
	"context"
	"errors"
	"slices"

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

// errorCodes maps PostgreSQL's error codes (appendix A of its manual) to GORM's errors.
var errorCodes = map[string]error{
	"23505": gorm.ErrDuplicatedKey,
	"23001": gorm.ErrForeignKeyViolated, // restrict_violation, of ON DELETE RESTRICT since PostgreSQL 18
	"23503": gorm.ErrForeignKeyViolated,
	"23514": gorm.ErrCheckConstraintViolated,
	"40001": database.ErrConflict,    // serialization_failure
	"40P01": database.ErrConflict,    // deadlock_detected
	"55P03": database.ErrConflict,    // lock_not_available
	"25006": database.ErrUnavailable, // read_only_sql_transaction: a standby, or default_transaction_read_only
	"57P01": database.ErrUnavailable, // admin_shutdown
	"57P02": database.ErrUnavailable, // crash_shutdown
	"57P03": database.ErrUnavailable, // cannot_connect_now: it starts, stops or recovers
	"57P04": database.ErrUnavailable, // database_dropped
	"57P05": database.ErrUnavailable, // idle_session_timeout
}

// unavailableClasses are the classes of error codes all of which mean that the server cannot be used at the moment:
// connection exceptions, insufficient resources (no connection left, a full disk), and errors of the system.
var unavailableClasses = []string{"08", "53", "58"}

// Translate gives PostgreSQL's error codes their meaning. Every error of connecting means that the database is
// unavailable, a password that the server refuses included.
func (d *dialector) Translate(err error) error {
	var failure *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &connecting) && !errors.Is(err, context.Canceled):
		return database.Translate(err, database.ErrUnavailable)
	case errors.As(err, &failure) && slices.Contains(unavailableClasses, failure.Code[:min(2, len(failure.Code))]):
		return database.Translate(err, database.ErrUnavailable)
	case failure != nil:
		return database.Translate(err, errorCodes[failure.Code])
	case database.ConnectionFailed(err), pgconn.SafeToRetry(err) && !endOfContext(err): // the connection was closed before
		return database.Translate(err, database.ErrUnavailable)
	}
	return err
}

func endOfContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// ErrorPosition returns the character of the statement, counted from 1, that err is about, or 0.
func (b *backend) ErrorPosition(err error) int {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return 0
	}
	return int(failure.Position)
}
