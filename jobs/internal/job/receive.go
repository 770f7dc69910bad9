package job

import (
	"context"
	"time"
)

// ReceiveParams select the deliveries that a worker takes.
type ReceiveParams struct {
	// Concurrency is the number of deliveries that are handled at the same time.
	Concurrency int
	// Queues are the queues with their weights. Priorities are the priorities of their jobs, except Normal.
	Queues     map[string]int
	Priorities []Priority
	// Strict takes jobs from a queue only while all queues of greater weight are empty.
	Strict bool
	// StopTimeout limits how long Stop waits for handlers.
	StopTimeout time.Duration
	// Handle runs a delivery in the context of Receive. After an error the delivery stays in Redis and is delivered
	// again, except for a direct job, which is dropped.
	Handle func(ctx context.Context, d Delivery) error
}

// Receiver fetches deliveries until it is stopped.
type Receiver interface {
	// Stop stops fetching and waits for handlers.
	Stop()
	// Stuck reports whether nothing has been fetched for too long although deliveries could have been.
	Stuck(at time.Time) bool
}
