package database

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// txConn is the transaction that GORM uses. All *gorm.DB of the transaction share it, however they were derived.
type txConn struct {
	*sql.Tx
	owner *DB
	pool  *sql.DB

	mu             sync.Mutex
	done           bool
	hooks          []func()
	savepointHooks map[string]int // number of hooks at each savepoint
	savepoints     int
}

var (
	_ gorm.Tx             = (*txConn)(nil)
	_ gorm.GetDBConnector = (*txConn)(nil)
)

// GetDBConn returns the pool of database/sql; GORM's DB method uses it.
func (t *txConn) GetDBConn() (*sql.DB, error) { return t.pool, nil }

// ExecContext runs a statement. GORM's savepoints use it as well, so the hooks registered since a savepoint are dropped
// when it is rolled back.
func (t *txConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := t.Tx.ExecContext(ctx, query, args...)
	if name, ok := strings.CutPrefix(query, "SAVEPOINT "); ok && err == nil {
		t.addSavepoint(name)
	} else if name, ok := strings.CutPrefix(query, "ROLLBACK TO SAVEPOINT "); ok {
		t.dropSince(name)
	}
	return res, err
}

// Commit commits and then runs the hooks in the order of their registration, in the caller's goroutine.
func (t *txConn) Commit() error {
	err := t.Tx.Commit()
	hooks := t.finish()
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		hook()
	}
	return nil
}

// Rollback rolls back and drops the hooks.
func (t *txConn) Rollback() error {
	t.finish()
	return t.Tx.Rollback()
}

func (t *txConn) finish() []func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	hooks := t.hooks
	t.done, t.hooks = true, nil
	return hooks
}

func (t *txConn) open() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.done
}

// after registers a hook. It returns false if the transaction has ended.
func (t *txConn) after(hook func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return false
	}
	t.hooks = append(t.hooks, hook)
	return true
}

// nextSavepoint returns a savepoint name that this transaction has not used.
func (t *txConn) nextSavepoint() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.savepoints++
	return "covet_" + strconv.Itoa(t.savepoints)
}

func (t *txConn) addSavepoint(savepoint string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.savepointHooks == nil {
		t.savepointHooks = map[string]int{}
	}
	t.savepointHooks[savepoint] = len(t.hooks)
}

func (t *txConn) dropSince(savepoint string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, ok := t.savepointHooks[savepoint]; ok && n < len(t.hooks) {
		t.hooks = t.hooks[:n]
	}
}

// txConnOf returns the transaction that handle runs in, or nil.
func txConnOf(handle *gorm.DB) *txConn {
	if handle == nil || handle.Statement == nil {
		return nil
	}
	pool := handle.Statement.ConnPool
	if prepared, ok := pool.(*gorm.PreparedStmtTX); ok {
		pool = prepared.Tx
	}
	conn, _ := pool.(*txConn)
	return conn
}
