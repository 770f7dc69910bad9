// Package store is the only package that writes the tables of jobs.
//
// Each change of a row is a method, called a transition. It names the states that it expects and, for a run, also the
// delivery and the holder; in any other state it changes nothing. A worker that has lost its row, a second relay and a
// second click of an administrator therefore do no harm.
//
//	transition             from                      to                    expects besides
//	Insert…                                          pending, held         a free unique key
//	Claim                  pending                   pending               no claim of another relay
//	Dispatch, Unclaim      pending                   dispatched, pending   the claim
//	Redeliver              dispatched                pending               the delivery
//	RedeliverStrays        dispatched                pending               another epoch
//	Start                  pending, dispatched       running               the delivery
//	Postpone               pending, dispatched       pending               the delivery
//	Complete, Discard      running                   done, dead            the delivery and the holder
//	CancelRun              running                   cancelled             the delivery and the holder
//	Retry, Snooze, Release running                   pending (cancelled)   the delivery and the holder
//	Extend, SaveProgress   running                   running               the holder
//	ReleaseAll             running                   pending               the holder
//	Rescue                 running                   pending               a lost worker
//	DiscardLost            running                   dead                  a lost worker
//	CancelLost             running                   cancelled             a lost worker
//	Cancel                 held, pending, dispatched cancelled
//	RequestCancel          running                   running
//	Requeue                dead, cancelled           pending, held         a free unique key
//	Delete, Prune          the given states
//
// A transition that returns a row to pending increments its delivery number. The end of a member of a chain or a batch
// changes other rows in the same transaction; see settle.
package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
)

// MaintenanceBatch is the maximum number of rows that one maintenance statement changes.
const MaintenanceBatch = 500

// Store reads and writes the tables of jobs. It is safe for concurrent use and uses the transaction that a context
// carries.
type Store struct {
	db    *database.DB
	clock func() time.Time
}

// New returns the store of a database, with a clock that returns the current time.
func New(db *database.DB, clock func() time.Time) *Store { return &Store{db: db, clock: clock} }

// Now returns the current time in the precision that every database stores.
func (s *Store) Now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func (s *Store) rows(ctx context.Context) *gorm.DB {
	// GORM's transaction around single statements would double the round trips.
	return s.db.With(ctx).Session(&gorm.Session{SkipDefaultTransaction: true}).Model(&job.Row{})
}

// transaction runs fn in a transaction. On MySQL it uses the isolation level read committed: in the default, repeatable
// read, statements lock the gaps between the rows that they read, and applications that enqueue run into deadlocks.
func (s *Store) transaction(ctx context.Context, fn func(ctx context.Context) error) error {
	if !s.isMySQL() {
		return s.db.Transaction(ctx, fn)
	}
	return s.db.With(ctx).Transaction(func(tx *gorm.DB) error {
		return fn(database.Join(ctx, tx))
	}, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
}

func (s *Store) isMySQL() bool { return s.db.Dialect() == "mysql" }

// update changes the rows that match the condition, possibly many, and returns how many. On MySQL it uses a
// transaction, for the isolation level.
func (s *Store) update(ctx context.Context, values set, condition string, args ...any) (int, error) {
	var changed int64
	statement := func(ctx context.Context) error {
		res := s.rows(ctx).Where(condition, args...).Updates(values.columns)
		changed = res.RowsAffected
		return res.Error
	}
	if !s.isMySQL() {
		err := statement(ctx)
		return int(changed), err
	}
	err := s.transaction(ctx, statement)
	return int(changed), err
}

// updateAll changes all rows that match the condition, in batches, and returns how many. A changed row must no longer
// match.
func (s *Store) updateAll(ctx context.Context, values set, condition string, args ...any) (int, error) {
	total := 0
	for {
		var ids []string
		err := s.rows(ctx).Where(condition, args...).Order("run_at").Limit(MaintenanceBatch).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return total, err
		}
		changed, err := s.update(ctx, values, "id IN ? AND "+condition, append([]any{ids}, args...)...)
		total += changed
		if err != nil || len(ids) < MaintenanceBatch {
			return total, err
		}
	}
}

func idsOf(rows []job.Row) []string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids
}

// Again calls fn up to three times while it conflicts with other transactions.
func Again(ctx context.Context, fn func() error) error {
	var err error
	for range 3 {
		if err = fn(); err == nil || !errors.Is(err, database.ErrConflict) || ctx.Err() != nil {
			return err
		}
	}
	return err
}
