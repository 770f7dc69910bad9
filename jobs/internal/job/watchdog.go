package job

import (
	"slices"
	"sync"
	"time"
)

// StuckAfter is how long a turn of a loop may take, besides the time that the loop sleeps: longer than a batch may
// take, and than a recovering database or Redis needs to be noticed.
const StuckAfter = time.Minute

// Watchdog records when each loop of a process last turned. The zero value watches none.
type Watchdog struct {
	mu    sync.Mutex
	loops map[string]turn
}

type turn struct {
	at      time.Time
	allowed time.Duration // until the next one
}

// Turn records that a loop turns, which sleeps for at most the given time between two turns.
func (w *Watchdog) Turn(loop string, sleep time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.loops == nil {
		w.loops = map[string]turn{}
	}
	w.loops[loop] = turn{at: time.Now(), allowed: sleep + StuckAfter} // the real time, whatever Config.Clock returns
}

// End forgets a loop that has ended in order.
func (w *Watchdog) End(loop string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.loops, loop)
}

// Stuck returns the loops that have not turned when they should have, and how many loops there are.
func (w *Watchdog) Stuck(at time.Time) (names []string, running int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, last := range w.loops {
		if at.Sub(last.at) > last.allowed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, len(w.loops)
}
