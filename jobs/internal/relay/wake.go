package relay

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
)

// notifyTimeout limits the notification of other processes. If it fails, their polls find the rows.
const notifyTimeout = time.Second

// Notifications notify other processes of committed rows, if the database supports that.
type Notifications interface {
	Notify(ctx context.Context) error
	Listen(ctx context.Context, heard func()) error
}

// Waker wakes the relay of this process, or else those of others, when rows have been committed.
type Waker struct {
	wake          chan struct{}
	recovered     chan struct{}
	relaying      atomic.Bool
	notifications Notifications
	log           *slog.Logger
}

// NewWaker returns a waker.
func NewWaker(n Notifications, log *slog.Logger) *Waker {
	return &Waker{
		wake: make(chan struct{}, 1), recovered: make(chan struct{}, 1), notifications: n, log: log,
	}
}

// SetRelaying records whether the relay of this process is running.
func (w *Waker) SetRelaying(relaying bool) { w.relaying.Store(relaying) }

// Relaying reports whether the relay of this process is running.
func (w *Waker) Relaying() bool { return w.relaying.Load() }

// Wake wakes the relay of this process.
func (w *Waker) Wake() { signal(w.wake) }

// Recover makes Listen connect again at once: the database is available again.
func (w *Waker) Recover() { signal(w.recovered) }

// signal sends to a channel that holds one element, unless it is full: then its receiver is about to wake.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// WakeAfterCommit wakes a relay after the commit of the transaction that ctx carries, or immediately without one.
func (w *Waker) WakeAfterCommit(ctx context.Context) {
	if !database.AfterCommit(ctx, w.announce) {
		w.announce(ctx)
	}
}

// announce wakes the relay of this process or, without one, notifies the others.
func (w *Waker) announce(ctx context.Context) {
	w.Wake()
	if w.Relaying() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notifyTimeout)
	defer cancel()
	if err := w.notifications.Notify(ctx); err != nil {
		w.log.DebugContext(ctx, "notifying other processes of new jobs failed", "error", err)
	}
}

// Listen wakes the relay of this process when another process commits rows, until ctx ends. While listening fails, the
// poll finds them.
func (w *Waker) Listen(ctx context.Context, pollInterval time.Duration) {
	var outage job.Outage
	wait := time.Second
	for {
		err := w.notifications.Listen(ctx, func() {
			outage.End()
			wait = time.Second
			w.Wake()
		})
		if ctx.Err() != nil {
			return
		}
		if outage.Begin(err) {
			w.log.WarnContext(ctx, "listening for new jobs failed; polling instead",
				"error", err, "poll_interval", pollInterval)
		}
		timer := time.NewTimer(job.Jitter(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.recovered:
			timer.Stop()
		case <-timer.C:
		}
		wait = min(2*wait, time.Minute)
	}
}
