package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Run runs a job at once, with its middleware and its timeout, waits for it, and returns its error. Nothing is stored,
// and limits do not count. It is meant for tests, and for commands that do what a job does.
func (c *Client) Run(ctx context.Context, value any) error {
	row, _, err := c.rows.build(ctx, value, nil)
	if err != nil {
		return fmt.Errorf("running job: %w", err)
	}
	return c.worker.RunInline(ctx, job.DeliveryOf(row))
}

// Drain runs all jobs that are due in the calling goroutine, without Redis and without its limits, one after the
// other, also those that they enqueue, until none is left, and returns the errors of those that failed. Failed jobs
// wait for their next attempt as usual, and so do those that ask for it with [Snooze]. It is meant for tests, on a
// client that has not been started.
func (c *Client) Drain(ctx context.Context) error {
	if err := c.Check(); err != nil {
		return err
	}
	return c.worker.Drain(ctx)
}

// DecodeArguments returns the job of a row as its type, which is registered: decrypted, and upgraded to the present
// version.
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

// KindOf returns the name under which jobs of a type are stored.
func KindOf[J any]() string { return kindOf(structOf(reflect.TypeFor[J]())) }

// Result returns what a job left behind with [SetResult], for as long as its row is kept; the zero value if it left
// nothing. [ErrNotDone] is returned for a job that has not succeeded, and [ErrNoJob] for one that does not exist.
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
