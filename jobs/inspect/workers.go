package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Worker is a process that relays or runs jobs.
type Worker struct {
	// ID is the Holder of the jobs that it is running.
	ID string
	// Host and PID identify the process.
	Host string
	PID  int
	// Works is false for a process that only relays.
	Works bool
	// Queues are the queues that it serves, with their weights.
	Queues map[string]int
	// Concurrency is how many jobs it runs at a time, Running how many it ran at SeenAt.
	Concurrency, Running int
	// Stopping is true while it lets its last jobs finish.
	Stopping bool
	// Alive is false if there has been no heartbeat for 20 seconds: it was killed, or cannot reach the database.
	Alive bool
	// StartedAt is the time of its start, SeenAt of its latest heartbeat.
	StartedAt, SeenAt time.Time
}

// Workers returns the processes that relay or work, the longest running first. One that has stopped in order is not
// among them; one that was killed is for an hour, as not alive.
func (i *Inspector) Workers(ctx context.Context) ([]Worker, error) {
	rows, err := i.store.Workers(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for workers: %w", err)
	}
	at := i.store.Now()
	workers := make([]Worker, len(rows))
	for n := range rows {
		row := &rows[n]
		queues, err := job.QueuesOf(row)
		if err != nil {
			return nil, err
		}
		workers[n] = Worker{
			ID: row.ID, Host: row.Host, PID: row.PID, Works: row.Works, Queues: queues, Concurrency: row.Concurrency,
			Running: row.Running, Stopping: row.Stopping, Alive: job.IsAlive(row, at),
			StartedAt: row.StartedAt, SeenAt: row.SeenAt,
		}
	}
	return workers, nil
}
