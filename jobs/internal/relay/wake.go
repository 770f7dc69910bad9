package relay

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
)

// notifyTimeout bounds the notification of other processes. Without it their polls find the rows.
const notifyTimeout = time.Second

// Notifications carry the news of committed rows between processes, where the database can.
type Notifications interface {
	Notify(ctx context.Context) error
	Listen(ctx context.Context, heard func()) error
}

// Waker wakes relays when rows have been committed: that of this process, or else those of others.
type Waker struct {
	wake          chan struct{}
	relaying      atomic.Bool
	notifications Notifications
	log           *slog.Logger
}

// NewWaker returns a waker.
func NewWaker(n Notifications, log *slog.Logger) *Waker {
	return &Waker{wake: make(chan struct{}, 1), notifications: n, log: log}
}

// SetRelaying says whether the relay of this process runs.
func (w *Waker) SetRelaying(relaying bool) { w.relaying.Store(relaying) }

// Relaying reports whether the relay of this process runs.
func (w *Waker) Relaying() bool { return w.relaying.Load() }

// Wake wakes the relay of this process.
func (w *Waker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // it is about to wake
	}
}

// WakeAfterCommit wakes a relay after the commit of the transaction that ctx carries, or at once.
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
		w.log.DebugContext(ctx, "other processes could not be notified of new jobs; their polls find them", "error", err)
	}
}

// Listen wakes the relay of this process when another one notifies of rows, until ctx ends. While it cannot listen, the
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
			w.log.WarnContext(ctx, "notifications of new jobs do not arrive from the database; polling until they do",
				"error", err, "poll_interval", pollInterval)
		}
		timer := time.NewTimer(job.Jitter(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = min(2*wait, time.Minute)
	}
}
