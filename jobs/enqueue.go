package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
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
	c.warnUnknownQueue(ctx, row.Queue, row.Kind, row.ID)
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
	r, err := c.request(ctx, job, opts)
	if err != nil {
		return "", fmt.Errorf("enqueuing job: %w", err)
	}
	d := delivery{
		id: r.id, kind: r.kind, queue: r.queue, priority: r.options.Priority,
		extras: extras{Version: r.version, Meta: r.meta},
	}
	if d.payload, d.Sealed, err = c.sealed(r); err != nil {
		return "", fmt.Errorf("enqueuing job %s directly: %w", r.kind, err)
	}
	task := asynq.NewTaskWithHeaders(d.kind, d.payload, d.more())
	options := []asynq.Option{asynq.TaskID(d.id), asynq.Queue(d.lane()), asynq.MaxRetry(0), noTimeout}
	if r.due.After(r.created) {
		options = append(options, asynq.ProcessAt(r.due))
	}
	if _, err = c.queue.Load().EnqueueContext(ctx, task, options...); err != nil {
		if c.redis.Embedded() && c.redis.Ping(ctx) != nil {
			err = errNoQueue
		}
		return "", fmt.Errorf("enqueuing job %s directly: %w", d.kind, err)
	}
	c.warnUnknownQueue(ctx, r.queue, r.kind, r.id)
	return d.id, nil
}

// request is a job that is enqueued now.
type request struct {
	entry
	enqueueOptions
	id           string
	payload      []byte // in the clear
	meta         string
	created, due time.Time
}

func (c *Client) request(ctx context.Context, job any, opts []EnqueueOption) (r request, err error) {
	if r.entry, err = c.registry.of(job); err != nil {
		return r, err
	}
	if v := reflect.ValueOf(job); v.Kind() == reflect.Pointer && v.IsNil() {
		return r, fmt.Errorf("%T: %w", job, errNilJob)
	}
	if r.payload, err = json.Marshal(job); err != nil {
		return r, fmt.Errorf("encoding %s: %w", r.kind, err)
	}
	if len(r.payload) > MaxPayload {
		return r, fmt.Errorf("encoding %s: %d bytes: %w", r.kind, len(r.payload), ErrPayloadTooLarge)
	}
	r.queue = r.options.Queue
	for _, opt := range opts {
		opt(&r.enqueueOptions)
	}
	if r.queue != r.options.Queue {
		if err := ValidateQueue(r.queue); err != nil {
			return r, fmt.Errorf("%s: %w", r.kind, err)
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return r, fmt.Errorf("making an id: %w", err)
	}
	r.id, r.created = id.String(), c.now()
	r.due = r.created.Add(max(r.delay, 0))
	if at := r.runAt.UTC().Truncate(time.Microsecond); at.After(r.created) {
		r.due = at
	}
	if r.due.After(latestRun) {
		return r, fmt.Errorf("it is to run in the year %d: %w", r.due.Year(), errFarTime)
	}
	r.meta, err = c.meta(ctx)
	return r, err
}

// sealed returns the arguments as they are stored, and the name of the key that encrypts them, if one does.
func (c *Client) sealed(r request) (payload []byte, key string, err error) {
	if !r.options.Encrypt {
		return r.payload, "", nil
	}
	payload, key, err = c.sealer.seal(r.id, r.kind, r.payload)
	if err != nil {
		return nil, "", fmt.Errorf("encrypting the arguments of %s: %w", r.kind, err)
	}
	return payload, key, nil
}

// row makes the row of a job that is enqueued now.
func (c *Client) row(ctx context.Context, job any, opts []EnqueueOption) (*covetmodels.OutboxRow, enqueueOptions, error) {
	r, err := c.request(ctx, job, opts)
	if err != nil {
		return nil, r.enqueueOptions, err
	}
	payload, key, err := c.sealed(r)
	if err != nil {
		return nil, r.enqueueOptions, err
	}
	row := &covetmodels.OutboxRow{
		ID: r.id, Kind: r.kind, Queue: r.queue, Priority: int(r.options.Priority), State: Pending, Version: r.version,
		Payload: string(payload), SealedWith: key, Meta: r.meta, CreatedAt: r.created, RunAt: r.due,
	}
	if r.batch != "" {
		row.BatchID = &r.batch
	}
	unique := optionsOf(job).Unique
	if r.unique != nil {
		unique = *r.unique
	}
	if err := r.checkUnique(unique); err != nil {
		return nil, r.enqueueOptions, fmt.Errorf("%s: %w", r.kind, err)
	}
	return row, r.enqueueOptions, c.setUnique(row, unique, r.payload, r.options.Encrypt)
}
