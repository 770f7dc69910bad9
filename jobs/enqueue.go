package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// MaxPayload bounds the JSON of the arguments of a job, and that of a result, in bytes.
const MaxPayload = 4 << 20

// Enqueue stores job, whose type is registered, to be run at least once, and returns its id. It writes in the
// transaction that ctx carries, if any: the job then exists if and when that transaction commits. Redis is not needed.
//
// A job that is [Unique] and has been enqueued already is not stored again: the id returned is that of the first one, and
// [Duplicate] tells the difference.
func (c *Client) Enqueue(ctx context.Context, job any, opts ...EnqueueOption) (string, error) {
	row, o, err := c.row(ctx, job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	id, err := c.insert(ctx, row, o)
	if err != nil {
		return "", fmt.Errorf("enqueuing job %s: %w", row.Kind, err)
	}
	c.warnUnknownQueue(ctx, row)
	c.rouseAfterCommit(ctx)
	return id, nil
}

// insert stores a row and returns its id, or that of the same job.
func (c *Client) insert(ctx context.Context, row *covetmodels.OutboxRow, o enqueueOptions) (string, error) {
	if row.BatchID == nil {
		return c.insertAlone(ctx, row, o)
	}
	id := ""
	err := c.store.transaction(ctx, func(ctx context.Context) error {
		var err error
		if id, err = c.insertAlone(ctx, row, o); err != nil || id != row.ID {
			return err
		}
		return c.store.growBatch(ctx, *row.BatchID, 1)
	})
	return id, err
}

func (c *Client) insertAlone(ctx context.Context, row *covetmodels.OutboxRow, o enqueueOptions) (string, error) {
	if row.UniqueKey == nil {
		return row.ID, c.store.insert(ctx, row)
	}
	existing, err := c.store.insertUnique(ctx, row)
	if err != nil || existing == "" {
		return row.ID, err
	}
	if o.duplicate != nil {
		*o.duplicate = true
	}
	return existing, nil
}

func (c *Client) rouseAfterCommit(ctx context.Context) {
	if !database.AfterCommit(ctx, c.announce) {
		c.announce(ctx)
	}
}

// EnqueueDirect hands job to Redis without a row in the database, and returns its id. It takes no part in a
// transaction, is run at most once, never tried again, and lost if Redis loses it. Delays are kept in Redis too, in
// whole seconds. It is in no batch and never unique.
func (c *Client) EnqueueDirect(ctx context.Context, job any, opts ...EnqueueOption) (string, error) {
	row, _, err := c.row(ctx, job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	d := deliveryOf(row)
	task := asynq.NewTaskWithHeaders(row.Kind, []byte(row.Payload), d.more())
	options := []asynq.Option{asynq.TaskID(row.ID), asynq.Queue(d.lane()), asynq.MaxRetry(0), noTimeout}
	if row.RunAt.After(row.CreatedAt) {
		options = append(options, asynq.ProcessAt(row.RunAt))
	}
	if _, err = c.queue.Load().EnqueueContext(ctx, task, options...); err != nil {
		return "", fmt.Errorf("enqueuing job %s directly: %w", row.Kind, err)
	}
	c.warnUnknownQueue(ctx, row)
	return row.ID, nil
}

// row makes the row of a job that is enqueued now.
func (c *Client) row(ctx context.Context, job any, opts []EnqueueOption) (*covetmodels.OutboxRow, enqueueOptions, error) {
	var o enqueueOptions
	e, err := c.registry.of(job)
	if err != nil {
		return nil, o, err
	}
	payload, err := json.Marshal(job)
	if err != nil {
		return nil, o, fmt.Errorf("encoding %s: %w", e.kind, err)
	}
	if len(payload) > MaxPayload {
		return nil, o, fmt.Errorf("encoding %s: %d bytes: %w", e.kind, len(payload), ErrPayloadTooLarge)
	}
	o.queue = e.options.Queue
	for _, opt := range opts {
		opt(&o)
	}
	if err := validateQueue(o.queue); err != nil {
		return nil, o, err
	}
	row, err := c.newRow(ctx, e, o)
	if err != nil {
		return nil, o, err
	}
	if o.unique == nil {
		if declared := optionsOf(job).Unique; declared.by != byNothing {
			o.unique = &declared
		}
	}
	return row, o, c.fill(row, e, payload, o.unique)
}

// fill gives the row its arguments and its unique key.
func (c *Client) fill(row *covetmodels.OutboxRow, e entry, payload []byte, unique *Unique) error {
	row.Payload = string(payload)
	if e.options.Encrypt {
		var err error
		if row.Payload, row.SealedWith, err = c.sealer.seal(row.ID, row.Kind, payload); err != nil {
			return fmt.Errorf("encrypting the arguments of %s: %w", row.Kind, err)
		}
	}
	if unique == nil {
		return nil
	}
	return c.setUnique(row, *unique, payload, e.options.Encrypt)
}

func (c *Client) newRow(ctx context.Context, e entry, o enqueueOptions) (*covetmodels.OutboxRow, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}
	meta, err := c.meta(ctx)
	if err != nil {
		return nil, err
	}
	created := c.now()
	row := &covetmodels.OutboxRow{
		ID: id.String(), Kind: e.kind, Queue: o.queue, Priority: int(e.options.Priority), State: Pending,
		Version: e.version, Meta: meta, CreatedAt: created, RunAt: created.Add(max(o.delay, 0)),
	}
	if at := o.runAt.UTC().Truncate(time.Microsecond); at.After(created) {
		row.RunAt = at
	}
	if o.batch != "" {
		row.BatchID = &o.batch
	}
	return row, nil
}
