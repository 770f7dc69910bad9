package jobs

import (
	"sync"
	"time"
)

// outage is the time from a first error to the next success, so that it can be reported once.
type outage struct {
	mu    sync.Mutex
	err   error
	since time.Time
}

// begin notes an error and reports whether it is the first.
func (o *outage) begin(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := o.err == nil
	if first {
		o.since = time.Now()
	}
	o.err = err
	return first
}

// end notes a success and returns, if there was an outage, how long it lasted.
func (o *outage) end() (time.Duration, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return 0, false
	}
	o.err = nil
	return time.Since(o.since).Round(time.Millisecond), true
}

// current returns the error of an outage that goes on.
func (o *outage) current() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
