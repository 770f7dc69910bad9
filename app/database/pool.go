package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// connPool is the pool that GORM uses. It refuses statements whose context carries a transaction of the same database,
// because they would silently run outside of it, and begins transactions that know their commit hooks.
type connPool struct {
	*sql.DB
	owner *DB
}

var (
	_ gorm.ConnPool         = (*connPool)(nil)
	_ gorm.ConnPoolBeginner = (*connPool)(nil)
	_ gorm.GetDBConnector   = (*connPool)(nil)
)

// checkOuterHandle returns ErrOuterHandle if ctx carries an open transaction of this database.
func (p *connPool) checkOuterHandle(ctx context.Context) error {
	if s := scopeOf(ctx, p.owner); s != nil && s.open() {
		return ErrOuterHandle
	}
	return nil
}

// GetDBConn returns the pool of database/sql; GORM's DB method uses it.
func (p *connPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

func (p *connPool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := p.checkOuterHandle(ctx); err != nil {
		return nil, err
	}
	return p.DB.PrepareContext(ctx, query)
}

func (p *connPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := p.checkOuterHandle(ctx); err != nil {
		return nil, err
	}
	return p.DB.ExecContext(ctx, query, args...)
}

func (p *connPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.checkOuterHandle(ctx); err != nil {
		return nil, err
	}
	return p.DB.QueryContext(ctx, query, args...)
}

func (p *connPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := p.checkOuterHandle(ctx); err != nil {
		// A sql.Row cannot be created with an error, but database/sql returns one for a context that has ended.
		ended := endedContext{Context: ctx, err: err}
		return p.DB.QueryRowContext(ended, query, args...) //nolint:contextcheck // it is ctx, ended
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

// BeginTx begins a transaction whose commit runs the hooks of AfterCommit.
func (p *connPool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	if err := p.checkOuterHandle(ctx); err != nil {
		return nil, err
	}
	tx, err := p.DB.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &txConn{Tx: tx, owner: p.owner, pool: p.DB}, nil
}

// endedContext is a context that has ended with err.
type endedContext struct {
	context.Context
	err error
}

// Done returns a closed channel.
func (endedContext) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// Err returns the reason.
func (c endedContext) Err() error { return c.err }
