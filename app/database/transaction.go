package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Transaction runs fn in a transaction and commits if fn returns nil. It rolls back on an error, which it returns
// unchanged, on a panic, which continues, and when ctx ends. Inside a transaction of the same database the call is a
// savepoint: its failure undoes only fn, and the outer function decides about the rest.
//
// fn must use its own context, with With, in one goroutine at a time, because a transaction is one connection.
func (db *DB) Transaction(ctx context.Context, fn func(ctx context.Context) error) error {
	if s := scopeOf(ctx, db); s != nil {
		if s.err != nil {
			return s.err
		}
		return db.savepoint(ctx, s, fn)
	}
	tx := db.gorm.WithContext(ctx).Begin()
	if tx.Error != nil {
		return fmt.Errorf("beginning transaction: %w", tx.Error)
	}
	return db.run(withScope(ctx, txConnOf(tx), tx), tx, fn)
}

// run calls fn and ends the transaction. The deferred rollback covers panics and runtime.Goexit, for example of
// t.FailNow.
func (db *DB) run(ctx context.Context, tx *gorm.DB, fn func(context.Context) error) (err error) {
	ended := false
	defer func() {
		if !ended {
			err = withRollback(err, tx.Rollback().Error)
		}
	}()
	if err := fn(ctx); err != nil {
		return err
	}
	ended = true
	if err := tx.Commit().Error; err != nil {
		if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, sql.ErrTxDone) {
			err = ctxErr
		}
		return fmt.Errorf("committing transaction: %w", err)
	}
	return nil
}

// savepoint runs fn inside the transaction s.
func (db *DB) savepoint(ctx context.Context, s *scope, fn func(context.Context) error) (err error) {
	name := s.conn.nextSavepoint()
	if err := s.handle(ctx, db).Exec("SAVEPOINT " + name).Error; err != nil {
		return fmt.Errorf("beginning savepoint: %w", err)
	}
	kept := false
	defer func() {
		if !kept {
			// The rollback must happen although ctx has ended; then the whole transaction ends.
			tx := s.handle(context.WithoutCancel(ctx), db)
			err = withRollback(err, tx.Exec("ROLLBACK TO SAVEPOINT "+name).Error)
		}
	}()
	if err := fn(ctx); err != nil {
		return err
	}
	if err := s.handle(ctx, db).Exec("RELEASE SAVEPOINT " + name).Error; err != nil {
		return fmt.Errorf("releasing savepoint: %w", err)
	}
	kept = true
	return nil
}

// withRollback adds the error of a rollback to err, unless it only says that the transaction has ended already.
func withRollback(err, rollback error) error {
	if rollback == nil || errors.Is(rollback, sql.ErrTxDone) || errors.Is(rollback, driver.ErrBadConn) {
		return err
	}
	return errors.Join(err, fmt.Errorf("rolling back transaction: %w", rollback))
}
