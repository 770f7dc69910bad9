// Package worker runs the jobs that the transport delivers, and records how they end.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/limit"
	"github.com/covetgo/covet/jobs/internal/store"
)

// Store provides and changes the rows that a worker runs.
type Store interface {
	Now() time.Time
	Runs
	Leases
	Due(ctx context.Context, at time.Time, limit int) ([]job.Row, error)
	Payload(ctx context.Context, id string) ([]byte, bool, error)
	Exists(ctx context.Context, id string) (bool, error)
	WakeLimited(ctx context.Context, key string) (bool, error)
}

// Runs are the transitions of a run.
type Runs interface {
	Start(ctx context.Context, d job.Ref, p store.StartParams) (bool, error)
	Postpone(ctx context.Context, d job.Ref, p store.PostponeParams) error
	SaveProgress(ctx context.Context, r store.Run, p store.Progress) error
	Complete(ctx context.Context, r store.Run, p store.CompleteParams) (bool, error)
	Retry(ctx context.Context, r store.Run, p store.RetryParams) (bool, error)
	Discard(ctx context.Context, r store.Run, p store.DiscardParams) (bool, error)
	CancelRun(ctx context.Context, r store.Run, p store.CancelRunParams) (bool, error)
	Snooze(ctx context.Context, r store.Run, p store.SnoozeParams) (bool, error)
	Release(ctx context.Context, r store.Run, p store.ReleaseParams) (bool, error)
}

// Leases keep running rows assigned to their worker.
type Leases interface {
	Extend(ctx context.Context, p store.ExtendParams) error
	ReleaseAll(ctx context.Context, holder string) (int, error)
	CancelRequests(ctx context.Context, holder string, ids []string) ([]string, error)
}

// Transport delivers jobs.
type Transport interface {
	// Receive starts to fetch deliveries.
	Receive(ctx context.Context, p job.ReceiveParams) (job.Receiver, error)
	// SendDirect sends a direct job, which runs at the given time at the earliest.
	SendDirect(ctx context.Context, d job.Delivery, at time.Time) error
}

// Registry decodes jobs.
type Registry interface {
	// Known returns ErrUnknownKind or ErrNewer for a delivery that another process may be able to run.
	Known(d job.Delivery) error
	// Decode returns the job of a delivery.
	Decode(d job.Delivery) (job.Runnable, error)
	// Kinds returns the known kinds.
	Kinds() []string
}

// Limiter bounds how many jobs run and start.
type Limiter interface {
	Acquire(ctx context.Context, l job.Limit, d job.Ref) (limit.Place, bool, error)
	Keep(ctx context.Context, p limit.Place) (bool, error)
	Leave(ctx context.Context, p limit.Place) error
	Spend(ctx context.Context, r job.Rate) (time.Duration, error)
}

// Waker wakes the relay of this process.
type Waker interface{ Wake() }

// Config configures a worker.
type Config struct {
	// ID identifies the worker as the holder of rows.
	ID              string
	Lease           time.Duration
	ShutdownTimeout time.Duration
}

// Deps are the dependencies of a Worker.
type Deps struct {
	Store     Store
	Transport Transport
	Registry  Registry
	Limiter   Limiter
	Waker     Waker
	Stats     *Stats
	Watchdog  *job.Watchdog
	Log       *slog.Logger
}

// Worker runs jobs. It is safe for concurrent use.
type Worker struct {
	Deps
	cfg    Config
	leases leases
	// receiver is the receiver of the latest Start; nil before the first one.
	receiver atomic.Pointer[job.Receiver]
	running  *running // nil while stopped
}

// running holds what Start started.
type running struct {
	receiver   job.Receiver
	cancelJobs context.CancelCauseFunc
	stopLeases context.CancelFunc
	leases     sync.WaitGroup
}

// New returns a worker.
func New(cfg Config, d Deps) *Worker {
	return &Worker{Deps: d, cfg: cfg, leases: leases{rows: map[string]holding{}}}
}

// StartWorkParams select the jobs that a worker runs.
type StartWorkParams struct {
	Concurrency int
	Queues      map[string]int
	Priorities  []job.Priority
	Strict      bool
}

// Start starts to run jobs, until Stop. It outlives ctx. The caller serializes Start and Stop.
func (w *Worker) Start(ctx context.Context, p StartWorkParams) error {
	jobs, cancelJobs := context.WithCancelCause(context.WithoutCancel(ctx))
	receiver, err := w.Transport.Receive(jobs, job.ReceiveParams{
		Concurrency: p.Concurrency, Queues: p.Queues, Priorities: p.Priorities, Strict: p.Strict, Handle: w.handle,
		// Stop cancels the jobs itself when their time is over; the transport only waits for them.
		StopTimeout: w.cfg.ShutdownTimeout + time.Minute,
	})
	if err != nil {
		cancelJobs(err)
		return err
	}
	w.receiver.Store(&receiver)
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.running = &running{receiver: receiver, cancelJobs: cancelJobs, stopLeases: stop}
	w.running.leases.Go(func() { w.keepLeases(keep) })
	w.running.leases.Go(func() { w.watchCancelRequests(keep) })
	return nil
}

// Stop waits for running jobs until the shutdown timeout has passed or ctx ends. Then it cancels their context, and
// returns those that fail because of it or do not return to pending. Without a start it does nothing.
func (w *Worker) Stop(ctx context.Context) error {
	r := w.running
	if r == nil {
		return nil
	}
	w.running = nil
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		r.receiver.Stop()
	}()
	timer := time.NewTimer(w.cfg.ShutdownTimeout)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
	case <-ctx.Done():
	}
	r.cancelJobs(job.ErrStopping)
	<-finished
	err := w.releaseAll(ctx)
	r.stopLeases()
	r.leases.Wait()
	return err
}

// releaseAll returns rows whose end could not be recorded, and rows of jobs that never returned, to pending.
func (w *Worker) releaseAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppingGrace)
	defer cancel()
	if _, err := w.Store.ReleaseAll(ctx, w.cfg.ID); err != nil {
		return fmt.Errorf("returning jobs to the queue: %w", err)
	}
	return nil
}

// Cancel cancels the context of a run with the cause ErrCancelled, if this worker runs the job.
func (w *Worker) Cancel(id string) { w.leases.cancel(id) }

// Running returns the number of running jobs of this worker.
func (w *Worker) Running() int { return len(w.leases.held()) }

// Stuck reports whether nothing has been fetched for too long although deliveries could have been.
func (w *Worker) Stuck(at time.Time) bool {
	receiver := w.receiver.Load()
	return receiver != nil && (*receiver).Stuck(at)
}

// handle runs a delivery.
func (w *Worker) handle(ctx context.Context, d job.Delivery) error {
	if d.Direct {
		return w.runDirect(ctx, d)
	}
	_, err := w.run(ctx, d, true)
	return err
}
