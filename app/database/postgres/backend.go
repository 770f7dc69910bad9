package postgres

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// backend is one PostgreSQL database.
type backend struct {
	conn  *pgx.ConnConfig
	pool  *sql.DB
	locks *sql.DB // connections that hold a lock; none is kept
}

func newBackend(conn *pgx.ConnConfig, cfg database.Config) *backend {
	b := &backend{conn: conn, pool: stdlib.OpenDB(*conn, utcTimes), locks: stdlib.OpenDB(*conn)}
	cfg.Limit(b.pool, 30*time.Minute)
	b.locks.SetMaxIdleConns(-1)
	return b
}

func (b *backend) Pool() *sql.DB  { return b.pool }
func (b *backend) Server() string { return server(b.conn) }
func (b *backend) Close() error   { return errors.Join(b.pool.Close(), b.locks.Close()) }

func (b *backend) Dialector(pool gorm.ConnPool) gorm.Dialector { return newDialector(pool) }

// errReadOnly is the error of Writable for a server that takes no writes.
var errReadOnly = errors.New("the server is read-only: a standby, or default_transaction_read_only is set")

// Writable returns an error while the server takes no writes.
func (b *backend) Writable(ctx context.Context) error {
	var readOnly string
	err := b.pool.QueryRowContext(ctx, "SHOW transaction_read_only").Scan(&readOnly)
	if err == nil && readOnly == "on" {
		err = errReadOnly
	}
	return err
}

// MigrationPool opens a pool that sends each text as it is, so that nothing about the schema is cached.
func (b *backend) MigrationPool() (*sql.DB, error) {
	conn := b.conn.Copy()
	conn.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool := stdlib.OpenDB(*conn, utcTimes)
	pool.SetMaxOpenConns(2)
	return pool, nil
}

// TryLock takes a session advisory lock on a connection of its own. PostgreSQL keeps such locks by database.
func (b *backend) TryLock(ctx context.Context, name string) (func(context.Context) error, error) {
	conn, err := b.locks.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var ok bool
	err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", lockKey(name)).Scan(&ok)
	if err == nil && !ok {
		err = database.ErrLocked
	}
	if err != nil {
		_ = conn.Close() // err is what matters
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", lockKey(name))
		return errors.Join(err, conn.Close())
	}, nil
}

// lockKey returns the number that PostgreSQL locks for name.
func lockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("covet:" + name)) // never fails
	return int64(h.Sum64())                 // any 64 bits do
}
