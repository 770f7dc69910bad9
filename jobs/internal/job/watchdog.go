package job

import (
	"slices"
	"sync"
	"time"
)

// StuckAfter is the maximum duration of one iteration of a loop, without its sleep. It exceeds the duration of a batch
// and the time in which the recovery of the database or of Redis is noticed.
const StuckAfter = time.Minute

// Watchdog records the last iteration of each loop of a process. The zero value is ready to use.
type Watchdog struct {
	mu    sync.Mutex
	loops map[string]turn
}

type turn struct {
	at      time.Time
	allowed time.Duration // time until the next iteration
}

// Turn records an iteration of a loop that sleeps for at most the given time between two iterations.
func (w *Watchdog) Turn(loop string, sleep time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.loops == nil {
		w.loops = map[string]turn{}
	}
	w.loops[loop] = turn{at: time.Now(), allowed: sleep + StuckAfter} // not Config.Clock: this is real time
}

// End removes a loop that has ended normally.
func (w *Watchdog) End(loop string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.loops, loop)
}

// Stuck returns the names of the loops whose next iteration is overdue, and the number of loops.
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
