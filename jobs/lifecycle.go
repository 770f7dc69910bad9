package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/app/database"
)

// Roles says what a process does besides enqueuing.
type Roles struct {
	// Work runs jobs and fires schedules. Without it the process only relays what it, or another process, enqueued.
	Work bool
	// Queues are the queues that this process works, of those that it knows. Defaults to those of Config.Queues.
	Queues []string
	// Concurrency is the number of jobs that run at a time. Defaults to Config.Concurrency.
	Concurrency int
}

func (r Roles) check() error {
	var errs []error
	for _, name := range r.Queues {
		errs = append(errs, ValidateQueue(name))
	}
	if r.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("working %d jobs at a time: expected at least 1, or 0 for Config.Concurrency", r.Concurrency))
	}
	return errors.Join(errs...)
}

// lockName is the database lock of the one process that works on an embedded Redis.
const lockName = "queue"

// running is what Start started.
type running struct {
	stopLoops  context.CancelFunc
	loops      sync.WaitGroup
	stopLeases context.CancelFunc
	leases     sync.WaitGroup
	cancelJobs context.CancelCauseFunc
	server     *asynq.Server  // nil without work
	lock       *database.Lock // nil on a Redis server
	guard      *guard         // nil unless Redis is that of the development loop
}

// Start relays jobs and, with roles.Work, runs them and fires schedules, in goroutines that [Client.Stop] ends; they
// outlive ctx. It returns every fault of configuration and registration at once, and starts nothing then. Starting
// twice is no error.
//
// On the embedded Redis a process that does not work has nobody to relay to: Start does nothing then. One that works
// takes the database lock "queue", or returns [ErrQueueInUse].
func (c *Client) Start(ctx context.Context, roles Roles) error {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	if c.running != nil {
		return nil
	}
	if err := errors.Join(c.Check(), roles.check()); err != nil {
		return err
	}
	if !c.Shared() && !roles.Work {
		return nil
	}
	r := &running{}
	if !c.Shared() {
		if err := c.takeOver(ctx, r); err != nil {
			return err
		}
	}
	if err := c.applyPause(ctx); err != nil && roles.Work {
		return errors.Join(fmt.Errorf("starting jobs: %w", err), r.unlock(ctx))
	}
	if roles.Work {
		if err := c.startWorker(ctx, r, roles); err != nil {
			return errors.Join(err, r.unlock(ctx))
		}
	}
	c.startLoops(ctx, r, roles)
	if c.redis.Joined() {
		r.guard = c.guardQueue(ctx)
	}
	c.running = r
	c.log.InfoContext(ctx, "jobs started", "work", roles.Work, "redis", c.redis.Address())
	return nil
}

// takeOver makes this process the one that works, and returns what its predecessor was running to the queue.
func (c *Client) takeOver(ctx context.Context, r *running) error {
	lock, err := c.db.TryLock(ctx, lockName)
	if errors.Is(err, database.ErrLocked) {
		return fmt.Errorf("starting jobs on the embedded Redis: %w", ErrQueueInUse)
	}
	if err != nil {
		return fmt.Errorf("starting jobs on the embedded Redis: %w", err)
	}
	r.lock = lock
	count, err := c.putBackLost(ctx, "state = ?", Running)
	if err == nil {
		err = c.store.endClaims(ctx)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("putting back jobs of the process before: %w", err), r.unlock(ctx))
	}
	if count > 0 {
		c.log.InfoContext(ctx, "jobs of the process before run again", "count", count)
	}
	return nil
}

func (c *Client) startWorker(ctx context.Context, r *running, roles Roles) error {
	jobs, cancelJobs := context.WithCancelCause(context.WithoutCancel(ctx))
	r.cancelJobs = cancelJobs
	r.server = c.newServer(jobs, roles)
	fetches := c.fetching.Load()
	err := r.server.Start(asynq.HandlerFunc(func(taskCtx context.Context, task *asynq.Task) error {
		defer fetches.begin()()
		return c.handle(jobs, taskCtx, task)
	}))
	if err != nil {
		cancelJobs(err)
		return fmt.Errorf("starting the worker: %w", err)
	}
	c.warnUnworked(ctx, roles)
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stopLeases = stop
	r.leases.Go(func() { c.keepLeases(keep) })
	r.leases.Go(func() { c.heedCancels(keep) })
	return nil
}

func (c *Client) startLoops(ctx context.Context, r *running, roles Roles) {
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stopLoops = stop
	c.turned.note("relay", max(c.cfg.PollInterval, longestBackoff)) // at once: whoever asks now is told that they turn
	c.turned.note("signs of life", beatInterval)
	c.relays.Store(true)
	r.loops.Go(func() { (&relay{Client: c, handoffs: handoffs{}}).run(loops) })
	if c.db.Dialect() == "postgres" {
		r.loops.Go(func() { c.listen(loops) })
	}
	r.loops.Go(func() { c.pruneRegularly(loops) })
	r.loops.Go(func() { c.beat(loops, roles) })
	if roles.Work {
		r.loops.Go(func() { c.fireSchedules(loops) })
	}
}

// Stop ends what Start started and waits for it. Jobs that run may finish until Config.ShutdownTimeout has passed or
// ctx ends; then their context is cancelled, and those that fail because of it go back to the queue. Stopping twice,
// or before a start, is no error.
func (c *Client) Stop(ctx context.Context) error {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	r := c.running
	if r == nil {
		return nil
	}
	c.running = nil
	r.stopLoops()
	r.loops.Wait()
	c.relays.Store(false)
	c.lastBeat(ctx, false)
	var err error
	if r.server != nil {
		c.fetching.Load().end()
		r.finishJobs(ctx, c.cfg.ShutdownTimeout)
		err = c.release(ctx)
		r.stopLeases()
		r.leases.Wait()
	}
	c.lastBeat(ctx, true)
	c.relaying.end()
	r.guard.end()
	if lockErr := r.unlock(ctx); lockErr != nil {
		// Its connection broke at some time: then the database has given the lock back already.
		c.log.DebugContext(ctx, "the lock of the queue was gone before it was released", "error", lockErr)
	}
	return err
}

// finishJobs lets running jobs finish, and cancels them when their time is up.
func (r *running) finishJobs(ctx context.Context, timeout time.Duration) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		r.server.Shutdown()
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
	case <-ctx.Done():
	}
	r.cancelJobs(errStopping)
	<-finished
}

// release returns rows whose end could not be recorded, and those of jobs that never returned, to the queue.
func (c *Client) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppingGrace)
	defer cancel()
	if _, err := c.store.putBackHeld(ctx, c.id); err != nil {
		return fmt.Errorf("returning jobs to the queue: %w", err)
	}
	return nil
}

func (r *running) unlock(ctx context.Context) error {
	if r.lock == nil {
		return nil
	}
	return r.lock.Release(context.WithoutCancel(ctx))
}
