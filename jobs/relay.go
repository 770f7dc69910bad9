package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	relayBatch = 200
	// relaySenders is how many rows of a batch are on their way to Redis at a time.
	relaySenders = 8
	// claimLease is how long rows stay with a relay that was killed while it sent them. It may end while a slow one
	// still sends: asynq refuses the second task of the same delivery.
	claimLease = 5 * time.Second
	// dispatchTimeout bounds one batch.
	dispatchTimeout = 15 * time.Second
	reapInterval    = time.Second
	longestBackoff  = 5 * time.Second
)

// relay moves rows from the database to Redis.
type relay struct {
	*Client
	epoch    epoch
	handoffs handoffs
	audit    audit
	clock    clockWatch
	reapedAt time.Time
	pausedAt time.Time
}

// run relays until ctx ends. It sleeps until it is woken, the next row is due, or the poll interval is over; after an
// error longer and longer.
func (r *relay) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	defer r.turned.end("relay")
	for {
		wake := r.wake
		if failures > 0 {
			wake = nil // new rows do not make the servers answer sooner
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		wait, err := r.round(ctx)
		if ctx.Err() != nil {
			return
		}
		failures = r.note(ctx, err, failures)
		if failures > 0 {
			wait = min(r.cfg.PollInterval<<min(failures, 10), longestBackoff)
		}
		timer.Reset(jitter(wait))
	}
}

// note logs the beginning and the end of an outage and returns the number of failures in a row.
func (r *relay) note(ctx context.Context, err error, failures int) int {
	if err != nil {
		if r.relaying.begin(err) {
			r.log.WarnContext(ctx, "jobs cannot be relayed; trying again until they can", "error", err)
		}
		return failures + 1
	}
	if lasted, ended := r.relaying.end(); ended {
		r.log.InfoContext(ctx, "jobs are relayed again", "after", lasted)
	}
	return 0
}

func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + 0.5*rand.Float64()))
}

// round relays everything that is due and returns how long there is nothing to do.
func (r *relay) round(ctx context.Context) (time.Duration, error) {
	for ctx.Err() == nil {
		r.turned.note("relay", max(r.cfg.PollInterval, longestBackoff))
		if err := r.checkEpoch(ctx); err != nil {
			return 0, err
		}
		if err := errors.Join(r.checkPause(ctx), r.reap(ctx), r.auditTasks(ctx)); err != nil {
			return 0, err
		}
		at := r.now()
		next, found, err := r.store.earliest(ctx, at)
		if err != nil {
			return 0, fmt.Errorf("looking for jobs to relay: %w", err)
		}
		if !found {
			return r.cfg.PollInterval, nil
		}
		if next.After(at) {
			return min(r.cfg.PollInterval, next.Sub(at)), nil
		}
		if err := r.dispatch(ctx); err != nil {
			return 0, err
		}
	}
	return 0, ctx.Err()
}

// checkPause keeps Redis in the know of what is paused, about once a second.
func (r *relay) checkPause(ctx context.Context) error {
	if time.Since(r.pausedAt) < pauseInterval {
		return nil
	}
	if err := r.applyPause(ctx); err != nil {
		return err
	}
	r.pausedAt = time.Now()
	return nil
}

// reap returns rows of lost workers to pending, about once a second.
func (r *relay) reap(ctx context.Context) error {
	if time.Since(r.reapedAt) < reapInterval {
		return nil
	}
	at := r.now()
	expired, err := r.heedClock(ctx, at)
	if err != nil {
		return err
	}
	if expired {
		count, err := r.putBackLost(ctx, "state = ? AND lease_until < ?", Running, at)
		if err != nil {
			return fmt.Errorf("putting back jobs of lost workers: %w", err)
		}
		if count > 0 {
			r.log.WarnContext(ctx, "jobs have lost their worker and run again", "count", count)
		}
	}
	if err := r.reapHandoffs(ctx); err != nil {
		return err
	}
	r.reapedAt = time.Now()
	return nil
}

// dispatch claims one batch and sends it. Once claimed, the batch is seen through although ctx ends.
func (r *relay) dispatch(ctx context.Context) error {
	at := r.now()
	token := uuid.NewString()
	rows, err := r.store.claim(ctx, token, relayBatch, at, at.Add(claimLease))
	if err != nil {
		return fmt.Errorf("claiming jobs to relay: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dispatchTimeout)
	defer cancel()
	sent, unsent, sendErr := r.send(ctx, rows)
	if len(sent) > 0 {
		err = again(ctx, func() error { return r.store.markDispatched(ctx, token, r.epoch.value, sent) })
		if err != nil {
			err = fmt.Errorf("marking jobs dispatched: %w", err)
		}
	}
	if len(unsent) > 0 {
		err = errors.Join(err, r.store.unclaim(ctx, token, unsent))
	}
	if sendErr != nil {
		sendErr = fmt.Errorf("sending jobs to Redis: %w", sendErr)
	}
	return errors.Join(sendErr, err)
}

// send hands rows to asynq, a few at a time, until one fails.
func (r *relay) send(ctx context.Context, rows []covetmodels.OutboxRow) (sent, unsent []string, err error) {
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(relaySenders)
	queue := r.queue.Load()
	for i := range rows {
		row := &rows[i]
		group.Go(func() error {
			err := groupCtx.Err()
			if err == nil {
				d := deliveryOf(row)
				d.Fetch = row.Payload == ""
				err = d.send(groupCtx, queue)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				unsent = append(unsent, row.ID)
				return err
			}
			sent = append(sent, row.ID)
			return nil
		})
	}
	err = group.Wait()
	return sent, unsent, err
}
