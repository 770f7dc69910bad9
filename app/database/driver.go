package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// Driver connects this package to one kind of database. Covet ships sqlite.Driver, postgres.Driver and mysql.Driver.
// Its methods are called by Open only.
type Driver interface {
	// Dialect is the name of the SQL dialect, which is also that of the folder with its migrations: "sqlite".
	Dialect() string
	// Schemes lists the URL schemes that the driver answers to, the preferred one first: "postgres", "postgresql".
	Schemes() []string
	// Open prepares a database without dialing or touching a file. Config has the defaults of WithDefaults.
	Open(cfg Config) (Backend, error)
}

// Backend is one database as its driver sees it. Its methods may be called concurrently; none but the pool's and
// TryLock reach out to the server.
type Backend interface {
	// Pool is the connection pool.
	Pool() *sql.DB
	// Dialector is GORM's view of the dialect, running its statements on pool. It must implement
	// gorm.ErrorTranslator.
	Dialector(pool gorm.ConnPool) gorm.Dialector
	// Server names the database for people, without secrets: "PostgreSQL at 127.0.0.1:5432, database blog".
	Server() string
	// MigrationPool opens a pool of connections that are made for changing the schema. The caller closes it.
	MigrationPool() (*sql.DB, error)
	// TryLock takes the lock called name without waiting, or returns an error that wraps ErrLocked.
	TryLock(ctx context.Context, name string) (release func(context.Context) error, err error)
	// Close closes the pool and whatever belongs to it. It is called once.
	Close() error
}
