package inspect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// QueueCounts describes a queue.
type QueueCounts struct {
	Queue string
	// Counts is the number of jobs in each state that has any.
	Counts map[covetmodels.OutboxState]int
	// PausedAt is when the queue was paused; nil if it is not paused.
	PausedAt *time.Time
	// Oldest is when the job that has waited longest was due; nil if none is due.
	Oldest *time.Time
	// Workers is the number of live processes that serve the queue. Without any, waiting jobs do not run.
	Workers int
}

// Queues counts the jobs of each queue, sorted by name. It includes empty queues of registered jobs. It scans an index,
// which takes a fraction of a second for a million rows.
func (i *Inspector) Queues(ctx context.Context) ([]QueueCounts, error) {
	counts, err := i.store.CountQueues(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	paused, err := i.Paused(ctx)
	if err != nil {
		return nil, err
	}
	serving, err := i.serving(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range append(i.registry.Queues(), slices.Collect(maps.Keys(paused))...) {
		if counts[name] == nil {
			counts[name] = map[job.State]int{}
		}
	}
	queues := make([]QueueCounts, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		q := QueueCounts{Queue: name, Counts: counts[name], Workers: serving[name]}
		if at, ok := paused[name]; ok {
			q.PausedAt = &at
		}
		if q.Oldest, err = i.store.OldestDue(ctx, name); err != nil {
			return nil, fmt.Errorf("looking for the oldest job of queue %q: %w", name, err)
		}
		queues = append(queues, q)
	}
	return queues, nil
}

// Kinds returns the kinds of the jobs that are registered in this process, sorted.
func (i *Inspector) Kinds() []string { return i.registry.Kinds() }

// DeclaredQueues returns the default queue and the queues that the registered jobs of this process declare, sorted.
func (i *Inspector) DeclaredQueues() []string { return i.registry.Queues() }

// Pause stops jobs of a queue from starting, in all processes, until [Inspector.Resume]. Running jobs continue, and
// jobs can still be enqueued. Pause writes in the transaction that ctx carries, if any. Pausing twice is not an error.
func (i *Inspector) Pause(ctx context.Context, queue string) error {
	at := i.store.Now()
	if err := i.setPaused(ctx, queue, &at); err != nil {
		return fmt.Errorf("pausing queue %q: %w", queue, err)
	}
	return nil
}

// Resume reverts [Inspector.Pause]. Resuming a queue that is not paused is not an error.
func (i *Inspector) Resume(ctx context.Context, queue string) error {
	if err := i.setPaused(ctx, queue, nil); err != nil {
		return fmt.Errorf("resuming queue %q: %w", queue, err)
	}
	return nil
}

// setPaused updates the row of a queue, which survives restarts and the loss of Redis, and then the transport.
func (i *Inspector) setPaused(ctx context.Context, queue string, at *time.Time) error {
	if err := job.ValidateQueue(queue); err != nil {
		return err
	}
	if err := i.store.SetPaused(ctx, queue, at); err != nil {
		return err
	}
	afterCommit(ctx, func(ctx context.Context) {
		rows, err := i.store.Queues(ctx)
		if err == nil {
			err = i.transport.SetPaused(ctx, job.PausedQueues(rows))
		}
		if err != nil {
			i.log.DebugContext(ctx, "publishing a paused or resumed queue to Redis failed", "queue", queue, "error", err)
		}
	})
	return nil
}

// Paused returns when each paused queue was paused.
func (i *Inspector) Paused(ctx context.Context) (map[string]time.Time, error) {
	rows, err := i.store.Queues(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for paused queues: %w", err)
	}
	paused := map[string]time.Time{}
	for _, row := range rows {
		if row.PausedAt != nil {
			paused[row.Name] = *row.PausedAt
		}
	}
	return paused, nil
}

// serving counts the live workers of each queue.
func (i *Inspector) serving(ctx context.Context) (map[string]int, error) {
	rows, err := i.store.Workers(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for workers: %w", err)
	}
	return job.Served(rows, i.store.Now())
}
