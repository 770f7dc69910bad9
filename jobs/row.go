package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/seal"
)

// MaxPayload is the maximum size of a job's arguments and of its result as JSON, in bytes.
const MaxPayload = job.MaxPayload

// rowBuilder builds the rows of enqueued jobs.
type rowBuilder struct {
	registry *registry
	sealer   *seal.Sealer
	now      func() time.Time
}

// request is a job that is being enqueued.
type request struct {
	entry
	enqueueOptions
	id           string
	payload      []byte // not encrypted
	meta         string
	created, due time.Time
}

func (b *rowBuilder) request(ctx context.Context, value any, opts []EnqueueOption) (r request, err error) {
	if r.entry, err = b.registry.of(value); err != nil {
		return r, err
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
		return r, fmt.Errorf("%T: %w", value, errNilJob)
	}
	if r.payload, err = json.Marshal(value); err != nil {
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
		return r, fmt.Errorf("generating an id: %w", err)
	}
	r.id, r.created = id.String(), b.now()
	r.due = r.created.Add(max(r.delay, 0))
	if at := r.runAt.UTC().Truncate(time.Microsecond); at.After(r.created) {
		r.due = at
	}
	if !job.IsStorableTime(r.due) {
		return r, fmt.Errorf("year %d: %w", r.due.Year(), errFarTime)
	}
	r.meta, err = b.registry.meta(ctx)
	return r, err
}

// sealed returns the arguments as they are stored, and the name of the key that encrypts them, if any.
func (b *rowBuilder) sealed(r request) (payload []byte, key string, err error) {
	if !r.options.Encrypt {
		return r.payload, "", nil
	}
	payload, key, err = b.sealer.Seal(r.id, r.kind, r.payload)
	if err != nil {
		return nil, "", fmt.Errorf("encrypting the arguments of %s: %w", r.kind, err)
	}
	return payload, key, nil
}

// build builds the row of a job that is being enqueued.
func (b *rowBuilder) build(ctx context.Context, value any, opts []EnqueueOption) (*job.Row, enqueueOptions, error) {
	r, err := b.request(ctx, value, opts)
	if err != nil {
		return nil, r.enqueueOptions, err
	}
	payload, key, err := b.sealed(r)
	if err != nil {
		return nil, r.enqueueOptions, err
	}
	row := &job.Row{
		ID: r.id, Kind: r.kind, Queue: r.queue, Priority: int(r.options.Priority), State: Pending, Version: r.version,
		Payload: string(payload), SealedWith: key, Meta: r.meta, CreatedAt: r.created, RunAt: r.due,
	}
	if r.batch != "" {
		row.BatchID = &r.batch
	}
	unique := optionsOf(value).Unique
	if r.unique != nil {
		unique = *r.unique
	}
	if err := r.checkUnique(unique); err != nil {
		return nil, r.enqueueOptions, fmt.Errorf("%s: %w", r.kind, err)
	}
	return row, r.enqueueOptions, b.setUnique(row, unique, r.payload, r.options.Encrypt)
}

// NewRow implements schedule.Rows.
func (b *rowBuilder) NewRow(ctx context.Context, value any) (*job.Row, error) {
	row, _, err := b.build(ctx, value, nil)
	return row, err
}

// KindOf implements schedule.Rows.
func (b *rowBuilder) KindOf(value any) (string, error) {
	e, err := b.registry.of(value)
	return e.kind, err
}
