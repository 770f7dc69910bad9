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

// Enqueue stores job, whose type is registered, to be run at least once, and returns its id. It writes in the
// transaction that ctx carries, if any: the job then exists if and when that transaction commits. Redis is not needed.
//
// A job that is [Unique] and has been enqueued already is not stored again: the id returned is that of the first one,
// and [Duplicate] tells the difference.
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

// EnqueueMany stores many jobs, of one kind or of several, and returns their ids in the same order. It is like calling
// [Client.Enqueue] for each, all or nothing, and many times faster: 500 of them are one statement. Jobs that are
// [Unique] take one each.
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

// EnqueueChain stores jobs that run one after the other: each when the one before is done, decided in the transaction
// that ends it. It returns their ids in order.
//
// When one of them is dead or cancelled, those behind it end in the same way, with the reason as their error. A retry
// of the one that stopped the chain makes them wait again.
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

// Batch is a set of jobs, after whose end another one runs.
type Batch struct {
	// Jobs are the members. Each of them may add more, with [InBatch], while the batch has not ended.
	Jobs []any
	// Then runs once all members are done, dead or cancelled: exactly one job, however many workers finish at once.
	// It learns how they ended with [Client.Batch] and the id in [Execution].Batch. Defaults to nothing.
	Then any
}

// EnqueueBatch stores the jobs of a batch and its callback, and returns the id of the batch. A member that is retried
// after the end of the batch changes its counts, and does not call back again. Members are not [Unique].
//
// A batch without jobs has ended at once.
func (c *Client) EnqueueBatch(ctx context.Context, b Batch, opts ...EnqueueOption) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("enqueuing a batch: making an id: %w", err)
	}
	p := store.BatchParams{Batch: covetmodels.JobBatch{ID: id.String(), CreatedAt: c.store.Now()}}
	if b.Then != nil {
		if p.Callback, _, err = c.rows.build(ctx, b.Then, nil); err != nil {
			return "", fmt.Errorf("enqueuing a batch: its callback: %w", err)
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

// Batch returns how many jobs of a batch there are, and how many ended how; [ErrNoBatch] if it does not exist.
func (c *Client) Batch(ctx context.Context, id string) (covetmodels.JobBatch, error) {
	batch, err := c.store.Batch(ctx, id)
	if err != nil {
		return batch, fmt.Errorf("looking for batch %s: %w", id, err)
	}
	return batch, nil
}

// EnqueueDirect hands job to Redis without a row in the database, and returns its id. It takes no part in a
// transaction, is run at most once, never tried again, and lost if Redis loses it. Delays are kept in Redis too, in
// whole seconds. It is in no batch and never unique.
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

// buildMany makes rows of jobs that are enqueued together.
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

// withoutKey makes a row one that is not unique.
func withoutKey(row *job.Row) { row.UniqueKey, row.UniqueAs, row.UniqueUntil = nil, "", nil }
