package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// backend is one SQLite database.
type backend struct {
	path   string
	engine *engine
	pool   *sql.DB
	locks  locks
}

func newBackend(path string, cfg database.Config) *backend {
	readers := cfg.MaxOpenConns
	if readers <= 0 {
		readers = max(4, runtime.GOMAXPROCS(0))
	}
	idle := cfg.MaxIdleConns
	if idle <= 0 || idle > readers {
		idle = readers
	}
	e := newEngine(path, cfg.BusyTimeout, readers, idle)
	pool := sql.OpenDB(connector{engine: e})
	// These are borrowers, not files: they cost nothing, and must not keep readers waiting behind writers.
	pool.SetMaxIdleConns(2 * readers)
	return &backend{path: path, engine: e, pool: pool}
}

func (b *backend) Pool() *sql.DB { return b.pool }

func (b *backend) Server() string {
	if b.path == memory {
		return "SQLite in memory"
	}
	return "SQLite file " + b.path
}

func (b *backend) Dialector(pool gorm.ConnPool) gorm.Dialector { return newDialector(pool) }

func (b *backend) TryLock(_ context.Context, name string) (func(context.Context) error, error) {
	if b.path == memory {
		return b.locks.try(name)
	}
	return tryFileLock(b.path, name)
}

func (b *backend) Close() error {
	return errors.Join(b.pool.Close(), b.engine.close())
}
