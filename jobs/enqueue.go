package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

// Enqueue stores a job of a registered type, which then runs at least once, and returns its id. It writes in the
// transaction that ctx carries, if any: the job exists if and when that transaction commits. Redis need not be
// available.
//
// If the job is [Unique] and the same job is already enqueued, Enqueue stores nothing and returns the id of the first
// one. [Duplicate] reports the difference.
func (c *Client) Enqueue(ctx context.Context, job any, opts ...EnqueueOption) (string, error) {
	row, o, err := c.rows.build(ctx, job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	id, err := c.store.Insert(ctx, row)
	if err != nil {
		return "", fmt.Errorf("enqueuing job %s: %w", row.Kind, err)
	}
	o.reportDuplicate(id != row.ID)
	c.warnUnknownQueue(ctx, row.Queue, row.Kind, row.ID)
	c.waker.WakeAfterCommit(ctx)
	return id, nil
}

// EnqueueMany stores jobs of one or several kinds and returns their ids in the same order. It stores all of them or
// none, and is much faster than calling [Client.Enqueue] for each: 500 jobs take one statement. [Unique] jobs take one
// statement each.
func (c *Client) EnqueueMany(ctx context.Context, jobs []any, opts ...EnqueueOption) ([]string, error) {
	rows, o, err := c.buildMany(ctx, jobs, opts)
	var ids []string
	if err == nil {
		ids, err = c.store.InsertMany(ctx, rows)
	}
	if err != nil {
		return nil, fmt.Errorf("enqueuing %d jobs: %w", len(jobs), err)
	}
	for i, row := range rows {
		o.reportDuplicate(ids[i] != row.ID)
	}
	c.waker.WakeAfterCommit(ctx)
	return ids, nil
}

// EnqueueChain stores jobs that run one after the other: each starts when the one before is done. It returns their ids
// in order.
//
// When a job of the chain is dead or cancelled, the jobs behind it end in the same state, with the reason as their
// error. Retrying the job that stopped the chain makes them wait again.
func (c *Client) EnqueueChain(ctx context.Context, jobs []any, opts ...EnqueueOption) ([]string, error) {
	chain, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("enqueuing a chain: making an id: %w", err)
	}
	rows, _, err := c.buildMany(ctx, jobs, opts)
	if err != nil {
		return nil, fmt.Errorf("enqueuing a chain: %w", err)
	}
	id := chain.String()
	for i, row := range rows {
		row.ChainID, row.ChainIndex = &id, i
		withoutKey(row) // a member that is left out would end the chain
		if i > 0 {
			row.State, row.RunAt = Held, row.CreatedAt
		}
	}
	ids, err := c.store.InsertMany(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("enqueuing a chain: %w", err)
	}
	c.waker.WakeAfterCommit(ctx)
	return ids, nil
}

// Batch is a set of jobs and a callback that runs when all of them have ended.
type Batch struct {
	// Jobs are the members. Each may add more, with [InBatch], while the batch has not ended.
	Jobs []any
	// Then runs once all members are done, dead or cancelled. It is exactly one job, however many workers finish at the
	// same time, and finds the results with [Client.Batch] and the id in [Execution].Batch. Defaults to no callback.
	Then any
}

// EnqueueBatch stores the jobs of a batch and its callback, and returns the id of the batch. Retrying a member after
// the batch has ended changes its counts, but does not run the callback again. Members are never [Unique].
//
// A batch without jobs has ended immediately.
func (c *Client) EnqueueBatch(ctx context.Context, b Batch, opts ...EnqueueOption) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("enqueuing a batch: making an id: %w", err)
	}
	p := store.BatchParams{Batch: covetmodels.JobBatch{ID: id.String(), CreatedAt: c.store.Now()}}
	if b.Then != nil {
		if p.Callback, _, err = c.rows.build(ctx, b.Then, nil); err != nil {
			return "", fmt.Errorf("enqueuing a batch: callback: %w", err)
		}
		withoutKey(p.Callback)
	}
	if p.Members, _, err = c.buildMany(ctx, b.Jobs, append(opts, InBatch(p.Batch.ID))); err != nil {
		return "", fmt.Errorf("enqueuing a batch: %w", err)
	}
	for _, row := range p.Members {
		withoutKey(row)
	}
	if err := c.store.InsertBatch(ctx, p); err != nil {
		return "", fmt.Errorf("enqueuing a batch: %w", err)
	}
	c.waker.WakeAfterCommit(ctx)
	return p.Batch.ID, nil
}

// Batch returns the counts of a batch by state. It returns [ErrNoBatch] if there is no such batch.
func (c *Client) Batch(ctx context.Context, id string) (covetmodels.JobBatch, error) {
	batch, err := c.store.Batch(ctx, id)
	if err != nil {
		return batch, fmt.Errorf("looking for batch %s: %w", id, err)
	}
	return batch, nil
}

// EnqueueDirect hands a job to Redis, without a row in the database, and returns its id. The job takes part in no
// transaction, runs at most once, is never retried, and is lost if Redis loses it. Redis also keeps its delay, in whole
// seconds. It belongs to no batch and is never unique.
func (c *Client) EnqueueDirect(ctx context.Context, value any, opts ...EnqueueOption) (string, error) {
	r, err := c.rows.request(ctx, value, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	d := job.Delivery{
		ID: r.id, Kind: r.kind, Queue: r.queue, Priority: r.options.Priority, Direct: true,
		Extras: job.Extras{Version: r.version, Meta: r.meta},
	}
	if d.Payload, d.Sealed, err = c.rows.sealed(r); err != nil {
		return "", fmt.Errorf("enqueuing job %s directly: %w", r.kind, err)
	}
	var at time.Time
	if r.due.After(r.created) {
		at = r.due
	}
	if err := c.transport.SendDirect(ctx, d, at); err != nil {
		return "", fmt.Errorf("enqueuing job %s directly: %w", d.Kind, err)
	}
	c.warnUnknownQueue(ctx, r.queue, r.kind, r.id)
	return d.ID, nil
}

// buildMany builds the rows of jobs that are enqueued together.
func (c *Client) buildMany(
	ctx context.Context, jobs []any, opts []EnqueueOption,
) (rows []*job.Row, o enqueueOptions, err error) {
	rows = make([]*job.Row, len(jobs))
	warned := map[string]bool{}
	for i, value := range jobs {
		if rows[i], o, err = c.rows.build(ctx, value, opts); err != nil {
			return nil, o, fmt.Errorf("job %d: %w", i, err)
		}
		if row := rows[i]; !warned[row.Queue] {
			warned[row.Queue] = true
			c.warnUnknownQueue(ctx, row.Queue, row.Kind, row.ID)
		}
	}
	return rows, o, nil
}

// withoutKey makes a row not unique.
func withoutKey(row *job.Row) { row.UniqueKey, row.UniqueAs, row.UniqueUntil = nil, "", nil }
