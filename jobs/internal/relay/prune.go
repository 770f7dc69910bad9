package relay

import (
	"context"
	"log/slog"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

const (
	pruneInterval = time.Minute
	// minKeyRetention is how long the row of a tick is kept at least, so that a process whose clock is behind by less
	// does not fire the tick again.
	minKeyRetention = time.Hour
	// minStatsRetention is how long statistics are kept at least.
	minStatsRetention = 24 * time.Hour
)

// Old provides and deletes old rows.
type Old interface {
	Now() time.Time
	Prune(ctx context.Context, p store.PruneParams) (int, error)
	PruneRest(ctx context.Context, before store.PruneRestParams) error
}

// Pruner deletes the rows of jobs that ended long ago.
type Pruner struct {
	rows                     Old
	retention, deadRetention time.Duration
	log                      *slog.Logger
}

// NewPruner returns a pruner that keeps done and cancelled jobs for retention, and dead ones for deadRetention.
func NewPruner(rows Old, retention, deadRetention time.Duration, log *slog.Logger) *Pruner {
	return &Pruner{rows: rows, retention: retention, deadRetention: deadRetention, log: log}
}

// Run prunes about once a minute until ctx ends.
func (p *Pruner) Run(ctx context.Context) {
	timer := time.NewTimer(job.Jitter(pruneInterval / 2))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := p.Prune(ctx); err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "pruning finished jobs failed", "error", err, "again_in", pruneInterval)
		}
		timer.Reset(job.Jitter(pruneInterval))
	}
}

// Prune deletes old rows of jobs, and statistics, batches and lost workers of the same age.
func (p *Pruner) Prune(ctx context.Context) error {
	at := p.rows.Now()
	for _, old := range []struct {
		states    []job.State
		retention time.Duration
	}{
		{[]job.State{job.Done, job.Cancelled}, p.retention},
		{[]job.State{job.Dead}, p.deadRetention},
	} {
		params := store.PruneParams{
			States: old.states, Before: at.Add(-old.retention),
			KeysBefore: at.Add(-max(old.retention, minKeyRetention)),
		}
		for {
			n, err := p.rows.Prune(ctx, params)
			if err != nil {
				return err
			}
			if n < store.MaintenanceBatch {
				break
			}
		}
	}
	return p.rows.PruneRest(ctx, store.PruneRestParams{
		Stats: at.Add(-max(p.retention, minStatsRetention)), Workers: at.Add(-job.LostWorkerRetention),
		Batches: at.Add(-p.deadRetention),
	})
}
