package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Run runs a job in the calling goroutine, with its middleware and its timeout, and returns its error. It stores
// nothing and ignores limits. It is intended for tests, and for commands that do the work of a job.
func (c *Client) Run(ctx context.Context, value any) error {
	row, _, err := c.rows.build(ctx, value, nil)
	if err != nil {
		return fmt.Errorf("running job: %w", err)
	}
	return c.worker.RunInline(ctx, job.DeliveryOf(row))
}

// Drain runs all due jobs in the calling goroutine, one after the other, including jobs that they enqueue, until none
// is left. It uses neither Redis nor limits. It returns the errors of failed jobs, which wait for their next attempt as
// usual, as do jobs that return [Snooze]. It is intended for tests, on a client that has not been started.
func (c *Client) Drain(ctx context.Context) error {
	if err := c.Check(); err != nil {
		return err
	}
	return c.worker.Drain(ctx)
}

// DecodeArguments returns the arguments of a row as its registered type, decrypted and upgraded to the current version.
func DecodeArguments[J any](c *Client, row *covetmodels.OutboxRow) (J, error) {
	var decoded J
	e, err := c.registry.of(decoded)
	if err == nil && e.kind != row.Kind {
		err = fmt.Errorf("job %s is a %s, not a %s", row.ID, row.Kind, e.kind)
	}
	var payload []byte
	if err == nil {
		payload, err = c.registry.plain(job.DeliveryOf(row))
	}
	if err == nil {
		payload, err = e.upgrade(payload, row.Version)
	}
	if err == nil {
		err = json.Unmarshal(payload, &decoded)
	}
	if err != nil {
		return decoded, fmt.Errorf("decoding the arguments of %v: %w", reflect.TypeFor[J](), err)
	}
	return decoded, nil
}

// KindOf returns the name under which jobs of type J are stored.
func KindOf[J any]() string { return kindOf(structOf(reflect.TypeFor[J]())) }

// Result returns the result that a job stored with [SetResult], for as long as its row is kept, or the zero value if it
// stored none. It returns [ErrNotDone] for a job that has not succeeded, and [ErrNoJob] for one that does not exist.
func Result[T any](ctx context.Context, c *Client, id string) (T, error) {
	var value T
	text, err := c.inspector.Result(ctx, id)
	if err != nil || text == nil {
		return value, err
	}
	if err := json.Unmarshal(text, &value); err != nil {
		return value, fmt.Errorf("reading the result of job %s: %w", id, err)
	}
	return value, nil
}
