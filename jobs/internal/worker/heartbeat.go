package worker

import (
	"context"
	"encoding/json"
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
	// unservedAfter is how long jobs wait before a queue that no worker works is worth a warning.
	unservedAfter = 10 * time.Second
	// unworkedAfter is the same while no worker runs at all, as between two deployments.
	unworkedAfter = time.Minute
)

// HeartbeatStore is what heartbeats need of the rows.
type HeartbeatStore interface {
	Now() time.Time
	Workers(ctx context.Context) ([]covetmodels.JobWorker, error)
	SaveWorker(ctx context.Context, row *covetmodels.JobWorker) error
	StopWorker(ctx context.Context, id string) error
	DeleteWorker(ctx context.Context, id string) error
	SaveStats(ctx context.Context, rows []covetmodels.JobStat) error
	WaitingQueues(ctx context.Context, longer time.Duration) (map[string]time.Time, error)
}

// Heartbeat writes regularly that a process that relays or works is alive, and what it counted, and warns of queues
// that no process works.
type Heartbeat struct {
	Store    HeartbeatStore
	Stats    *Stats
	Watchdog *job.Watchdog
	Log      *slog.Logger
	// ID names the process. Running returns how many jobs it runs.
	ID      string
	Running func() int
}

// HeartbeatParams say what a process does.
type HeartbeatParams struct {
	// Works is false for a process that only relays.
	Works       bool
	Queues      map[string]int
	Concurrency int
}

const heartbeatLoop = "heartbeat"

// Begin tells the watchdog that Run is about to be called: a health check right after the start finds the loop alive.
func (h *Heartbeat) Begin() { h.Watchdog.Turn(heartbeatLoop, job.HeartbeatInterval) }

// Run writes heartbeats until ctx ends.
func (h *Heartbeat) Run(ctx context.Context, p HeartbeatParams) {
	started := h.Store.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer h.Watchdog.End(heartbeatLoop)
	var outage job.Outage
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
			outage.End()
		case outage.Begin(err):
			h.Log.WarnContext(ctx, "the heartbeat of this worker cannot be written; trying again", "error", err)
		}
	}
}

func (h *Heartbeat) row(p HeartbeatParams, started time.Time) *covetmodels.JobWorker {
	host, _ := os.Hostname() // without a name it is shown without one
	row := &covetmodels.JobWorker{
		ID: h.ID, Host: strings.ToValidUTF8(host, "?"), PID: os.Getpid(), Works: p.Works, Queues: "{}",
		Concurrency: p.Concurrency, StartedAt: started, SeenAt: h.Store.Now(), Running: h.Running(),
	}
	if p.Works {
		if text, err := json.Marshal(p.Queues); err == nil { // a map of numbers always is
			row.Queues = string(text)
		}
	}
	return row
}

// Stopping writes what has been counted, and that the process lets its last jobs finish.
func (h *Heartbeat) Stopping(ctx context.Context) { h.last(ctx, h.Store.StopWorker) }

// Stopped writes what has been counted since, and that the process is gone.
func (h *Heartbeat) Stopped(ctx context.Context) { h.last(ctx, h.Store.DeleteWorker) }

func (h *Heartbeat) last(ctx context.Context, write func(ctx context.Context, id string) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppingGrace)
	defer cancel()
	err := h.saveStats(ctx)
	if err == nil {
		err = write(ctx, h.ID)
	}
	if err != nil {
		h.Log.DebugContext(ctx, "the end of this worker could not be recorded", "error", err)
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

// warnUnserved warns of queues where jobs wait and that no living worker works: once for each, until that has changed.
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
			h.Log.WarnContext(ctx, "jobs wait in a queue that no worker works",
				"queue", queue, "since", since, "add_to", "jobs.queues")
		case h.Store.Now().Sub(since) > unworkedAfter:
			h.Log.WarnContext(ctx, "jobs wait, and no worker runs", "queue", queue, "since", since)
		default:
			continue
		}
		warned[queue] = true
	}
	return nil
}
