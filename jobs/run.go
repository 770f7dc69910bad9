package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

const (
	// unknownKindDelay is how long a job waits for a process that knows its kind, as during a rolling deployment.
	unknownKindDelay = 30 * time.Second
	// How long a job may take to return once its context is cancelled, because of its timeout or of a shutdown.
	timeoutGrace  = 10 * time.Second
	stoppingGrace = 2 * time.Second
	// maxLimitKey is what fits the column.
	maxLimitKey = 191
)

// run runs a row once and records how it ended. The first result is the failure of the job, of which the row tells;
// the second says that the row could not be started and is still to be delivered.
func (c *Client) run(ctx context.Context, d delivery, limited bool) (failure, err error) {
	e, known := c.registry.kind(d.kind)
	if !known {
		return c.postponeUnknown(ctx, d, errUnknownKind)
	}
	if d.Version > e.version {
		return c.postponeUnknown(ctx, d, errNewer)
	}
	if d.Fetch {
		payload, found, err := c.store.payload(ctx, d.id)
		if err != nil {
			return nil, fmt.Errorf("fetching the arguments of job %s %s: %w", d.kind, d.id, err)
		}
		if !found {
			return nil, c.skip(ctx, d)
		}
		d.payload = payload
	}
	job, failure := c.decode(e, d)
	var held *place
	if failure == nil && limited {
		var wait *wait
		if held, wait, err = c.admit(ctx, d, job.options); err != nil {
			return nil, fmt.Errorf("starting job %s %s: %w", d.kind, d.id, err)
		}
		if wait != nil {
			return nil, c.postponeLimited(ctx, d, *wait)
		}
		defer c.leavePlace(ctx, held)
	}
	started, err := c.store.start(ctx, d, c.id, c.now().Add(c.cfg.Lease))
	if err != nil {
		return nil, fmt.Errorf("starting job %s %s: %w", d.kind, d.id, err)
	}
	if !started {
		return nil, c.skip(ctx, d)
	}
	return c.runStarted(ctx, d, job, failure, held), nil
}

// runStarted runs a row that belongs to this process, and returns the failure of the job.
func (c *Client) runStarted(ctx context.Context, d delivery, job runnable, failure error, held *place) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.leases.add(d.id, holding{cancel: cancel, place: held})
	defer c.leases.remove(d.id)

	e := c.execution(d)
	e.save = func(ctx context.Context, done, total int64) error {
		return c.store.saveProgress(ctx, d, c.id, done, total)
	}
	begun := c.now()
	clock := time.Now()
	if failure != nil {
		failure = Permanent(failure)
	} else {
		failure = c.perform(ctx, e, d, job)
	}
	took := time.Since(clock)
	c.conclude(ctx, e, d, job.options, failure, took, begun.Sub(d.due))
	return failure
}

// decode decrypts and decodes the arguments of a job.
func (c *Client) decode(e entry, d delivery) (runnable, error) {
	payload, err := c.plain(d)
	if err != nil {
		return runnable{}, err
	}
	return e.safeDecode(payload, d.Version)
}

// plain returns the arguments in the clear.
func (c *Client) plain(d delivery) ([]byte, error) {
	if d.Sealed == "" {
		return d.payload, nil
	}
	payload, err := c.sealer.open(d.id, d.kind, d.Sealed, d.payload)
	if err != nil {
		return nil, fmt.Errorf("decrypting the arguments of %s: %w", d.kind, err)
	}
	return payload, nil
}

func (c *Client) execution(d delivery) *execution {
	return &execution{
		info: Execution{ID: d.id, Kind: d.kind, Queue: d.queue, Attempt: d.attempts + 1, Batch: d.Batch},
		log:  c.jobLog(d), saved: time.Now(),
	}
}

func (c *Client) jobLog(d delivery) *slog.Logger {
	return c.log.With("job_id", d.id, "job_kind", d.kind, "job_queue", d.queue, "job_attempt", d.attempts+1)
}

func (c *Client) postponeUnknown(ctx context.Context, d delivery, reason error) (failure, err error) {
	failure = fmt.Errorf("job %s: %w", d.kind, reason)
	message := "job of an unknown kind, left for another process"
	if errors.Is(reason, errNewer) {
		message = "job of a newer version, left for another process"
	}
	c.jobLog(d).ErrorContext(ctx, message, "known_kinds", c.registry.kinds(), "again_in", unknownKindDelay)
	values := map[string]any{"run_at": c.now().Add(unknownKindDelay), "last_error": storable(failure)}
	if err := c.store.postpone(ctx, d, values); err != nil {
		return nil, fmt.Errorf("postponing job %s %s: %w", d.kind, d.id, err)
	}
	return failure, nil
}

// postponeLimited sends a delivery back to wait for its limit.
func (c *Client) postponeLimited(ctx context.Context, d delivery, w wait) error {
	c.jobLog(d).DebugContext(ctx, "job waits for its limit", "limit", w.key, "again_in", w.time)
	values := map[string]any{"run_at": c.now().Add(w.time), "limit_key": fitting(w.key, maxLimitKey)}
	if err := c.store.postpone(ctx, d, values); err != nil {
		return fmt.Errorf("postponing job %s %s: %w", d.kind, d.id, err)
	}
	c.rouse()
	return nil
}

// skip decides about a delivery whose row has moved on: another delivery or another worker has it, or it has ended.
// Only a row that is not here at all is an error, as the task may be of an application with another database.
func (c *Client) skip(ctx context.Context, d delivery) error {
	exists, err := c.store.exists(ctx, d.id)
	if err != nil {
		return fmt.Errorf("looking for job %s %s: %w", d.kind, d.id, err)
	}
	if !exists {
		c.jobLog(d).WarnContext(ctx, "job without a row in this database; do two applications share one Redis database?")
		return fmt.Errorf("job %s %s: %w", d.kind, d.id, errForeign)
	}
	return nil
}

// perform runs the work with its timeout. It returns when the work does, or some time after its context was cancelled.
func (c *Client) perform(ctx context.Context, e *execution, d delivery, job runnable) error {
	ctx = context.WithValue(c.withMeta(ctx, d.Meta), executionKey{}, e)
	if timeout := job.options.Timeout; timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errTimeout)
		defer cancel()
	}
	result := make(chan error, 1)
	go func() {
		err := errExited // stays if the work ends its goroutine
		defer func() { result <- err }()
		err = recovered(ctx, c.wrapped(job.work))
	}()
	select {
	case err := <-result:
		return explain(ctx, err)
	case <-ctx.Done():
	}
	grace := time.NewTimer(graceOf(ctx))
	defer grace.Stop()
	select {
	case err := <-result:
		return explain(ctx, err)
	case <-grace.C:
		e.log.ErrorContext(ctx, "job does not return although its context was cancelled; its goroutine is left behind")
		return fmt.Errorf("%w: %w", errAbandoned, context.Cause(ctx))
	}
}

func graceOf(ctx context.Context) time.Duration {
	if errors.Is(context.Cause(ctx), errStopping) {
		return stoppingGrace
	}
	return timeoutGrace
}

// explain tells why ctx ended if that is why the work failed.
func explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", context.Cause(ctx), err)
}

// recovered turns a panic into an error.
func recovered(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: fmt.Sprint(p), stack: string(debug.Stack())}
		}
	}()
	return work(ctx)
}

// conclude writes how a run ended, and keeps trying for as long as the lease lasts.
func (c *Client) conclude(
	ctx context.Context, e *execution, d delivery, o Options, failure error, took, waited time.Duration,
) {
	log := e.log.With("took_us", took.Microseconds())
	values := c.ending(ctx, d, o, failure, log)
	e.remains(values)
	state, _ := values["state"].(State)
	if _, ok := snoozed(failure); !ok && state != Cancelled {
		c.stats.count(c.now(), d.queue, state, took, waited)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Lease)
	defer cancel()
	pause := 10 * time.Millisecond
	for {
		kept, err := c.store.finish(ctx, d, c.id, values)
		if err == nil {
			if !kept {
				log.WarnContext(ctx, "job had been given to another worker before it ended; it runs twice")
			}
			break
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			log.ErrorContext(ctx, "the end of the job cannot be recorded; it runs again", "error", err)
			return
		case <-timer.C:
		}
		pause = min(2*pause, time.Second)
	}
	if state == Pending || d.Linked {
		c.rouse()
	}
}

// ending returns what a run that ended with failure changes in its row.
func (c *Client) ending(ctx context.Context, d delivery, o Options, failure error, log *slog.Logger) map[string]any {
	at := c.now()
	delay, snooze := snoozed(failure)
	switch {
	case failure == nil:
		log.InfoContext(ctx, "job done")
		return map[string]any{"state": Done, "finished_at": at}
	case errors.Is(context.Cause(ctx), ErrCancelled):
		log.InfoContext(ctx, "job cancelled while it ran", "error", failure)
		return map[string]any{"state": Cancelled, "finished_at": at, "last_error": storable(failure)}
	case errors.Is(context.Cause(ctx), errStopping) && !isPermanent(failure):
		log.InfoContext(ctx, "job interrupted by the shutdown, it runs again")
		return c.store.back(map[string]any{"run_at": at})
	case snooze:
		log.InfoContext(ctx, "job snoozed", "again_in", delay)
		return c.store.back(map[string]any{"run_at": at.Add(delay), "losses": 0})
	case isPermanent(failure) || d.attempts+1 > o.MaxRetry:
		log.ErrorContext(ctx, "job dead", "error", failure)
		return map[string]any{
			"state": Dead, "finished_at": at, "attempts": d.attempts + 1, "losses": 0,
			"last_error": storable(failure), "last_stack": stackOf(failure),
		}
	default:
		wait := o.wait(d.attempts+1, log)
		log.WarnContext(ctx, "job failed, it is tried again", "error", failure, "again_in", wait.Round(time.Millisecond))
		return c.store.back(map[string]any{
			"run_at": at.Add(wait), "attempts": d.attempts + 1, "losses": 0,
			"last_error": storable(failure), "last_stack": stackOf(failure),
		})
	}
}
