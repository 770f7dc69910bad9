package job

import (
	"sync"
	"time"
)

// Outage is the time between a first error and the next success, so that a loop reports it once. The zero value is no
// outage.
type Outage struct {
	mu    sync.Mutex
	err   error
	since time.Time
}

// Begin records an error and reports whether it is the first.
func (o *Outage) Begin(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := o.err == nil
	if first {
		o.since = time.Now()
	}
	o.err = err
	return first
}

// End records a success. If that ended an outage, it returns how long the outage lasted.
func (o *Outage) End() (time.Duration, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return 0, false
	}
	o.err = nil
	return time.Since(o.since).Round(time.Millisecond), true
}

// Current returns the error of the current outage; nil if there is none.
func (o *Outage) Current() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
