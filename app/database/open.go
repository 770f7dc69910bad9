package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
)

// DB is one database. It is safe for concurrent use. Pass it as a pointer.
type DB struct {
	cfg     Config
	dialect string
	backend Backend
	gorm    *gorm.DB
	log     *slog.Logger

	closeOnce sync.Once
	closeErr  error
}

// Open prepares the database of cfg.URL with the driver of its scheme. It opens no connection and creates no file; the
// first statement or Ping does. A nil log discards all records. Errors wrap ErrURL and never contain the password.
func Open(cfg Config, log *slog.Logger, drivers ...Driver) (*DB, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	driver, err := driverFor(cfg.URL, drivers)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	cfg = cfg.WithDefaults()
	backend, err := driver.Open(cfg)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	db := &DB{cfg: cfg, dialect: driver.Dialect(), backend: backend, log: log}
	if err := db.openGORM(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening database: %w", err), backend.Close())
	}
	return db, nil
}

// openGORM creates the GORM handle on the backend's pool.
func (db *DB) openGORM() error {
	pool := &connPool{DB: db.backend.Pool(), owner: db}
	handle, err := gorm.Open(db.backend.Dialector(pool), &gorm.Config{
		DisableAutomaticPing: true,
		TranslateError:       true,
		Logger:               newLogger(db.log, db.cfg.SlowQuery, db.cfg.Record),
		NowFunc:              now,
	})
	if err != nil {
		return err
	}
	db.gorm = handle
	hideErr := handle.Callback().Row().Before("gorm:row").Register("covet:hide_parameters", hideParameters)
	return errors.Join(hideErr, registerTimes(handle))
}

// now returns the time for created and updated rows, in UTC and in the precision that every dialect stores, so that a
// row is read as it was written.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// With returns a GORM handle for statements under ctx, in the transaction that ctx carries, if any. Use it immediately
// and do not keep it.
func (db *DB) With(ctx context.Context) *gorm.DB {
	if s := scopeOf(ctx, db); s != nil {
		return s.handle(ctx, db)
	}
	return db.gorm.WithContext(ctx)
}

// Dialect is "sqlite", "postgres" or "mysql" (which includes MariaDB).
func (db *DB) Dialect() string { return db.dialect }

// Embedded reports whether the database runs inside this process: SQLite.
func (db *DB) Embedded() bool { return db.dialect == "sqlite" }

// Server describes the database for people, without secrets: "PostgreSQL at 127.0.0.1:5432, database blog".
func (db *DB) Server() string { return db.backend.Server() }

// Stats returns the statistics of the connection pool. On SQLite they count borrowers; there are fewer connections to
// the file.
func (db *DB) Stats() sql.DBStats { return db.backend.Pool().Stats() }

// Ping connects and verifies that the database responds. Errors wrap ErrUnavailable and contain the server.
func (db *DB) Ping(ctx context.Context) error {
	err := db.backend.Pool().PingContext(ctx)
	if err == nil {
		return nil
	}
	hint := "is it running, and are user, password and database name right?"
	if db.Embedded() {
		hint = "is the folder writable, and the file a SQLite database?"
	}
	return fmt.Errorf("connecting to %s: %w: %w; %s", db.Server(), ErrUnavailable, singleLineError{err}, hint)
}

// Ready returns nil when the database can serve: it responds, and takes writes. A server that is read-only is not ready;
// on SQLite a file of 4 KiB is written beside the database and deleted. Errors wrap ErrUnavailable.
func (db *DB) Ready(ctx context.Context) error {
	open := db.Stats().OpenConnections
	err := db.ready(ctx)
	for range open { // a restart of the server breaks the connections of the pool, and each is found broken once
		if err == nil || ctx.Err() != nil {
			break
		}
		err = db.ready(ctx)
	}
	return err
}

func (db *DB) ready(ctx context.Context) error {
	if err := db.Ping(ctx); err != nil {
		return err
	}
	if err := db.backend.Writable(ctx); err != nil {
		return fmt.Errorf("writing to %s: %w: %w", db.Server(), ErrUnavailable, err)
	}
	return nil
}

// singleLineError is an error whose text is one line. PostgreSQL's driver returns one for each way of connecting that
// it tried, most of them identical.
type singleLineError struct{ error }

func (p singleLineError) Error() string {
	lines := strings.Split(p.error.Error(), "\n")
	var parts []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		heading := len(lines) > 1 && strings.HasSuffix(line, ":")
		if line != "" && !heading && !slices.Contains(parts, line) {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}

func (p singleLineError) Unwrap() error { return p.error }

// MigrationPool opens a connection pool for changes of the schema, separate from the application's: on SQLite foreign
// keys are not enforced but checked before each commit, and on MySQL a query may contain several statements. The caller
// closes it.
func (db *DB) MigrationPool() (*sql.DB, error) {
	pool, err := db.backend.MigrationPool()
	if err != nil {
		return nil, fmt.Errorf("opening migration connections: %w", err)
	}
	return pool, nil
}

// ErrorPosition returns the character of a statement, counted from 1, at which the database found the fault of err, or
// 0 if the database does not report it. Only PostgreSQL does.
func (db *DB) ErrorPosition(err error) int {
	if p, ok := db.backend.(interface{ ErrorPosition(err error) int }); ok {
		return p.ErrorPosition(err)
	}
	return 0
}

// Close closes all connections. It may be called before the first use and repeatedly: later calls return the result of
// the first.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		if err := db.backend.Close(); err != nil {
			db.closeErr = fmt.Errorf("closing database: %w", err)
		}
	})
	return db.closeErr
}
