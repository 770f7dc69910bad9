package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// runDirect runs a job that has no row. It runs only once, unless it returns Snooze.
func (w *Worker) runDirect(ctx context.Context, d job.Delivery) error {
	e := newExecution(w.Log, d)
	begun := time.Now()
	err := w.performDirect(ctx, e, d)
	took := time.Since(begun)
	if delay, ok := job.Snoozed(err); ok {
		e.Log.DebugContext(ctx, "direct job snoozed", "again_in", delay)
		again := d
		again.Number++
		if err = w.Transport.SendDirect(ctx, again, time.Now().Add(delay)); err == nil {
			return nil
		}
		err = fmt.Errorf("sending direct job %s %s again: %w", d.Kind, d.ID, err)
	}
	if err != nil {
		w.Stats.Count(w.Store.Now(), d.Queue, job.Dead, took, -1)
		e.Log.ErrorContext(ctx, "direct job failed", "error", err)
		return err
	}
	w.Stats.Count(w.Store.Now(), d.Queue, job.Done, took, -1)
	e.Log.InfoContext(ctx, "direct job done")
	return nil
}

func (w *Worker) performDirect(ctx context.Context, e *Execution, d job.Delivery) error {
	if err := w.Registry.Known(d); errors.Is(err, job.ErrUnknownKind) {
		return err
	}
	decoded, err := w.Registry.Decode(d)
	if err != nil {
		return err
	}
	place, wait, err := w.admit(ctx, d, decoded.Policy)
	if err != nil {
		return err
	}
	if wait.time > 0 {
		return job.Snooze(wait.time)
	}
	defer w.leave(ctx, place)
	return perform(ctx, e, decoded)
}

// RunInline runs a job in the calling goroutine and returns its error. It stores nothing and ignores limits.
func (w *Worker) RunInline(ctx context.Context, d job.Delivery) error {
	decoded, err := w.Registry.Decode(d)
	if err != nil {
		return err
	}
	return perform(ctx, newExecution(w.Log, d), decoded)
}

const drainBatch = 100

// Drain runs all due rows one after the other, without the transport and without limits, until none is left, and
// returns the errors of failed jobs.
func (w *Worker) Drain(ctx context.Context) error {
	var failures []error
	for {
		rows, err := w.Store.Due(ctx, w.Store.Now(), drainBatch)
		if err != nil {
			return errors.Join(append(failures, fmt.Errorf("finding jobs to drain: %w", err))...)
		}
		if len(rows) == 0 {
			return errors.Join(failures...)
		}
		for i := range rows {
			d := job.DeliveryOf(&rows[i])
			failure, err := w.run(ctx, d, false)
			if err != nil {
				return errors.Join(append(failures, err)...)
			}
			if _, snoozed := job.Snoozed(failure); failure != nil && !snoozed {
				failures = append(failures, fmt.Errorf("job %s %s: %w", d.Kind, d.ID, failure))
			}
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(failures, err)...)
		}
	}
}
