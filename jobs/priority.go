package jobs

import "strings"

// Priority is the place of a kind of jobs within its queue.
type Priority int

const (
	// Low jobs go last: while others wait, about one in a hundred is one of them.
	Low Priority = -1
	// Normal jobs are those that say nothing.
	Normal Priority = 0
	// High jobs go first: while they wait, about nine in ten are one of them, so that the others still come forward.
	High Priority = 1
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
func lane(queue string, p Priority) string {
	switch {
	case p > Normal:
		return queue + highLane
	case p < Normal:
		return queue + lowLane
	default:
		return queue
	}
}

// lanes returns all lanes of a queue.
func lanes(queue string) []string { return []string{queue, queue + highLane, queue + lowLane} }

// ofLane returns the queue that a lane belongs to, and the priority.
func ofLane(name string) (string, Priority) {
	queue, suffix, found := strings.Cut(name, "+")
	switch {
	case !found:
		return queue, Normal
	case "+"+suffix == highLane:
		return queue, High
	default:
		return queue, Low
	}
}
