package database

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// scope is a transaction carried by a context. Contexts nest, so scopes of several databases form a chain.
type scope struct {
	parent *scope
	conn   *txConn  // nil when err is set
	tx     *gorm.DB // handle on conn without conditions
	err    error
}

type scopeKey struct{}

// detachedKey is the context key of the transaction that Detach removed.
type detachedKey struct{}

// scopeOf returns the innermost transaction of db that ctx carries, or nil.
func scopeOf(ctx context.Context, db *DB) *scope {
	for s := currentScope(ctx); s != nil; s = s.parent {
		if s.err != nil || s.conn.owner == db {
			return s
		}
	}
	return nil
}

func currentScope(ctx context.Context) *scope {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

func (s *scope) open() bool { return s.err == nil && s.conn.open() }

// handle returns a GORM handle inside the transaction.
func (s *scope) handle(ctx context.Context, db *DB) *gorm.DB {
	if s.err != nil {
		broken := db.gorm.WithContext(ctx)
		_ = broken.AddError(s.err)
		return broken
	}
	return s.tx.Session(&gorm.Session{NewDB: true, Context: ctx})
}

// withScope returns a context that carries the transaction conn, whose handle is tx.
func withScope(ctx context.Context, conn *txConn, tx *gorm.DB) context.Context {
	return context.WithValue(ctx, scopeKey{}, &scope{parent: currentScope(ctx), conn: conn, tx: tx})
}

// Join returns a context that carries the transaction tx, which was begun with GORM's own Transaction or Begin on a
// handle of With, so that code that receives the context takes part in it:
//
//	db.With(ctx).Transaction(func(tx *gorm.DB) error {
//		ctx := database.Join(ctx, tx)
//		return a.Jobs.Enqueue(ctx, jobs.Welcome{UserID: user.ID})
//	})
//
// If tx is not in a transaction of a DB, statements under the context return an error that names the cause.
func Join(ctx context.Context, tx *gorm.DB) context.Context {
	conn := txConnOf(tx)
	if conn == nil {
		err := errors.New("joining transaction: the handle given to database.Join is not in a transaction")
		return context.WithValue(ctx, scopeKey{}, &scope{parent: currentScope(ctx), err: err})
	}
	return withScope(ctx, conn, tx.Session(&gorm.Session{NewDB: true}))
}

// Detach returns a context without the transactions that ctx carries, for work that must happen whether or not they
// commit. It keeps the deadline and the values. On SQLite only reading works while the transaction is open, because it
// holds the only writer.
func Detach(ctx context.Context) context.Context {
	if s := currentScope(ctx); s != nil && s.err == nil {
		ctx = context.WithValue(ctx, detachedKey{}, s)
	}
	return context.WithValue(ctx, scopeKey{}, (*scope)(nil))
}

// Detached reports whether ctx comes from [Detach] in a transaction that is still open. Drivers with one writing
// connection, which that transaction holds, refuse to wait for it.
func Detached(ctx context.Context) bool {
	s, _ := ctx.Value(detachedKey{}).(*scope)
	return s != nil && s.conn.open()
}

// AfterCommit runs fn after the outermost commit of the transaction that ctx carries, in the order of registration and
// in the goroutine that commits. fn is dropped if the transaction, or the savepoint in which it was registered, is
// rolled back. fn receives ctx without the transaction. If ctx carries no open transaction, AfterCommit returns false
// and does nothing: the caller then runs fn itself.
func AfterCommit(ctx context.Context, fn func(context.Context)) bool {
	s := currentScope(ctx)
	if s == nil || s.err != nil {
		return false
	}
	return s.conn.after(func() { fn(Detach(ctx)) })
}
