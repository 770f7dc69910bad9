package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
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

// Writable returns nil when the database's folder takes another 4 KiB. SQLite keeps its journal there, and reports a
// full or read-only disk to the next writer only.
func (b *backend) Writable(context.Context) error {
	if b.path == memory {
		return nil
	}
	if file, err := os.OpenFile(b.path, os.O_RDWR, 0); err != nil {
		return err
	} else if err := file.Close(); err != nil {
		return err
	}
	probe, err := os.CreateTemp(filepath.Dir(b.path), ".covet-check-*")
	if err != nil {
		return err
	}
	_, err = probe.Write(make([]byte, 4096))
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
}

func (b *backend) Close() error {
	return errors.Join(b.pool.Close(), b.engine.close())
}
