package inspect

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// MaxBulk is the maximum number of rows that one call of [Inspector.RetryAll], [Inspector.CancelAll] or
// [Inspector.DeleteAll] changes, so that no call takes much longer than a second.
const MaxBulk = 5000

// Retry runs a dead or cancelled job again: it becomes pending, with all its attempts. Its last error remains until the
// next one. Retry writes in the transaction that ctx carries, if any. It returns [ErrNoJob] if the job does not exist,
// [ErrNotEnded] if it is neither dead nor cancelled, so that a second call does nothing, and [ErrDuplicate] for a
// unique job whose key another job has taken.
func (i *Inspector) Retry(ctx context.Context, id string) error {
	changed, err := i.store.Requeue(ctx, id)
	if err == nil && !changed {
		err = ErrNotEnded
	}
	if err != nil {
		return fmt.Errorf("retrying job %s: %w", id, err)
	}
	i.waker.WakeAfterCommit(ctx)
	return nil
}

// Cancel cancels a job that has not ended. A waiting job is cancelled immediately and never starts. The context of a
// running job ends within about a second, in whichever process it runs; the job is then cancelled, unless it succeeds
// nevertheless. Cancel writes in the transaction that ctx carries, if any. It returns [ErrNotWaiting] for a job that
// has ended or does not exist.
func (i *Inspector) Cancel(ctx context.Context, id string) error {
	if !job.IsID(id) {
		return fmt.Errorf("cancelling job %s: %w", id, ErrNotWaiting)
	}
	n, err := i.store.Cancel(ctx, []string{id})
	if err == nil && n == 0 {
		var runs bool
		runs, err = i.store.RequestCancel(ctx, id)
		if err == nil && !runs {
			err = ErrNotWaiting
		}
		if err == nil {
			afterCommit(ctx, func(context.Context) { i.runs.Cancel(id) })
		}
	}
	if err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	i.waker.WakeAfterCommit(ctx) // the end of a batch may start its callback
	return nil
}

// Delete deletes the row of a job that is not running, so that it never runs. It writes in the transaction that ctx
// carries, if any. It returns [ErrNoJob] if the job does not exist, and [ErrRunning] while it runs.
//
// If a worker is about to start the deleted job, it looks for the row a few more times and logs a job without a row.
// Use [Inspector.Cancel] for a job that may start at any moment.
func (i *Inspector) Delete(ctx context.Context, id string) error {
	row, err := i.store.Row(ctx, id)
	deleted := 0
	if err == nil {
		deleted, err = i.store.Delete(ctx, []string{id}, append(job.Waiting(), job.Ended()...))
	}
	if err == nil && deleted == 0 {
		var exists bool
		if exists, err = i.store.Exists(ctx, id); err == nil {
			err = ErrNoJob
			if exists {
				err = ErrRunning
			}
		}
	}
	if err != nil {
		return fmt.Errorf("deleting job %s: %w", id, err)
	}
	if row.State == job.Dispatched {
		afterCommit(ctx, func(ctx context.Context) {
			if err := i.transport.Withdraw(ctx, job.DeliveryOf(&row)); err != nil {
				i.log.DebugContext(ctx, "removing the task of a deleted job from Redis failed", "job_id", id, "error", err)
			}
		})
	}
	return nil
}

// RetryAll retries the dead and cancelled jobs that f selects, like [Inspector.Retry], newest first, and returns how
// many it changed. It skips unique jobs whose key another job has taken. It stops after [MaxBulk] changes: call it
// again while it returns that many.
func (i *Inspector) RetryAll(ctx context.Context, f Filter) (int, error) {
	n, err := i.bulk(ctx, f, []job.State{job.Dead, job.Cancelled}, i.store.RequeueMany)
	if err != nil {
		return n, fmt.Errorf("retrying jobs: %w", err)
	}
	if n > 0 {
		i.waker.WakeAfterCommit(ctx)
	}
	return n, nil
}

// CancelAll cancels the waiting jobs that f selects, like [Inspector.Cancel], and returns how many it changed, at most
// [MaxBulk].
func (i *Inspector) CancelAll(ctx context.Context, f Filter) (int, error) {
	n, err := i.bulk(ctx, f, job.Waiting(), i.store.Cancel)
	if err != nil {
		return n, fmt.Errorf("cancelling jobs: %w", err)
	}
	return n, nil
}

// DeleteAll deletes the rows of done, dead and cancelled jobs that f selects, and returns how many it deleted, at most
// [MaxBulk]. It keeps rows in other states; [Inspector.CancelAll] ends waiting jobs.
func (i *Inspector) DeleteAll(ctx context.Context, f Filter) (int, error) {
	states := store.Filter(f).Among(job.Ended()...)
	n, err := i.bulk(ctx, f, states, func(ctx context.Context, ids []string) (int, error) {
		return i.store.Delete(ctx, ids, states)
	})
	if err != nil {
		return n, fmt.Errorf("deleting jobs: %w", err)
	}
	return n, nil
}

// bulk calls change with batches of ids that f selects among the states, newest first, until it has changed MaxBulk
// rows or reached the last one. It does not change rows that have changed their state in the meantime.
func (i *Inspector) bulk(
	ctx context.Context, f Filter, states []job.State, change func(context.Context, []string) (int, error),
) (int, error) {
	total := 0
	page := store.PageParams{Filter: store.Filter(f)}
	if page.States = page.Filter.Among(states...); len(page.States) == 0 {
		return 0, nil
	}
	for total < MaxBulk {
		page.Limit = min(store.MaintenanceBatch, MaxBulk-total)
		ids, err := i.store.PageIDs(ctx, page)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		last, err := i.store.LastOf(ctx, ids)
		if err != nil || last.IsZero() {
			return total, err
		}
		page.After = last
		changed, err := change(ctx, ids)
		total += changed
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
