// Package relay sends the deliveries of pending rows to the workers, and returns rows to pending whose delivery, or
// whose worker, is lost.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

const (
	relayBatch = 200
	// relaySenders is how many rows of a batch are on their way to Redis at a time.
	relaySenders = 8
	// claimLease is how long rows stay with a relay that was killed while it sent them. It may end while a slow one
	// still sends: the transport ignores the second copy of a delivery.
	claimLease = 5 * time.Second
	// dispatchTimeout bounds one batch.
	dispatchTimeout = 15 * time.Second
	// maxBackoff bounds the time between two rounds during an outage.
	maxBackoff = 5 * time.Second
	// rescueInterval is how often a relay looks for lost workers, pauseInterval how often it tells the transport which
	// queues are paused.
	rescueInterval = time.Second
	pauseInterval  = time.Second
)

// Outbox is what a relay needs of the rows.
type Outbox interface {
	Now() time.Time
	Earliest(ctx context.Context, at time.Time) (time.Time, bool, error)
	Claim(ctx context.Context, p store.ClaimParams) ([]job.Delivery, error)
	Dispatch(ctx context.Context, p store.DispatchParams) error
	Unclaim(ctx context.Context, token string, ids []string) error
	UnclaimAll(ctx context.Context) error
	Dispatched(ctx context.Context, ids []string) ([]job.Delivery, error)
	DispatchedAfter(ctx context.Context, id string) ([]job.Delivery, error)
	Redeliver(ctx context.Context, d job.Ref) (bool, error)
	RedeliverStrays(ctx context.Context, epoch string) (int, error)
	KeepDue(ctx context.Context, p store.KeepDueParams) error
	Queues(ctx context.Context) ([]covetmodels.JobQueue, error)
}

// Transport is what a relay needs of the transport of deliveries.
type Transport interface {
	// Send hands over a delivery. Sending it again does nothing.
	Send(ctx context.Context, d job.Delivery) error
	// Epoch names the contents of the transport: it changes when they are lost. Reset forgets what is remembered of
	// them.
	Epoch(ctx context.Context) (string, error)
	Reset()
	// Missing returns those of the deliveries that the transport does not hold.
	Missing(ctx context.Context, sent []job.Delivery) ([]job.Delivery, error)
	// Taken returns the deliveries that workers have taken and not acknowledged.
	Taken(ctx context.Context) ([]job.Ref, error)
	// SetPaused tells the workers which queues are paused, and which are not (nil).
	SetPaused(ctx context.Context, queues map[string]*time.Time) error
}

// Config is how a relay works.
type Config struct {
	PollInterval time.Duration
	Lease        time.Duration
}

// Relay moves deliveries from the rows to the transport.
type Relay struct {
	cfg       Config
	outbox    Outbox
	transport Transport
	rescuer   *Rescuer
	waker     *Waker
	watchdog  *job.Watchdog
	log       *slog.Logger
	outage    job.Outage

	// What follows belongs to the goroutine of Run.
	epoch     epoch
	handoffs  handoffs
	audit     audit
	clock     clockWatch
	rescuedAt time.Time
	pausedAt  time.Time
}

// Deps are what a Relay is made of.
type Deps struct {
	Outbox    Outbox
	Transport Transport
	Rescuer   *Rescuer
	Waker     *Waker
	Watchdog  *job.Watchdog
	Log       *slog.Logger
}

// New returns a relay.
func New(cfg Config, d Deps) *Relay {
	return &Relay{
		cfg: cfg, outbox: d.Outbox, transport: d.Transport, rescuer: d.Rescuer, waker: d.Waker, watchdog: d.Watchdog,
		log: d.Log,
	}
}

// loop is the name of the loop of Run for the watchdog.
const loop = "relay"

// Err returns the error of an outage that goes on; nil if there is none.
func (r *Relay) Err() error { return r.outage.Current() }

// Begin tells the watchdog that Run is about to be called: a health check right after the start finds the loop alive.
func (r *Relay) Begin() { r.watchdog.Turn(loop, max(r.cfg.PollInterval, maxBackoff)) }

// Run relays until ctx ends. It sleeps until it is woken, the next row is due, or the poll interval is over; after an
// error longer and longer. It is not called twice at a time.
func (r *Relay) Run(ctx context.Context) {
	r.epoch, r.handoffs, r.audit, r.clock = epoch{}, handoffs{}, audit{}, clockWatch{}
	r.rescuedAt, r.pausedAt = time.Time{}, time.Time{}
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer r.outage.End()
	defer r.watchdog.End(loop)
	failures := 0
	for {
		wake := r.waker.wake
		if failures > 0 {
			wake = nil // new rows do not end an outage
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
		if err != nil {
			failures++
			wait = min(r.cfg.PollInterval<<min(failures, 10), maxBackoff)
			if r.outage.Begin(err) {
				r.log.WarnContext(ctx, "jobs cannot be relayed; trying again until they can", "error", err)
			}
		} else {
			failures = 0
			if lasted, ended := r.outage.End(); ended {
				r.log.InfoContext(ctx, "jobs are relayed again", "after", lasted)
			}
		}
		timer.Reset(job.Jitter(wait))
	}
}

// round relays everything that is due and returns how long to sleep.
func (r *Relay) round(ctx context.Context) (time.Duration, error) {
	for ctx.Err() == nil {
		r.watchdog.Turn(loop, max(r.cfg.PollInterval, maxBackoff))
		if err := r.checkEpoch(ctx); err != nil {
			return 0, err
		}
		if err := errors.Join(r.checkPaused(ctx), r.rescueLost(ctx), r.auditDispatched(ctx)); err != nil {
			return 0, err
		}
		at := r.outbox.Now()
		next, found, err := r.outbox.Earliest(ctx, at)
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

// dispatch claims one batch and sends it. A batch that is claimed is finished although ctx ends.
func (r *Relay) dispatch(ctx context.Context) error {
	at := r.outbox.Now()
	token := uuid.NewString()
	claimed, err := r.outbox.Claim(ctx, store.ClaimParams{
		Token: token, Limit: relayBatch, At: at, Until: at.Add(claimLease),
	})
	if err != nil {
		return fmt.Errorf("claiming jobs to relay: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dispatchTimeout)
	defer cancel()
	sent, unsent, sendErr := r.send(ctx, claimed)
	if len(sent) > 0 {
		dispatched := store.DispatchParams{Token: token, Epoch: r.epoch.value, IDs: sent}
		err = store.Again(ctx, func() error { return r.outbox.Dispatch(ctx, dispatched) })
		if err != nil {
			err = fmt.Errorf("marking jobs dispatched: %w", err)
		}
	}
	if len(unsent) > 0 {
		err = errors.Join(err, r.outbox.Unclaim(ctx, token, unsent))
	}
	if sendErr != nil {
		sendErr = fmt.Errorf("sending jobs to Redis: %w", sendErr)
	}
	return errors.Join(sendErr, err)
}

// send sends deliveries, a few at a time, until one fails.
func (r *Relay) send(ctx context.Context, deliveries []job.Delivery) (sent, unsent []string, err error) {
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(relaySenders)
	for _, d := range deliveries {
		group.Go(func() error {
			err := groupCtx.Err()
			if err == nil {
				err = r.transport.Send(groupCtx, d)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				unsent = append(unsent, d.ID)
				return err
			}
			sent = append(sent, d.ID)
			return nil
		})
	}
	err = group.Wait()
	return sent, unsent, err
}

// checkPaused tells the transport about once a second which queues are paused.
func (r *Relay) checkPaused(ctx context.Context) error {
	if time.Since(r.pausedAt) < pauseInterval {
		return nil
	}
	if err := r.ApplyPaused(ctx); err != nil {
		return err
	}
	r.pausedAt = time.Now()
	return nil
}

// ApplyPaused tells the transport which queues are paused. That is a fact of the database, so that it outlives restarts
// and an emptied Redis.
func (r *Relay) ApplyPaused(ctx context.Context) error {
	rows, err := r.outbox.Queues(ctx)
	if err != nil {
		return fmt.Errorf("looking for paused queues: %w", err)
	}
	return r.transport.SetPaused(ctx, job.PausedQueues(rows))
}

// rescueLost returns rows of lost workers to pending, and deliveries that were taken and not started, about once a
// second.
func (r *Relay) rescueLost(ctx context.Context) error {
	if time.Since(r.rescuedAt) < rescueInterval {
		return nil
	}
	at := r.outbox.Now()
	reliable, err := r.adjustClock(ctx, at)
	if err != nil {
		return err
	}
	if reliable {
		count, err := r.rescuer.Rescue(ctx, store.LostBefore(at))
		if err != nil {
			return fmt.Errorf("returning jobs of lost workers: %w", err)
		}
		if count > 0 {
			r.log.WarnContext(ctx, "jobs have lost their worker and run again", "count", count)
		}
	}
	if err := r.redeliverTaken(ctx); err != nil {
		return err
	}
	r.rescuedAt = time.Now()
	return nil
}

// TakeOver returns everything that the process before was relaying and running: the caller knows that it is gone.
func (r *Relay) TakeOver(ctx context.Context) error {
	count, err := r.rescuer.Rescue(ctx, store.LostAll())
	if err == nil {
		err = r.outbox.UnclaimAll(ctx)
	}
	if err != nil {
		return fmt.Errorf("returning jobs of the process before: %w", err)
	}
	if count > 0 {
		r.log.InfoContext(ctx, "jobs of the process before run again", "count", count)
	}
	return nil
}
