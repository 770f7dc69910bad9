package jobs

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// cancelInterval is how often a worker looks whether jobs that it runs are to be cancelled.
const cancelInterval = time.Second

// holding is a row that this process runs.
type holding struct {
	cancel context.CancelCauseFunc
	place  *place
}

// leases are the rows that this process runs.
type leases struct {
	mu   sync.Mutex
	rows map[string]holding
}

func newLeases() *leases { return &leases{rows: map[string]holding{}} }

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

func (l *leases) places() []*place {
	l.mu.Lock()
	defer l.mu.Unlock()
	var places []*place
	for _, h := range l.rows {
		if h.place != nil {
			places = append(places, h.place)
		}
	}
	return places
}

// cancel ends the context of a run, if this process runs the job.
func (l *leases) cancel(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.rows[id]; ok {
		h.cancel(ErrCancelled)
	}
}

// keepLeases extends the leases of running jobs until ctx ends.
func (c *Client) keepLeases(ctx context.Context) {
	ticker := time.NewTicker(c.cfg.Lease / 4)
	defer ticker.Stop()
	var trouble outage
	defer c.turned.end("leases")
	for {
		c.turned.note("leases", c.cfg.Lease/4)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := c.leases.held()
		if len(ids) == 0 {
			continue
		}
		err := c.store.extend(ctx, c.id, ids, c.now().Add(c.cfg.Lease))
		if err == nil {
			err = c.keepPlaces(ctx)
		}
		if err != nil && ctx.Err() == nil && trouble.begin(err) {
			c.log.WarnContext(ctx, "the leases of running jobs cannot be extended; trying again", "error", err)
		} else if err == nil {
			trouble.end()
		}
	}
}

// keepPlaces extends the places of running jobs in their limits. A place that was lost, with Redis, and has been taken by
// another job meanwhile, is not taken back: the job runs on.
func (c *Client) keepPlaces(ctx context.Context) error {
	for _, p := range c.leases.places() {
		if _, err := c.keepPlace(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// heedCancels cancels the jobs of this process that somebody, perhaps in another process, wants to be cancelled, until
// ctx ends.
func (c *Client) heedCancels(ctx context.Context) {
	ticker := time.NewTicker(cancelInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := c.leases.held()
		if len(ids) == 0 {
			continue
		}
		asked, err := c.store.askedToCancel(ctx, c.id, ids)
		if err != nil && ctx.Err() == nil { // that the database is away is reported elsewhere
			c.log.DebugContext(ctx, "jobs to cancel cannot be looked for", "error", err)
		}
		for _, id := range asked {
			c.leases.cancel(id)
		}
	}
}

func (s store) askedToCancel(ctx context.Context, holder string, ids []string) (asked []string, err error) {
	err = s.rows(ctx).Where("id IN ? AND holder = ? AND state = ? AND cancel_asked_at IS NOT NULL", ids, holder, Running).
		Pluck("id", &asked).Error
	return asked, err
}
