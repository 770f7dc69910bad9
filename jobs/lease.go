package jobs

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// leases are the rows that this process runs.
type leases struct {
	mu  sync.Mutex
	ids map[string]struct{}
}

func newLeases() *leases { return &leases{ids: map[string]struct{}{}} }

func (l *leases) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[id] = struct{}{}
}

func (l *leases) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ids, id)
}

func (l *leases) held() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.ids))
}

// keepLeases extends the leases of running jobs until ctx ends.
func (c *Client) keepLeases(ctx context.Context) {
	ticker := time.NewTicker(c.cfg.Lease / 4)
	defer ticker.Stop()
	var trouble outage
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
		err := c.store.extend(ctx, c.id, ids, now().Add(c.cfg.Lease))
		if err != nil && ctx.Err() == nil && trouble.begin(err) {
			c.log.WarnContext(ctx, "the leases of running jobs cannot be extended; trying again", "error", err)
		} else if err == nil {
			trouble.end()
		}
	}
}
