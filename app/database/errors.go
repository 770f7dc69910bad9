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
	// ErrURL is wrapped by errors of Open for a URL that is missing, malformed, or has the scheme of a driver that is
	// not linked.
	ErrURL = errors.New("invalid database URL")

	// ErrUnavailable is wrapped by the error of Ping and of every statement that fails because the database is
	// unavailable: it refuses connections, is starting or stopping, has no free connection, or its disk is full.
	ErrUnavailable = errors.New("database unavailable")

	// ErrLocked is wrapped by errors of TryLock and Lock while another holder has the lock.
	ErrLocked = errors.New("lock is held by another process")

	// ErrConflict is wrapped by the error of a statement or commit that conflicted with a concurrent transaction: a
	// deadlock, a serialization failure, or a lock that was not acquired in time. The transaction is rolled back;
	// retrying all of it may succeed. Nothing is retried automatically.
	ErrConflict = errors.New("conflict with a concurrent transaction")

	// ErrDanglingReference is wrapped by the error of a commit on SQLite's MigrationPool that would leave a foreign key
	// without its row. The transaction is rolled back.
	ErrDanglingReference = errors.New("rows would reference rows that do not exist")

	// ErrOuterHandle is wrapped by the error of a statement that runs outside of the transaction that its context
	// carries or, on SQLite, that its goroutine holds.
	ErrOuterHandle = errors.New("the database was used outside of the transaction that is open here: " +
		"inside a transaction use db.With(ctx) with the ctx that the transaction's function received, " +
		"or the tx that GORM's callback received")
)

// Translate marks err with its dialect-independent meaning kind; errors.As still finds err. If kind is nil or err has
// that meaning already, Translate returns err. Drivers use it for their error codes.
func Translate(err, kind error) error {
	if err == nil || kind == nil || errors.Is(err, kind) {
		return err
	}
	return &translated{kind: kind, cause: err}
}

// translated is an error of a driver with its meaning.
type translated struct {
	kind, cause error
}

func (e *translated) Error() string   { return e.kind.Error() + ": " + e.cause.Error() }
func (e *translated) Unwrap() []error { return []error{e.kind, e.cause} }

// ConnectionFailed reports whether err means that a connection to the server failed or broke. Drivers use it for
// [ErrUnavailable]. The end of a context is not such an error.
func ConnectionFailed(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// isExpected reports whether err is part of normal operation, so that the caller decides whether to log it.
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
