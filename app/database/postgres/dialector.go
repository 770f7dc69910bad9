package postgres

import (
	"context"
	"errors"
	"strings"

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
	"53000": database.ErrUnavailable, // insufficient_resources
	"53100": database.ErrUnavailable, // disk_full
	"53200": database.ErrUnavailable, // out_of_memory
	"53300": database.ErrUnavailable, // too_many_connections
	"57P01": database.ErrUnavailable, // admin_shutdown
	"57P02": database.ErrUnavailable, // crash_shutdown
	"57P03": database.ErrUnavailable, // cannot_connect_now: it starts, stops or recovers
	"57P05": database.ErrUnavailable, // idle_session_timeout
	"58030": database.ErrUnavailable, // io_error
}

// Translate gives PostgreSQL's error codes their meaning.
func (d *dialector) Translate(err error) error {
	var failure *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &failure) && strings.HasPrefix(failure.Code, "08"): // connection_exception
		return database.Translate(err, database.ErrUnavailable)
	case failure != nil:
		return database.Translate(err, errorCodes[failure.Code])
	case errors.As(err, &connecting) && !errors.Is(err, context.Canceled), database.ConnectionFailed(err):
		return database.Translate(err, database.ErrUnavailable)
	}
	return err
}

// ErrorPosition returns the character of the statement, counted from 1, that err is about, or 0.
func (b *backend) ErrorPosition(err error) int {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return 0
	}
	return int(failure.Position)
}
