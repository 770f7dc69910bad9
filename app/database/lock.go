package database

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Lock is a lock between all processes that use the same database. It ends with Release or with the process.
type Lock struct {
	name    string
	release func(context.Context) error
	once    sync.Once
	err     error
}

// TryLock takes the named lock, or returns an error that wraps ErrLocked if another process, or another holder in this
// one, has it. The lock is not reentrant. PostgreSQL uses a session advisory lock and MySQL GET_LOCK, each on a
// connection outside of the pool, so PgBouncer must not use transaction pooling for it. SQLite locks a file beside the
// database, and an in-memory database locks within its DB.
func (db *DB) TryLock(ctx context.Context, name string) (*Lock, error) {
	release, err := db.backend.TryLock(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("locking %q: %w", name, err)
	}
	return &Lock{name: name, release: release}, nil
}

// Lock waits for the lock until ctx ends. It polls, so waiting callers get it in no particular order. If ctx ends
// first, the error wraps both ErrLocked and the error of ctx.
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
		default: // drivers do not always return the reason
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

// contextError returns the error of ctx, also if its deadline has passed and a dialer noticed that first.
func contextError(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// Name is the name of the lock.
func (l *Lock) Name() string { return l.name }

// Release releases the lock. Later calls return the result of the first. The lock is released even if an error is
// returned, because its connection or file is closed.
func (l *Lock) Release(ctx context.Context) error {
	l.once.Do(func() {
		if err := l.release(ctx); err != nil {
			l.err = fmt.Errorf("releasing lock %q: %w", l.name, err)
		}
	})
	return l.err
}
