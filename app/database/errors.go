package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"gorm.io/gorm"
)

var (
	// ErrURL is wrapped by the errors of Open: the URL is missing, malformed, or names a driver that is not linked.
	ErrURL = errors.New("invalid database URL")

	// ErrUnavailable is wrapped by the error of Ping, and of every statement that fails because the database cannot be
	// used at the moment: it refuses connections, starts, stops, has no connection left, or has no room on its disk.
	ErrUnavailable = errors.New("database unavailable")

	// ErrLocked is wrapped by the errors of TryLock and Lock while somebody else holds the lock.
	ErrLocked = errors.New("lock is held by another process")

	// ErrConflict is wrapped by the error of a statement or commit that lost against a concurrent transaction: a
	// deadlock, a serialization failure, or a lock that was not granted in time. The transaction is rolled back;
	// running all of it again may succeed. Nothing is retried silently.
	ErrConflict = errors.New("conflict with a concurrent transaction")

	// ErrDanglingReference is wrapped by the error of a commit on SQLite's MigrationPool that would leave a row whose
	// foreign key refers to no row. The transaction is rolled back.
	ErrDanglingReference = errors.New("rows would refer to rows that do not exist")

	// ErrOuterHandle is wrapped by the error of a statement that runs outside of a transaction although its context
	// carries one or, on SQLite, although its goroutine holds one.
	ErrOuterHandle = errors.New("the database was used outside of the transaction that is open here: " +
		"inside a transaction use db.With(ctx) with the ctx that the transaction's function received, " +
		"or the tx that GORM's callback received")
)

// Translate gives err the dialect-independent meaning kind, keeping err itself reachable. It returns err as it is
// when kind is nil or err means kind already. Drivers use it for their error codes.
func Translate(err, kind error) error {
	if err == nil || kind == nil || errors.Is(err, kind) {
		return err
	}
	return &translated{kind: kind, cause: err}
}

// translated is an error of a driver together with what it means.
type translated struct {
	kind, cause error
}

func (e *translated) Error() string   { return e.kind.Error() + ": " + e.cause.Error() }
func (e *translated) Unwrap() []error { return []error{e.kind, e.cause} }

// ConnectionFailed reports whether err means that the connection to the server could not be made, or broke. Drivers use
// it for [ErrUnavailable]. The end of a context is no such error.
func ConnectionFailed(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// isExpected reports whether err is part of ordinary operation, so that logging it as an error would be noise:
// the caller decides.
func isExpected(err error) bool {
	for _, kind := range []error{
		gorm.ErrRecordNotFound, gorm.ErrDuplicatedKey, gorm.ErrForeignKeyViolated, gorm.ErrCheckConstraintViolated,
		ErrConflict, ErrOuterHandle,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
