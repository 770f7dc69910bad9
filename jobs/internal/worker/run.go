package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/limit"
	"github.com/covetgo/covet/jobs/internal/store"
)

const (
	// unknownKindDelay is how long a job of an unknown kind waits for a process that knows it, for example during a
	// rolling deployment.
	unknownKindDelay = 30 * time.Second
	// Time for a job to return after its context was cancelled, because of its timeout or of a shutdown.
	timeoutGrace  = 10 * time.Second
	stoppingGrace = 2 * time.Second
	// maxLimitKey is the size of the column.
	maxLimitKey = 191
)

var (
	errTimeout   = errors.New("the job exceeded its timeout")
	errExited    = errors.New("the job ended its goroutine (runtime.Goexit)")
	errAbandoned = errors.New("the job did not return after its context was cancelled")
)

// run runs a row once and records how it ended. failure is the error of the job, which the row records. err means that
// the row could not be started and must be delivered again.
func (w *Worker) run(ctx context.Context, d job.Delivery, limited bool) (failure, err error) {
	if reason := w.Registry.Known(d); reason != nil {
		return w.postponeUnknown(ctx, d, reason)
	}
	if d.Fetch {
		payload, found, err := w.Store.Payload(ctx, d.ID)
		if err != nil {
			return nil, fmt.Errorf("reading the arguments of job %s %s: %w", d.Kind, d.ID, err)
		}
		if !found {
			return nil, w.skip(ctx, d)
		}
		d.Payload = payload
	}
	decoded, failure := w.Registry.Decode(d)
	var place limit.Place
	if failure == nil && limited {
		var wait wait
		if place, wait, err = w.admit(ctx, d, decoded.Policy); err != nil {
			return nil, fmt.Errorf("starting job %s %s: %w", d.Kind, d.ID, err)
		}
		if wait.time > 0 {
			return nil, w.postponeLimited(ctx, d, wait)
		}
		defer w.leave(ctx, place)
	}
	started, err := w.Store.Start(ctx, d.Ref(), store.StartParams{
		Holder: w.cfg.ID, Until: w.Store.Now().Add(w.cfg.Lease),
	})
	if err != nil {
		return nil, fmt.Errorf("starting job %s %s: %w", d.Kind, d.ID, err)
	}
	if !started {
		return nil, w.skip(ctx, d)
	}
	return w.runStarted(ctx, d, decoded, failure, place), nil
}

// runStarted runs a row that this worker holds, and returns the error of the job.
func (w *Worker) runStarted(
	ctx context.Context, d job.Delivery, decoded job.Runnable, failure error, place limit.Place,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.leases.add(d.ID, holding{cancel: cancel, place: place})
	defer w.leases.remove(d.ID)

	run := store.Run{ID: d.ID, Delivery: d.Number, Holder: w.cfg.ID, Linked: d.Linked}
	e := newExecution(w.Log, d)
	e.save = func(ctx context.Context, p store.Progress) error { return w.Store.SaveProgress(ctx, run, p) }
	waited := w.Store.Now().Sub(d.Due)
	begun := time.Now()
	if failure != nil {
		failure = job.Permanent(failure)
	} else {
		failure = perform(ctx, e, decoded)
	}
	took := time.Since(begun)
	log := e.Log.With("took_us", took.Microseconds())
	end := w.endOf(ctx, log, e, run, d, decoded.Policy, failure)
	if _, snoozed := job.Snoozed(failure); !snoozed && end.state != job.Cancelled {
		w.Stats.Count(w.Store.Now(), d.Queue, end.state, took, waited)
	}
	w.record(ctx, log, end)
	if end.state == job.Pending || d.Linked {
		w.Waker.Wake()
	}
	return failure
}

// perform runs the work with its timeout. It returns when the work does, or some time after its context was cancelled.
func perform(ctx context.Context, e *Execution, decoded job.Runnable) error {
	ctx = context.WithValue(ctx, executionKey{}, e)
	if decoded.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, decoded.Timeout, errTimeout)
		defer cancel()
	}
	result := make(chan error, 1)
	go func() {
		err := errExited // remains if the work ends its goroutine
		defer func() { result <- err }()
		err = recovered(ctx, decoded.Work)
	}()
	select {
	case err := <-result:
		return explain(ctx, err)
	case <-ctx.Done():
	}
	grace := timeoutGrace
	if errors.Is(context.Cause(ctx), job.ErrStopping) {
		grace = stoppingGrace
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case err := <-result:
		return explain(ctx, err)
	case <-timer.C:
		e.Log.ErrorContext(ctx, "job abandoned: it did not return after its context was cancelled")
		return fmt.Errorf("%w: %w", errAbandoned, context.Cause(ctx))
	}
}

// explain adds the cause of ctx to an error of the work that is due to the end of ctx.
func explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", context.Cause(ctx), err)
}

// recovered runs the work and turns a panic into an error.
func recovered(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &job.PanicError{Value: fmt.Sprint(p), Stack: string(debug.Stack())}
		}
	}()
	return work(ctx)
}

// end is the end of a run: the next state of its row, and the transition that records it.
type end struct {
	state  job.State
	record func(ctx context.Context) (kept bool, err error)
}

// endOf decides how a run ends, and logs it.
func (w *Worker) endOf(
	ctx context.Context, log *slog.Logger, e *Execution, run store.Run, d job.Delivery, policy job.Policy,
	failure error,
) end {
	at := w.Store.Now()
	progress, result := e.report()
	delay, snoozed := job.Snoozed(failure)
	switch {
	case failure == nil:
		log.InfoContext(ctx, "job done")
		return end{job.Done, func(ctx context.Context) (bool, error) {
			return w.Store.Complete(ctx, run, store.CompleteParams{At: at, Progress: progress, Result: result})
		}}
	case errors.Is(context.Cause(ctx), job.ErrCancelled):
		log.InfoContext(ctx, "running job cancelled", "error", failure)
		return end{job.Cancelled, func(ctx context.Context) (bool, error) {
			return w.Store.CancelRun(ctx, run, store.CancelRunParams{
				At: at, Error: job.ErrorText(failure), Progress: progress,
			})
		}}
	case errors.Is(context.Cause(ctx), job.ErrStopping) && !job.IsPermanent(failure):
		log.InfoContext(ctx, "job interrupted by the shutdown")
		return end{job.Pending, func(ctx context.Context) (bool, error) {
			return w.Store.Release(ctx, run, store.ReleaseParams{RunAt: at, Progress: progress})
		}}
	case snoozed:
		log.InfoContext(ctx, "job snoozed", "again_in", delay)
		return end{job.Pending, func(ctx context.Context) (bool, error) {
			return w.Store.Snooze(ctx, run, store.SnoozeParams{RunAt: at.Add(delay), Progress: progress})
		}}
	case job.IsPermanent(failure) || d.Attempts+1 > policy.MaxRetry:
		log.ErrorContext(ctx, "job dead", "error", failure)
		return end{job.Dead, func(ctx context.Context) (bool, error) {
			return w.Store.Discard(ctx, run, store.DiscardParams{
				At: at, Attempts: d.Attempts + 1, Error: job.ErrorText(failure), Stack: job.StackOf(failure),
				Progress: progress,
			})
		}}
	default:
		delay := backoff(ctx, log, policy, d.Attempts+1)
		log.WarnContext(ctx, "job failed",
			"error", failure, "again_in", delay.Round(time.Millisecond))
		return end{job.Pending, func(ctx context.Context) (bool, error) {
			return w.Store.Retry(ctx, run, store.RetryParams{
				RunAt: at.Add(delay), Attempts: d.Attempts + 1, Error: job.ErrorText(failure),
				Stack: job.StackOf(failure), Progress: progress,
			})
		}}
	}
}

// backoff returns how long a failed job waits. It replaces a Backoff that panics by the default: otherwise the row
// would stay running, and the job would run again after each lease without counting an attempt.
func backoff(ctx context.Context, log *slog.Logger, policy job.Policy, attempt int) (delay time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "Backoff panicked; using the default", "panic", p)
			delay = job.DefaultBackoff(attempt)
		}
	}()
	return max(policy.Backoff(attempt), 0)
}

// record records the end of a run, with retries for as long as the lease lasts.
func (w *Worker) record(ctx context.Context, log *slog.Logger, end end) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.cfg.Lease)
	defer cancel()
	pause := 10 * time.Millisecond
	for {
		kept, err := end.record(ctx)
		if err == nil {
			if !kept {
				log.WarnContext(ctx, "job lost its lease before it ended and runs twice")
			}
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			log.ErrorContext(ctx, "recording the end of the job failed; it runs again", "error", err)
			return
		case <-timer.C:
		}
		pause = min(2*pause, time.Second)
	}
}

// skip handles a delivery whose row has changed: it has another delivery or another worker, or has ended. Only a
// missing row is an error, because the task may belong to an application with another database.
func (w *Worker) skip(ctx context.Context, d job.Delivery) error {
	exists, err := w.Store.Exists(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("finding job %s %s: %w", d.Kind, d.ID, err)
	}
	if !exists {
		job.Log(w.Log, d).WarnContext(ctx,
			"job without a row in this database; do two applications share one Redis database?")
		return fmt.Errorf("job %s %s: %w", d.Kind, d.ID, job.ErrForeign)
	}
	return nil
}

// postponeUnknown returns a delivery that another process may be able to run to pending.
func (w *Worker) postponeUnknown(ctx context.Context, d job.Delivery, reason error) (failure, err error) {
	failure = fmt.Errorf("job %s: %w", d.Kind, reason)
	message := "job of an unknown kind postponed"
	if errors.Is(reason, job.ErrNewer) {
		message = "job of a newer version postponed"
	}
	job.Log(w.Log, d).ErrorContext(ctx, message, "known_kinds", w.Registry.Kinds(), "again_in", unknownKindDelay)
	p := store.PostponeParams{RunAt: w.Store.Now().Add(unknownKindDelay), Error: job.ErrorText(failure)}
	if err := w.Store.Postpone(ctx, d.Ref(), p); err != nil {
		return nil, fmt.Errorf("postponing job %s %s: %w", d.Kind, d.ID, err)
	}
	return failure, nil
}

// postponeLimited returns a delivery that waits for its limit to pending.
func (w *Worker) postponeLimited(ctx context.Context, d job.Delivery, wait wait) error {
	job.Log(w.Log, d).DebugContext(ctx, "job postponed by its limit", "limit", wait.key, "again_in", wait.time)
	p := store.PostponeParams{RunAt: w.Store.Now().Add(wait.time), LimitKey: job.Storable(wait.key, maxLimitKey)}
	if err := w.Store.Postpone(ctx, d.Ref(), p); err != nil {
		return fmt.Errorf("postponing job %s %s: %w", d.Kind, d.ID, err)
	}
	w.Waker.Wake()
	return nil
}

// wait says why a job does not start now. Without a time it starts.
type wait struct {
	key  string
	time time.Duration
}

// admit checks the limits of a job. Without a wait the job may start, and then holds the returned slot, if it has a
// limit.
func (w *Worker) admit(ctx context.Context, d job.Delivery, policy job.Policy) (limit.Place, wait, error) {
	var place limit.Place
	if policy.Limit.Key != "" {
		var free bool
		var err error
		if place, free, err = w.Limiter.Acquire(ctx, policy.Limit, d.Ref()); err != nil {
			return limit.Place{}, wait{}, err
		}
		if !free {
			return limit.Place{}, wait{policy.Limit.Key, job.Jitter(time.Second << min(d.Number, 4))}, nil
		}
	}
	if policy.Rate.Key == "" {
		return place, wait{}, nil
	}
	delay, err := w.Limiter.Spend(ctx, policy.Rate)
	if err == nil && delay == 0 {
		return place, wait{}, nil
	}
	w.leave(ctx, place)
	return limit.Place{}, wait{policy.Rate.Key, delay}, err
}

// leaveTimeout limits the release of a slot. If that fails, the slot ends with its lease.
const leaveTimeout = time.Second

// leave releases a slot and wakes the first job that waits for it.
func (w *Worker) leave(ctx context.Context, place limit.Place) {
	if place == (limit.Place{}) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	if err := w.Limiter.Leave(ctx, place); err != nil {
		w.Log.DebugContext(ctx, "releasing a slot of a limit failed", "limit", place.Key(), "error", err)
		return
	}
	woken, err := w.Store.WakeLimited(ctx, place.Key())
	if err != nil {
		w.Log.DebugContext(ctx, "waking the next job of a limit failed", "limit", place.Key(), "error", err)
	} else if woken {
		w.Waker.Wake()
	}
}
