package jobs

import (
	"context"
	"sync"
)

// guard keeps processes with a Redis of their own away from the queue of the development loop.
type guard struct {
	stop context.CancelFunc
	done sync.WaitGroup
}

// guardQueue holds the lock of the embedded queue for a process that shares the Redis of the development loop, as soon as
// no other process of the loop holds it. A process with a Redis of its own is then refused, as beside any other; it would
// take running jobs for lost, and run them again.
func (c *Client) guardQueue(ctx context.Context) *guard {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	g := &guard{stop: stop}
	g.done.Go(func() {
		lock, err := c.db.Lock(ctx, lockName)
		if err != nil {
			if ctx.Err() == nil {
				c.log.DebugContext(ctx, "the queue is not guarded", "error", err)
			}
			return
		}
		<-ctx.Done()
		if err := lock.Release(context.WithoutCancel(ctx)); err != nil {
			c.log.DebugContext(ctx, "the lock of the queue was gone before it was released", "error", err)
		}
	})
	return g
}

// end releases the lock. A nil guard holds none.
func (g *guard) end() {
	if g == nil {
		return
	}
	g.stop()
	g.done.Wait()
}
