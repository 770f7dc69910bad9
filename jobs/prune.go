package jobs

import (
	"context"
	"errors"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	pruneInterval = time.Minute
	// keptKeys is how long the row of a tick is kept at least: a process whose clock is behind by less does not fire
	// the tick again.
	keptKeys = time.Hour
	// leastStats is how long statistics are kept at least.
	leastStats = 24 * time.Hour
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

// Prune deletes the rows of jobs that ended longer ago than Config.Retention, or Config.DeadRetention for dead ones, and
// statistics, batches and lost workers of those times. A started client does it about once a minute.
func (c *Client) Prune(ctx context.Context) error {
	at := c.now()
	if err := c.pruneStates(ctx, at, c.cfg.Retention, Done, Cancelled); err != nil {
		return err
	}
	if err := c.pruneStates(ctx, at, c.cfg.DeadRetention, Dead); err != nil {
		return err
	}
	return c.store.pruneRest(ctx, pruned{
		stats: at.Add(-max(c.cfg.Retention, leastStats)), workers: at.Add(-lostWorkers), batches: at.Add(-c.cfg.DeadRetention),
	})
}

func (c *Client) pruneStates(ctx context.Context, at time.Time, retention time.Duration, states ...State) error {
	for {
		n, err := c.store.prune(ctx, states, at.Add(-retention), at.Add(-max(retention, keptKeys)))
		if err != nil || n < maintenanceBatch {
			return err
		}
	}
}

// pruned says before which times rows are deleted.
type pruned struct{ stats, workers, batches time.Time }

// pruneRest deletes statistics, the rows of workers that were killed, and batches that have ended.
func (s store) pruneRest(ctx context.Context, before pruned) error {
	return s.transaction(ctx, func(ctx context.Context) error {
		db := s.db.With(ctx)
		return errors.Join(
			db.Where("minute < ?", before.stats).Delete(&covetmodels.JobStat{}).Error,
			db.Where("seen_at < ?", before.workers).Delete(&covetmodels.JobWorker{}).Error,
			db.Where("finished_at < ?", before.batches).Delete(&covetmodels.JobBatch{}).Error,
		)
	})
}
