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

// Enqueue stores job, whose type is registered, to be run at least once, and returns its id. It writes in the
// transaction that ctx carries, if any: the job then exists if and when that transaction commits. Redis is not needed.
func (c *Client) Enqueue(ctx context.Context, job any, opts ...EnqueueOption) (string, error) {
	row, err := c.row(job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	if err := c.store.insert(ctx, row); err != nil {
		return "", fmt.Errorf("enqueuing job %s: %w", row.Kind, err)
	}
	c.warnUnknownQueue(ctx, row)
	c.rouseAfterCommit(ctx)
	return row.ID, nil
}

func (c *Client) rouseAfterCommit(ctx context.Context) {
	if !database.AfterCommit(ctx, func(context.Context) { c.rouse() }) {
		c.rouse()
	}
}

// EnqueueDirect hands job to Redis without a row in the database, and returns its id. It takes no part in a
// transaction, is run at most once, never tried again, and lost if Redis loses it. Delays are kept in Redis too, in
// whole seconds.
func (c *Client) EnqueueDirect(ctx context.Context, job any, opts ...EnqueueOption) (string, error) {
	row, err := c.row(job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	task := asynq.NewTask(row.Kind, []byte(row.Payload))
	_, err = c.queue.Load().EnqueueContext(ctx, task,
		asynq.TaskID(row.ID), asynq.Queue(row.Queue), asynq.ProcessAt(row.RunAt), asynq.MaxRetry(0), noTimeout)
	if err != nil {
		return "", fmt.Errorf("enqueuing job %s directly: %w", row.Kind, err)
	}
	c.warnUnknownQueue(ctx, row)
	return row.ID, nil
}

// row makes the row of a job that is enqueued now.
func (c *Client) row(job any, opts []EnqueueOption) (*covetmodels.OutboxRow, error) {
	e, err := c.registry.of(job)
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(job)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", e.kind, err)
	}
	created := now()
	o := enqueueOptions{queue: e.queue, runAt: created}
	for _, opt := range opts {
		opt(&o)
	}
	if err := validateQueue(o.queue); err != nil {
		return nil, err
	}
	runAt := o.runAt.UTC().Truncate(time.Microsecond)
	if runAt.Before(created) {
		runAt = created
	}
	return newRow(e.kind, o.queue, payload, created, runAt)
}

func newRow(kind, queue string, payload []byte, created, runAt time.Time) (*covetmodels.OutboxRow, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}
	return &covetmodels.OutboxRow{
		ID: id.String(), Kind: kind, Queue: queue, Payload: string(payload), State: Pending,
		CreatedAt: created, RunAt: runAt,
	}, nil
}

// Cancel calls off a job that has not started; its row ends as cancelled. It writes in the transaction that ctx
// carries, if any. Jobs that have started, have ended or do not exist return [ErrNotWaiting].
func (c *Client) Cancel(ctx context.Context, id string) error {
	cancelled, err := c.store.cancel(ctx, id)
	if err == nil && !cancelled {
		err = ErrNotWaiting
	}
	if err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	return nil
}
