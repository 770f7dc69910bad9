package job

import (
	"encoding/json"
	"fmt"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	// HeartbeatInterval is how often a process records that it is alive.
	HeartbeatInterval = 5 * time.Second
	// AliveFor is how long a process counts as alive after its last heartbeat.
	AliveFor = 4 * HeartbeatInterval
	// LostWorkerRetention is how long the row of a process is kept after its last heartbeat.
	LostWorkerRetention = time.Hour
)

// IsAlive reports whether a process has sent a heartbeat recently.
func IsAlive(row *covetmodels.JobWorker, at time.Time) bool { return at.Sub(row.SeenAt) < AliveFor }

// QueuesOf returns the queues that a process serves, with their weights.
func QueuesOf(row *covetmodels.JobWorker) (map[string]int, error) {
	queues := map[string]int{}
	if err := json.Unmarshal([]byte(row.Queues), &queues); err != nil {
		return nil, fmt.Errorf("reading the queues of worker %s: %w", row.ID, err)
	}
	return queues, nil
}

// Served counts the live workers of each queue.
func Served(rows []covetmodels.JobWorker, at time.Time) (map[string]int, error) {
	counts := map[string]int{}
	for i := range rows {
		row := &rows[i]
		queues, err := QueuesOf(row)
		if err != nil {
			return nil, err
		}
		if !row.Works || row.Stopping || !IsAlive(row, at) {
			continue
		}
		for queue := range queues {
			counts[queue]++
		}
	}
	return counts, nil
}
