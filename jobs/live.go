package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrNotLive is returned by [Client.Live].
var ErrNotLive = errors.New("the process does not do its work")

// stuckAfter is how long a turn of a loop may take, besides the time that the loop sleeps: longer than a batch may take, and
// than a database or a Redis that comes back needs to be noticed.
const stuckAfter = time.Minute

// turns is when each loop of this process last turned, by its name.
type turns struct {
	mu    sync.Mutex
	loops map[string]turn
}

type turn struct {
	at      time.Time
	allowed time.Duration // until the next one
}

// note says that a loop turns, which sleeps for at most so long between two turns.
func (t *turns) note(loop string, sleep time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.loops == nil {
		t.loops = map[string]turn{}
	}
	t.loops[loop] = turn{at: time.Now(), allowed: sleep + stuckAfter} // the real time, whatever Config.Clock says
}

// end forgets a loop that has ended in order.
func (t *turns) end(loop string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.loops, loop)
}

// stuck returns the loops that have not turned when they should have.
func (t *turns) stuck(at time.Time) (names []string, running int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, last := range t.loops {
		if at.Sub(last.at) > last.allowed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, len(t.loops)
}

// stuck returns the loops of this process that do not turn, those of asynq included, and how many there are.
func (c *Client) stuck(at time.Time) (names []string, running int) {
	names, running = c.turned.stuck(at)
	if running > 0 && c.fetching.Load().stuck(at) {
		names = append(names, "fetching")
	}
	return names, running
}

// Live returns nil while the loops that [Client.Start] began turn, and asynq goes on fetching where a place for a job is free;
// and [ErrNotLive] with their names when one has not for more than a minute, before the start and after the stop. A turn that
// fails is one: while the database or Redis is away, a process lives, as starting it again would bring neither back.
// [Client.Health] tells of that.
func (c *Client) Live() error {
	stuck, running := c.stuck(time.Now())
	switch {
	case running == 0:
		return fmt.Errorf("%w: it has not been started", ErrNotLive)
	case len(stuck) > 0:
		return fmt.Errorf("%w: stuck are %s", ErrNotLive, strings.Join(stuck, ", "))
	}
	return nil
}
