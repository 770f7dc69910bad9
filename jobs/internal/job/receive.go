package job

import (
	"context"
	"time"
)

// ReceiveParams say which deliveries a worker takes.
type ReceiveParams struct {
	// Concurrency is how many are handled at a time.
	Concurrency int
	// Queues are the queues, with their weights, and Priorities those that jobs have besides Normal.
	Queues     map[string]int
	Priorities []Priority
	// Strict takes from a queue only while all those of greater weight are empty.
	Strict bool
	// StopTimeout bounds how long Stop waits for handlers.
	StopTimeout time.Duration
	// Handle runs a delivery. An error leaves the delivery in Redis, to be delivered again; that of a direct job drops
	// it. Its context is that of Receive.
	Handle func(ctx context.Context, d Delivery) error
}

// Receiver fetches deliveries until it is stopped.
type Receiver interface {
	// Stop stops fetching and waits for handlers.
	Stop()
	// Stuck reports whether nothing has been fetched for too long although it could have been.
	Stuck(at time.Time) bool
}
