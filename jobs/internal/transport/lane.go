package transport

import (
	"strings"

	"github.com/covetgo/covet/jobs/internal/job"
)

// A queue is up to three queues of asynq, its lanes. Names of queues hold no "+".
const (
	highLane = "+high"
	lowLane  = "+low"
)

// Weights of the lanes of a queue.
const (
	highWeight   = 100
	normalWeight = 10
	lowWeight    = 1
)

// lane returns the queue of asynq for jobs of a priority.
func lane(queue string, p job.Priority) string {
	switch {
	case p > job.Normal:
		return queue + highLane
	case p < job.Normal:
		return queue + lowLane
	default:
		return queue
	}
}

func laneOf(d job.Delivery) string { return lane(d.Queue, d.Priority) }

// lanesOf returns all lanes of a queue.
func lanesOf(queue string) []string { return []string{queue, queue + highLane, queue + lowLane} }

// ofLane returns the queue that a lane belongs to, and the priority.
func ofLane(name string) (string, job.Priority) {
	queue, suffix, found := strings.Cut(name, "+")
	switch {
	case !found:
		return queue, job.Normal
	case "+"+suffix == highLane:
		return queue, job.High
	default:
		return queue, job.Low
	}
}

// lanesServed returns the lanes of queues with their weights. Without priorities other than Normal each queue is one
// lane.
func lanesServed(queues map[string]int, priorities []job.Priority, strict bool) map[string]int {
	if len(priorities) == 0 {
		return queues
	}
	weights := map[job.Priority]int{job.High: highWeight, job.Normal: normalWeight, job.Low: lowWeight}
	lanes := map[string]int{}
	for name, weight := range queues {
		for _, p := range append([]job.Priority{job.Normal}, priorities...) {
			if strict { // only the order counts then
				lanes[lane(name, p)] = 3*weight + int(p)
			} else {
				lanes[lane(name, p)] = weight * weights[p]
			}
		}
	}
	return lanes
}
