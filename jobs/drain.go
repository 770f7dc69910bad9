package jobs

import (
	"context"
	"errors"
	"fmt"
)

const drainBatch = 100

// Drain runs all jobs that are due in the calling goroutine, without Redis and without its limits, one after the other,
// also those that they enqueue, until none is left, and returns the errors of those that failed. Failed jobs wait for
// their next attempt as usual, and so do those that ask for it with [Snooze]. It is meant for tests, on a client that has
// not been started.
func (c *Client) Drain(ctx context.Context) error {
	if err := c.Check(); err != nil {
		return err
	}
	var failures []error
	for {
		rows, err := c.store.due(ctx, c.now(), drainBatch)
		if err != nil {
			return errors.Join(append(failures, fmt.Errorf("looking for jobs to drain: %w", err))...)
		}
		if len(rows) == 0 {
			return errors.Join(failures...)
		}
		for i := range rows {
			d := deliveryOf(&rows[i])
			failure, err := c.run(ctx, d, false)
			if err != nil {
				return errors.Join(append(failures, err)...)
			}
			if _, waits := snoozed(failure); failure != nil && !waits {
				failures = append(failures, fmt.Errorf("job %s %s: %w", d.kind, d.id, failure))
			}
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(failures, err)...)
		}
	}
}
