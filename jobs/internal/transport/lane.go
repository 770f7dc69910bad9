package transport

import (
	"strings"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Each queue consists of up to three asynq queues, its lanes. Queue names do not contain "+".
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

// lane returns the asynq queue for jobs of a priority.
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

// ofLane returns the queue and the priority of a lane.
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

// lanesServed returns the lanes of queues with their weights. Without other priorities than Normal, each queue has one
// lane.
func lanesServed(queues map[string]int, priorities []job.Priority, strict bool) map[string]int {
	if len(priorities) == 0 {
		return queues
	}
	weights := map[job.Priority]int{job.High: highWeight, job.Normal: normalWeight, job.Low: lowWeight}
	lanes := map[string]int{}
	for name, weight := range queues {
		for _, p := range append([]job.Priority{job.Normal}, priorities...) {
			if strict { // then only the order matters
				lanes[lane(name, p)] = 3*weight + int(p)
			} else {
				lanes[lane(name, p)] = weight * weights[p]
			}
		}
	}
	return lanes
}
