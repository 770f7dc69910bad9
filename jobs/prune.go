package jobs

import (
	"context"
	"time"
)

const (
	pruneInterval = time.Minute
	// keptKeys is how long the row of a tick is kept at least: a process whose clock is behind by less does not fire
	// the tick again.
	keptKeys = time.Hour
)

// pruneRegularly deletes rows of jobs that ended long ago, until ctx ends.
func (c *Client) pruneRegularly(ctx context.Context) {
	timer := time.NewTimer(jitter(pruneInterval / 2))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := c.Prune(ctx); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "finished jobs cannot be pruned; trying again", "error", err, "again_in", pruneInterval)
		}
		timer.Reset(jitter(pruneInterval))
	}
}

// Prune deletes the rows of jobs that ended longer ago than Config.Retention, or Config.DeadRetention for dead ones. A
// started client does it about once a minute.
func (c *Client) Prune(ctx context.Context) error {
	at := now()
	if err := c.pruneStates(ctx, at, c.cfg.Retention, Done, Cancelled); err != nil {
		return err
	}
	return c.pruneStates(ctx, at, c.cfg.DeadRetention, Dead)
}

func (c *Client) pruneStates(ctx context.Context, at time.Time, retention time.Duration, states ...State) error {
	for {
		n, err := c.store.prune(ctx, states, at.Add(-retention), at.Add(-max(retention, keptKeys)))
		if err != nil || n < maintenanceBatch {
			return err
		}
	}
}
