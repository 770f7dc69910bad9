package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// backend is one MySQL or MariaDB database.
type backend struct {
	conn  *mysql.Config
	pool  *sql.DB
	locks *sql.DB // connections that hold a lock; none is kept
}

// maxConnLifetime is the age at which the driver's authors advise to replace a connection.
const maxConnLifetime = 3 * time.Minute

func newBackend(conn *mysql.Config, cfg database.Config) (*backend, error) {
	pool, err := openPool(conn)
	if err != nil {
		return nil, err
	}
	holding := conn.Clone()
	holding.Params["wait_timeout"] = "31536000" // a lock is held on an idle connection, for a year if need be
	locks, err := openPool(holding)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	cfg.Limit(pool, maxConnLifetime)
	locks.SetMaxIdleConns(-1)
	return &backend{conn: conn, pool: pool, locks: locks}, nil
}

func openPool(conn *mysql.Config) (*sql.DB, error) {
	conn.Logger = &mysql.NopLogger{} // what it would print comes back as an error, too
	connector, err := mysql.NewConnector(conn)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", database.ErrURL, err)
	}
	return sql.OpenDB(connector), nil
}

func (b *backend) Pool() *sql.DB  { return b.pool }
func (b *backend) Server() string { return server(b.conn) }
func (b *backend) Close() error   { return errors.Join(b.pool.Close(), b.locks.Close()) }

func (b *backend) Dialector(pool gorm.ConnPool) gorm.Dialector { return newDialector(b.conn, pool) }

// errReadOnly is the error of Writable for a server that takes no writes.
var errReadOnly = errors.New("the server is read-only: a replica, or read_only is set")

// Writable returns an error while the server takes no writes.
func (b *backend) Writable(ctx context.Context) error {
	var readOnly bool
	err := b.pool.QueryRowContext(ctx, "SELECT @@GLOBAL.read_only").Scan(&readOnly)
	if err == nil && readOnly {
		err = errReadOnly
	}
	return err
}

// MigrationPool opens a pool that takes several statements a query.
func (b *backend) MigrationPool() (*sql.DB, error) {
	conn := b.conn.Clone()
	conn.MultiStatements = true
	pool, err := openPool(conn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(2)
	return pool, nil
}

// TryLock takes a GET_LOCK on a connection of its own.
func (b *backend) TryLock(ctx context.Context, name string) (func(context.Context) error, error) {
	conn, err := b.locks.Conn(ctx)
	if err != nil {
		return nil, err
	}
	key := lockKey(b.conn.DBName, name)
	var got sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", key).Scan(&got)
	if err == nil && got.Int64 != 1 {
		err = database.ErrLocked
	}
	if err != nil {
		_ = conn.Close() // err is what matters
		return nil, err
	}
	return func(ctx context.Context) error {
		var released sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT RELEASE_LOCK(?)", key).Scan(&released)
		return errors.Join(err, conn.Close())
	}, nil
}

// lockKey returns the name for GET_LOCK, which is one for the whole server and at most 64 characters long.
func lockKey(dbName, name string) string {
	key := "covet:" + dbName + ":" + name
	if len(key) <= 64 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "covet:" + hex.EncodeToString(sum[:16])
}
