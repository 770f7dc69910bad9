// Package relay sends the deliveries of pending rows to the workers, and returns rows to pending whose delivery or
// worker is lost.
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
	// relaySenders is how many deliveries of a batch are sent at the same time.
	relaySenders = 8
	// claimLease is how long rows stay claimed by a relay that was killed while it sent them. It may end while a slow
	// relay still sends: the transport ignores the second copy of a delivery.
	claimLease = 5 * time.Second
	// dispatchTimeout limits one batch.
	dispatchTimeout = 15 * time.Second
	// maxBackoff limits the time between two rounds during an outage, and so the delay until its end is noticed.
	maxBackoff = time.Second
	// rescueInterval is how often a relay looks for lost workers. pauseInterval is how often it publishes to the
	// transport which queues are paused.
	rescueInterval = time.Second
	pauseInterval  = time.Second
)

// Outbox provides the rows that a relay sends.
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

// Transport carries deliveries.
type Transport interface {
	// Send hands over a delivery. Sending it again does nothing.
	Send(ctx context.Context, d job.Delivery) error
	// Epoch identifies the contents of the transport and changes when they are lost. Reset forgets what is cached about
	// them.
	Epoch(ctx context.Context) (string, error)
	Reset()
	// Missing returns those of the deliveries that are not in the transport.
	Missing(ctx context.Context, sent []job.Delivery) ([]job.Delivery, error)
	// Taken returns the deliveries that workers have taken and not acknowledged.
	Taken(ctx context.Context) ([]job.Ref, error)
	// SetPaused publishes to the workers when each queue was paused; nil for a queue that is not paused.
	SetPaused(ctx context.Context, queues map[string]*time.Time) error
}

// Config configures a relay.
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
	attempts  attempts

	// The fields below belong to the goroutine of Run.
	epoch     epoch
	handoffs  handoffs
	audit     audit
	clock     clockWatch
	rescuedAt time.Time
	pausedAt  time.Time
}

// Deps are the dependencies of a Relay.
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
		log: d.Log, attempts: attempts{wanted: make(chan struct{}, 1)},
	}
}

// loop is the name of Run's loop for the watchdog.
const loop = "relay"

// Begin registers the loop with the watchdog before Run is called, so that a health check right after the start finds
// it alive.
func (r *Relay) Begin() { r.watchdog.Turn(loop, max(r.cfg.PollInterval, maxBackoff)) }

// Run relays until ctx ends. It sleeps until it is woken, the next row is due, or the poll interval has passed; after
// errors it backs off. Only one call may run at a time.
func (r *Relay) Run(ctx context.Context) {
	r.epoch, r.handoffs, r.audit, r.clock = epoch{}, handoffs{}, audit{}, clockWatch{}
	r.rescuedAt, r.pausedAt = time.Time{}, time.Time{}
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer r.outage.End()
	defer r.watchdog.End(loop)
	defer r.attempts.end(nil)
	failures := 0
	for {
		wake := r.waker.wake
		if failures > 0 {
			wake = r.attempts.wanted // new rows do not end the backoff
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		r.attempts.begin()
		wait, err := r.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			failures++
			wait = min(r.cfg.PollInterval<<min(failures, 10), maxBackoff)
			if r.outage.Begin(err) {
				r.log.WarnContext(ctx, "relaying jobs failed", "error", err)
			}
		} else {
			failures = 0
			if lasted, ended := r.outage.End(); ended {
				r.log.InfoContext(ctx, "relaying jobs recovered", "after", lasted)
				r.waker.Recover()
			}
		}
		r.attempts.end(err)
		timer.Reset(job.Jitter(wait))
	}
}

// round relays all due rows and returns how long to sleep.
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
			return 0, fmt.Errorf("finding jobs to relay: %w", err)
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

// dispatch claims one batch and sends it. It finishes a claimed batch although ctx ends.
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

// send sends deliveries, a few at the same time, until one fails.
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

// checkPaused publishes the paused queues to the transport about once a second.
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

// ApplyPaused publishes the paused queues to the transport. The database records them, so that they survive restarts
// and the loss of Redis.
func (r *Relay) ApplyPaused(ctx context.Context) error {
	rows, err := r.outbox.Queues(ctx)
	if err != nil {
		return fmt.Errorf("reading the paused queues: %w", err)
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
			r.log.WarnContext(ctx, "jobs of lost workers run again", "count", count)
		}
	}
	if err := r.redeliverTaken(ctx); err != nil {
		return err
	}
	r.rescuedAt = time.Now()
	return nil
}

// TakeOver returns everything that the previous process was relaying and running to pending. The caller knows that it
// has ended.
func (r *Relay) TakeOver(ctx context.Context) error {
	count, err := r.rescuer.Rescue(ctx, store.LostAll())
	if err == nil {
		err = r.outbox.UnclaimAll(ctx)
	}
	if err != nil {
		return fmt.Errorf("returning jobs of the previous process: %w", err)
	}
	if count > 0 {
		r.log.InfoContext(ctx, "jobs of the previous process run again", "count", count)
	}
	return nil
}
