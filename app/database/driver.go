package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// Driver connects this package to one kind of database. Covet provides sqlite.Driver, postgres.Driver and mysql.Driver.
// Only Open calls its methods.
type Driver interface {
	// Dialect is the name of the SQL dialect and of the folder with its migrations: "sqlite".
	Dialect() string
	// Schemes returns the URL schemes of the driver, the preferred one first: "postgres", "postgresql".
	Schemes() []string
	// Open prepares a database. It opens no connection and no file. Config has the defaults of WithDefaults.
	Open(cfg Config) (Backend, error)
}

// Backend is an opened database of a driver. Its methods are safe for concurrent use. Only those of the pool, Writable
// and TryLock access the server.
type Backend interface {
	// Pool is the connection pool.
	Pool() *sql.DB
	// Dialector is the GORM dialector that runs its statements on pool. It must implement gorm.ErrorTranslator.
	Dialector(pool gorm.ConnPool) gorm.Dialector
	// Server describes the database for people, without secrets: "PostgreSQL at 127.0.0.1:5432, database blog".
	Server() string
	// Writable returns an error while the database takes no writes: a server that is read-only, a disk without room.
	Writable(ctx context.Context) error
	// MigrationPool opens a pool of connections for changes of the schema. The caller closes it.
	MigrationPool() (*sql.DB, error)
	// TryLock takes the named lock without waiting, or returns an error that wraps ErrLocked.
	TryLock(ctx context.Context, name string) (release func(context.Context) error, err error)
	// Close closes the pool and its resources. It is called once.
	Close() error
}
