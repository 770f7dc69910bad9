package worker

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/limit"
	"github.com/covetgo/covet/jobs/internal/store"
)

// cancelInterval is how often a worker looks for requests to cancel its running jobs.
const cancelInterval = time.Second

// holding is a row that this worker is running.
type holding struct {
	cancel context.CancelCauseFunc
	place  limit.Place
}

// leases are the rows that this worker is running.
type leases struct {
	mu   sync.Mutex
	rows map[string]holding
}

func (l *leases) add(id string, h holding) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[id] = h
}

func (l *leases) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rows, id)
}

func (l *leases) held() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.rows))
}

func (l *leases) places() []limit.Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	var places []limit.Place
	for _, h := range l.rows {
		if h.place != (limit.Place{}) {
			places = append(places, h.place)
		}
	}
	return places
}

func (l *leases) cancel(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.rows[id]; ok {
		h.cancel(job.ErrCancelled)
	}
}

// keepLeases extends the leases of running jobs and their slots in limits, until ctx ends.
func (w *Worker) keepLeases(ctx context.Context) {
	ctx = database.Background(ctx)
	const loop = "leases"
	ticker := time.NewTicker(w.cfg.Lease / 4)
	defer ticker.Stop()
	defer w.Watchdog.End(loop)
	var outage job.Outage
	for {
		w.Watchdog.Turn(loop, w.cfg.Lease/4)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := w.leases.held()
		if len(ids) == 0 {
			continue
		}
		until := w.Store.Now().Add(w.cfg.Lease)
		err := w.Store.Extend(ctx, store.ExtendParams{Holder: w.cfg.ID, IDs: ids, Until: until})
		for _, place := range w.leases.places() {
			if err == nil {
				// A slot that was lost with Redis and taken by another job stays lost; the job continues.
				_, err = w.Limiter.Keep(ctx, place)
			}
		}
		if err != nil && ctx.Err() == nil && outage.Begin(err) {
			w.Log.WarnContext(ctx, "extending the leases of running jobs failed", "error", err)
		} else if err == nil {
			outage.End()
		}
	}
}

// watchCancelRequests cancels jobs of this worker that any process asks to stop, until ctx ends.
func (w *Worker) watchCancelRequests(ctx context.Context) {
	ctx = database.Background(ctx)
	ticker := time.NewTicker(cancelInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := w.leases.held()
		if len(ids) == 0 {
			continue
		}
		asked, err := w.Store.CancelRequests(ctx, w.cfg.ID, ids)
		if err != nil && ctx.Err() == nil { // the relay reports an outage of the database
			w.Log.DebugContext(ctx, "finding jobs to cancel failed", "error", err)
		}
		for _, id := range asked {
			w.leases.cancel(id)
		}
	}
}
