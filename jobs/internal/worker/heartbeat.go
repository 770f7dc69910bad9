package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

const (
	// unservedAfter is how long jobs wait before a queue without workers causes a warning.
	unservedAfter = 10 * time.Second
	// unworkedAfter is the same while no worker is running at all, for example between two deployments.
	unworkedAfter = time.Minute
)

// HeartbeatStore stores heartbeats.
type HeartbeatStore interface {
	Now() time.Time
	Workers(ctx context.Context) ([]covetmodels.JobWorker, error)
	SaveWorker(ctx context.Context, row *covetmodels.JobWorker) error
	TouchWorker(ctx context.Context, id string) error
	StopWorker(ctx context.Context, id string) error
	DeleteWorker(ctx context.Context, id string) error
	SaveStats(ctx context.Context, rows []covetmodels.JobStat) error
	WaitingQueues(ctx context.Context, longer time.Duration) (map[string]time.Time, error)
}

// Heartbeat regularly records that a process is alive and what it counted, and logs warnings about queues without
// workers.
type Heartbeat struct {
	Store    HeartbeatStore
	Stats    *Stats
	Watchdog *job.Watchdog
	Log      *slog.Logger
	// ID identifies the process. Running returns the number of its running jobs.
	ID      string
	Running func() int

	outage job.Outage
}

// Health returns nil unless the last heartbeat failed and cannot be written now either.
func (h *Heartbeat) Health(ctx context.Context) error {
	if h.outage.Current() == nil {
		return nil
	}
	if err := h.Store.TouchWorker(ctx, h.ID); err != nil {
		return fmt.Errorf("writing the heartbeat of this process: %w", err)
	}
	return nil
}

// HeartbeatParams describe a process.
type HeartbeatParams struct {
	// Works is false for a process that only relays.
	Works       bool
	Queues      map[string]int
	Concurrency int
}

const heartbeatLoop = "heartbeat"

// Begin registers the loop with the watchdog before Run is called, so that a health check right after the start finds
// it alive.
func (h *Heartbeat) Begin() { h.Watchdog.Turn(heartbeatLoop, job.HeartbeatInterval) }

// Run writes heartbeats until ctx ends.
func (h *Heartbeat) Run(ctx context.Context, p HeartbeatParams) {
	started := h.Store.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer h.Watchdog.End(heartbeatLoop)
	defer h.outage.End()
	warned := map[string]bool{}
	looked := time.Now()
	for {
		h.Watchdog.Turn(heartbeatLoop, job.HeartbeatInterval)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(job.Jitter(job.HeartbeatInterval))
		err := h.Store.SaveWorker(ctx, h.row(p, started))
		if err == nil {
			err = h.saveStats(ctx)
		}
		if err == nil && time.Since(looked) > unservedAfter {
			looked = time.Now()
			err = h.warnUnserved(ctx, warned)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			h.outage.End()
		case h.outage.Begin(err):
			h.Log.WarnContext(ctx, "writing the heartbeat of this worker failed", "error", err)
		}
	}
}

func (h *Heartbeat) row(p HeartbeatParams, started time.Time) *covetmodels.JobWorker {
	host, _ := os.Hostname() // the name is optional
	row := &covetmodels.JobWorker{
		ID: h.ID, Host: strings.ToValidUTF8(host, "?"), PID: os.Getpid(), Works: p.Works, Queues: "{}",
		Concurrency: p.Concurrency, StartedAt: started, SeenAt: h.Store.Now(), Running: h.Running(),
	}
	if p.Works {
		if text, err := json.Marshal(p.Queues); err == nil { // which never fails for a map of numbers
			row.Queues = string(text)
		}
	}
	return row
}

// Stopping records the latest counts, and that the process waits for its last jobs.
func (h *Heartbeat) Stopping(ctx context.Context) { h.last(ctx, h.Store.StopWorker) }

// Stopped records the latest counts and deletes the row of the process.
func (h *Heartbeat) Stopped(ctx context.Context) { h.last(ctx, h.Store.DeleteWorker) }

func (h *Heartbeat) last(ctx context.Context, write func(ctx context.Context, id string) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppingGrace)
	defer cancel()
	err := h.saveStats(ctx)
	if err == nil {
		err = write(ctx, h.ID)
	}
	if err != nil {
		h.Log.DebugContext(ctx, "recording the end of this worker failed", "error", err)
	}
}

func (h *Heartbeat) saveStats(ctx context.Context) error {
	rows := h.Stats.take(h.ID, h.Store.Now())
	if len(rows) == 0 {
		return nil
	}
	err := h.Store.SaveStats(ctx, rows)
	if err != nil {
		h.Stats.putBack(rows)
	}
	return err
}

// warnUnserved logs a warning for each queue in which jobs wait and that no live worker serves, once until that
// changes.
func (h *Heartbeat) warnUnserved(ctx context.Context, warned map[string]bool) error {
	waiting, err := h.Store.WaitingQueues(ctx, unservedAfter)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		clear(warned)
		return nil
	}
	workers, err := h.Store.Workers(ctx)
	if err != nil {
		return err
	}
	served, err := job.Served(workers, h.Store.Now())
	if err != nil {
		return err
	}
	maps.DeleteFunc(warned, func(queue string, _ bool) bool { return waiting[queue].IsZero() || served[queue] > 0 })
	for _, queue := range slices.Sorted(maps.Keys(waiting)) {
		since := waiting[queue]
		switch {
		case served[queue] > 0, warned[queue]:
			continue
		case len(served) > 0:
			h.Log.WarnContext(ctx, "jobs wait in a queue that no worker serves",
				"queue", queue, "since", since, "add_to", "jobs.queues")
		case h.Store.Now().Sub(since) > unworkedAfter:
			h.Log.WarnContext(ctx, "jobs wait, and no worker is running", "queue", queue, "since", since)
		default:
			continue
		}
		warned[queue] = true
	}
	return nil
}
