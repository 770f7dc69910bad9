package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	// beatInterval is how often a process says that it is there.
	beatInterval = 5 * time.Second
	// aliveFor is how long a process counts as alive after it last said so.
	aliveFor = 4 * beatInterval
	// lostWorkers is how long a process that has gone without a word is still shown.
	lostWorkers = time.Hour
)

// Worker is a process that relays or works jobs.
type Worker struct {
	// ID is the Holder of the jobs that it runs.
	ID string
	// Host and PID say which process it is.
	Host string
	PID  int
	// Works is false for a process that only relays.
	Works bool
	// Queues are the queues that it works, with their weights.
	Queues map[string]int
	// Concurrency is how many jobs it runs at a time, Running how many it ran at SeenAt.
	Concurrency, Running int
	// Stopping is true while it lets its last jobs finish.
	Stopping bool
	// Alive is false if it has not been heard of for 20 seconds: it was killed, or cannot reach the database.
	Alive bool
	// StartedAt is the time of its start, SeenAt of its latest sign of life.
	StartedAt, SeenAt time.Time
}

// Workers returns the processes that relay or work, the longest running first. One that stopped in order is not among
// them; one that was killed is for an hour, as not alive.
func (c *Client) Workers(ctx context.Context) ([]Worker, error) {
	rows, err := c.store.workers(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for workers: %w", err)
	}
	at := c.now()
	workers := make([]Worker, len(rows))
	for i, row := range rows {
		workers[i] = Worker{
			ID: row.ID, Host: row.Host, PID: row.PID, Works: row.Works, Queues: map[string]int{},
			Concurrency: row.Concurrency, Running: row.Running, Stopping: row.Stopping,
			Alive: at.Sub(row.SeenAt) < aliveFor, StartedAt: row.StartedAt, SeenAt: row.SeenAt,
		}
		if err := json.Unmarshal([]byte(row.Queues), &workers[i].Queues); err != nil {
			return nil, fmt.Errorf("reading the queues of worker %s: %w", row.ID, err)
		}
	}
	return workers, nil
}

// served counts the living workers of each queue.
func served(workers []Worker) map[string]int {
	counts := map[string]int{}
	for _, w := range workers {
		if w.Works && w.Alive && !w.Stopping {
			for queue := range w.Queues {
				counts[queue]++
			}
		}
	}
	return counts
}

// sign is what this process says of itself.
func (c *Client) sign(roles Roles, started time.Time, stopping bool) *covetmodels.JobWorker {
	host, _ := os.Hostname() // without a name it is shown without one
	row := &covetmodels.JobWorker{
		ID: c.id, Host: strings.ToValidUTF8(host, "?"), PID: os.Getpid(), Works: roles.Work, Queues: "{}",
		Stopping: stopping, StartedAt: started, SeenAt: c.now(), Running: len(c.leases.held()),
	}
	if roles.Work {
		row.Concurrency = c.concurrency(roles)
		if text, err := json.Marshal(c.workedQueues(roles)); err == nil { // a map of numbers always is
			row.Queues = string(text)
		}
	}
	return row
}

// beat says regularly that this process is there, writes what it counted, and warns of queues that nobody works, until
// ctx ends.
func (c *Client) beat(ctx context.Context, roles Roles) {
	started := c.now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var trouble outage
	warned := map[string]bool{}
	looked := time.Now()
	defer c.turned.end("signs of life")
	for {
		c.turned.note("signs of life", beatInterval)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(jitter(beatInterval))
		err := c.store.upsert(ctx, c.sign(roles, started, false), "id")
		if err == nil {
			err = c.writeStats(ctx)
		}
		if err == nil && time.Since(looked) > unservedAfter {
			looked = time.Now()
			err = c.warnUnserved(ctx, warned)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			trouble.end()
		case trouble.begin(err):
			c.log.WarnContext(ctx, "this worker cannot say that it lives; trying again", "error", err)
		}
	}
}

// lastBeat writes what is left to write when this process stops: first that it is about to, then that it is gone.
func (c *Client) lastBeat(ctx context.Context, gone bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppingGrace)
	defer cancel()
	err := c.writeStats(ctx)
	if err == nil && gone {
		err = c.store.forgetWorker(ctx, c.id)
	} else if err == nil {
		err = c.store.workerStops(ctx, c.id)
	}
	if err != nil {
		c.log.DebugContext(ctx, "the end of this worker could not be recorded", "error", err)
	}
}

// warnUnserved warns of queues where jobs wait and that no living worker works: once for each, until that has changed.
func (c *Client) warnUnserved(ctx context.Context, warned map[string]bool) error {
	waiting, err := c.store.waitingQueues(ctx)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		clear(warned)
		return nil
	}
	workers, err := c.Workers(ctx)
	if err != nil {
		return err
	}
	working := served(workers)
	maps.DeleteFunc(warned, func(queue string, _ bool) bool { return waiting[queue].IsZero() || working[queue] > 0 })
	for _, queue := range slices.Sorted(maps.Keys(waiting)) {
		since := waiting[queue]
		switch {
		case working[queue] > 0, warned[queue]:
			continue
		case len(working) > 0:
			c.log.WarnContext(ctx, "jobs wait in a queue that no worker works", "queue", queue, "since", since, "add_to", "jobs.queues")
		case c.now().Sub(since) > unworkedAfter:
			c.log.WarnContext(ctx, "jobs wait, and no worker runs", "queue", queue, "since", since)
		default:
			continue
		}
		warned[queue] = true
	}
	return nil
}

func (s store) workers(ctx context.Context) (rows []covetmodels.JobWorker, err error) {
	err = s.db.With(ctx).Order("started_at, id").Find(&rows).Error
	return rows, err
}

func (s store) forgetWorker(ctx context.Context, id string) error {
	return s.db.With(ctx).Where("id = ?", id).Delete(&covetmodels.JobWorker{}).Error
}

func (s store) workerStops(ctx context.Context, id string) error {
	return s.db.With(ctx).Model(&covetmodels.JobWorker{}).Where("id = ?", id).
		Updates(map[string]any{"stopping": true, "seen_at": s.now()}).Error
}

const (
	// unservedAfter is how long jobs wait before a queue that no worker works is worth a warning.
	unservedAfter = 10 * time.Second
	// unworkedAfter is the same while no worker runs at all, as between two deployments.
	unworkedAfter = time.Minute
)

// waitingQueues returns the queues in which jobs have been due for some time, with since when. It jumps from queue to queue in
// the index, however many jobs they have.
func (s store) waitingQueues(ctx context.Context) (map[string]time.Time, error) {
	waiting := map[string]time.Time{}
	last := ""
	for {
		var next []string
		err := s.rows(ctx).Where("queue > ?", last).Order("queue").Limit(1).Pluck("queue", &next).Error
		if err != nil || len(next) == 0 {
			return waiting, err
		}
		last = next[0]
		oldest, err := s.oldestDue(ctx, last)
		if err != nil {
			return waiting, err
		}
		if oldest != nil && s.now().Sub(*oldest) > unservedAfter {
			waiting[last] = *oldest
		}
	}
}
