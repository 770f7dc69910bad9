package jobs

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/app/database"
)

// Cancel calls off a job that has not ended. One that waits ends as cancelled at once, and never starts. One that runs is
// asked to stop: its context ends with the cause [ErrCancelled], within about a second wherever it runs, and it ends as
// cancelled unless it succeeds all the same. Cancel writes in the transaction that ctx carries, if any. Jobs that have
// ended or do not exist return [ErrNotWaiting].
func (c *Client) Cancel(ctx context.Context, id string) error {
	if err := c.cancel(ctx, id); err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	c.rouseAfterCommit(ctx) // the end of a member may be the start of a callback
	return nil
}

func (c *Client) cancel(ctx context.Context, id string) error {
	if !isID(id) {
		return ErrNotWaiting
	}
	n, err := c.store.cancelAll(ctx, []string{id})
	if err != nil || n > 0 {
		return err
	}
	res := c.store.rows(ctx).Where("id = ? AND state = ?", id, Running).Update("cancel_asked_at", c.now())
	if res.Error == nil && res.RowsAffected == 0 {
		return ErrNotWaiting
	}
	tell := func(context.Context) { c.leases.cancel(id) }
	if res.Error == nil && !database.AfterCommit(ctx, tell) {
		tell(ctx)
	}
	return res.Error
}
