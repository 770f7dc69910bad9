package relay

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
)

// lockName is the database lock of the one process that runs jobs on an embedded Redis.
const lockName = "queue"

// Own makes this process the one that runs jobs on its embedded Redis: it takes a database lock and returns a function
// that releases it. It returns ErrQueueInUse while another process holds the lock.
func Own(ctx context.Context, db *database.DB, log *slog.Logger) (release func(context.Context), err error) {
	lock, err := db.TryLock(ctx, lockName)
	if errors.Is(err, database.ErrLocked) {
		return nil, job.ErrQueueInUse
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) { releaseLock(ctx, lock, log) }, nil
}

// Guard keeps processes with a Redis of their own away from the queue of the dev server, because they would take its
// running jobs for lost and run them again. It holds the lock of Own, as soon as no other process of the dev server
// does, until the returned function is called.
func Guard(ctx context.Context, db *database.DB, log *slog.Logger) (release func(context.Context)) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		lock, err := db.Lock(ctx, lockName)
		if err != nil {
			if ctx.Err() == nil {
				log.DebugContext(ctx, "taking the lock of the queue failed", "error", err)
			}
			return
		}
		<-ctx.Done()
		releaseLock(ctx, lock, log)
	})
	return func(context.Context) {
		stop()
		done.Wait()
	}
}

func releaseLock(ctx context.Context, lock *database.Lock, log *slog.Logger) {
	if err := lock.Release(context.WithoutCancel(ctx)); err != nil {
		// After a lost connection, the database has released the lock already.
		log.DebugContext(ctx, "the lock of the queue had been released already", "error", err)
	}
}
