package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// The relay sends dispatched rows again whose delivery is lost: together with all contents of the transport (epoch),
// alone (audit), or with a worker that took it and was killed before it started the row (handoffs). Sending a delivery
// that is not lost is harmless, because the worker finds it outdated.

const (
	epochInterval = time.Second
	// strayInterval is how often the relay looks for rows of other epochs although the epoch has not changed: a relay
	// that has not noticed the change yet marks rows with the earlier epoch.
	strayInterval = 30 * time.Second
	// auditLimit is the number of rows that one audit examines; the next audit continues after them.
	auditLimit = 2000
)

// epoch is the last known epoch of the transport.
type epoch struct {
	value     string
	checkedAt time.Time
	straysAt  time.Time
}

// checkEpoch reads the current epoch about once a second, and sends again what an earlier epoch lost.
func (r *Relay) checkEpoch(ctx context.Context) error {
	at := time.Now()
	if r.epoch.value != "" && at.Sub(r.epoch.checkedAt) < epochInterval {
		return nil
	}
	value, err := r.transport.Epoch(ctx)
	if err != nil {
		return err
	}
	r.epoch.checkedAt = at
	if value == r.epoch.value && at.Sub(r.epoch.straysAt) < strayInterval {
		return nil
	}
	count, err := r.outbox.RedeliverStrays(ctx, value)
	if err != nil {
		return fmt.Errorf("returning jobs of an earlier epoch: %w", err)
	}
	if count > 0 {
		r.log.InfoContext(ctx, "jobs missing in Redis are sent again", "count", count)
	}
	if value != r.epoch.value {
		r.transport.Reset()
	}
	r.epoch.value, r.epoch.straysAt = value, at
	return nil
}

// audit is the progress of a relay in examining the dispatched rows.
type audit struct {
	at    time.Time
	after string // id of the last examined row
}

// auditDispatched sends dispatched rows whose delivery is missing again, about once a lease.
func (r *Relay) auditDispatched(ctx context.Context) error {
	if time.Since(r.audit.at) < r.cfg.Lease {
		return nil
	}
	for seen := 0; seen < auditLimit; seen += store.MaintenanceBatch {
		sent, err := r.outbox.DispatchedAfter(ctx, r.audit.after)
		if err != nil {
			return fmt.Errorf("finding dispatched jobs: %w", err)
		}
		missing, err := r.transport.Missing(ctx, sent)
		if err != nil {
			return err
		}
		for _, d := range missing {
			if err := r.redeliver(ctx, d, "job missing in Redis is sent again"); err != nil {
				return err
			}
		}
		if len(sent) < store.MaintenanceBatch {
			r.audit.after = ""
			break
		}
		r.audit.after = sent[len(sent)-1].ID
	}
	r.audit.at = time.Now()
	return nil
}

// handoffs are the deliveries that workers have taken, with the time at which the relay first saw each.
type handoffs map[job.Ref]time.Time

// update records the deliveries that have been taken and returns those that were taken before the given time.
func (h handoffs) update(taken []job.Ref, at, before time.Time) []job.Ref {
	present := make(map[job.Ref]bool, len(taken))
	var old []job.Ref
	for _, ref := range taken {
		present[ref] = true
		if since, seen := h[ref]; !seen {
			h[ref] = at
		} else if since.Before(before) {
			old = append(old, ref)
		}
	}
	for ref := range h {
		if !present[ref] {
			delete(h, ref)
		}
	}
	return old
}

// redeliverTaken sends deliveries again that a worker took some time ago and whose rows have not started.
func (r *Relay) redeliverTaken(ctx context.Context) error {
	taken, err := r.transport.Taken(ctx)
	if err != nil {
		return fmt.Errorf("listing the deliveries that workers took: %w", err)
	}
	at := time.Now()
	var ids []string
	old := map[job.Ref]bool{}
	for _, ref := range r.handoffs.update(taken, at, at.Add(-r.cfg.Lease/4)) {
		ids, old[ref] = append(ids, ref.ID), true
	}
	if len(ids) == 0 {
		return nil
	}
	dispatched, err := r.outbox.Dispatched(ctx, ids)
	if err != nil {
		return fmt.Errorf("finding jobs that did not start: %w", err)
	}
	for _, d := range dispatched {
		if !old[d.Ref()] {
			continue
		}
		if err := r.redeliver(ctx, d, "job that a worker took and did not start is sent again"); err != nil {
			return err
		}
	}
	return nil
}

// redeliver returns a dispatched row to pending, unless it has changed in the meantime, and logs the reason.
func (r *Relay) redeliver(ctx context.Context, d job.Delivery, why string) error {
	back, err := r.outbox.Redeliver(ctx, d.Ref())
	if err != nil {
		return fmt.Errorf("returning a job that did not start: %w", err)
	}
	if back {
		job.Log(r.log, d).WarnContext(ctx, why)
	}
	return nil
}
