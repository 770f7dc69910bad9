package database

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Lock is a lock between all processes that use the same database. It ends with Release, or with the process.
type Lock struct {
	name    string
	release func(context.Context) error
	once    sync.Once
	err     error
}

// TryLock takes the lock called name, or returns an error that wraps ErrLocked when another process, or another
// holder in this one, has it. The lock does not nest. PostgreSQL uses a session advisory lock and MySQL GET_LOCK, each
// on a connection of its own beside the pool (so PgBouncer must not pool it by transaction); SQLite locks a file
// beside the database, and an in-memory database locks within its DB.
func (db *DB) TryLock(ctx context.Context, name string) (*Lock, error) {
	release, err := db.backend.TryLock(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("locking %q: %w", name, err)
	}
	return &Lock{name: name, release: release}, nil
}

// Lock is TryLock that waits until ctx ends. It asks again in intervals, so it promises no order among those who
// wait. When ctx ends first the error wraps both ErrLocked and ctx's error.
func (db *DB) Lock(ctx context.Context, name string) (*Lock, error) {
	const longest = 250 * time.Millisecond
	wait := 10 * time.Millisecond
	for held := false; ; held = true {
		lock, err := db.TryLock(ctx, name)
		switch {
		case err == nil:
			return lock, nil
		case errors.Is(err, ErrLocked):
		case contextError(ctx) == nil:
			return nil, err
		case held:
			return nil, fmt.Errorf("waiting for lock %q: %w: %w", name, ErrLocked, contextError(ctx))
		default: // drivers do not always say why they gave up
			return nil, fmt.Errorf("waiting for lock %q: %w: %w", name, contextError(ctx), err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("waiting for lock %q: %w: %w", name, ErrLocked, ctx.Err())
		case <-timer.C:
		}
		wait = min(wait*2, longest)
	}
}

// contextError returns the error of ctx, also when its deadline has passed and it has not noticed yet: a dialer may be
// first.
func contextError(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// Name is the name that the lock was taken under.
func (l *Lock) Name() string { return l.name }

// Release gives the lock back. Later calls return what the first did. The lock is gone even when an error is
// returned: its connection or file is closed.
func (l *Lock) Release(ctx context.Context) error {
	l.once.Do(func() {
		if err := l.release(ctx); err != nil {
			l.err = fmt.Errorf("releasing lock %q: %w", l.name, err)
		}
	})
	return l.err
}
