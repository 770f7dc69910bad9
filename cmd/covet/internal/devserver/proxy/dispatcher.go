package proxy

import (
	"context"
	"slices"
	"sync"
	"time"
)

// state is what the dispatcher does with requests.
type state int

const (
	stateHolding state = iota
	stateServing
	stateFailed
	stateClosed
)

// maxReleased is how many held requests are sent to a new process at once, so that a process that has just started is
// not flooded.
const maxReleased = 32

// releasePause is how long a released request without a response delays the next one.
const releasePause = 200 * time.Millisecond

// dispatcher decides which process handles a request, and holds requests while there is none.
type dispatcher struct {
	maxHeld int

	mu       sync.Mutex
	state    state
	since    time.Time // time of the last change of state
	fault    Fault
	current  *process
	former   map[*process]bool // retired, and still handling requests
	queue    []*waiter
	released int           // held requests that were sent to the current process
	changed  chan struct{} // closed and replaced at each change of state
}

// waiter is a held request.
type waiter struct {
	ready   chan struct{} // closed when one of the others is set
	process *process
	fault   *Fault
	closed  bool
}

func newDispatcher(maxHeld int) *dispatcher {
	return &dispatcher{maxHeld: maxHeld, since: time.Now(), former: map[*process]bool{}, changed: make(chan struct{})}
}

// setState sets the state and wakes all waiters.
func (d *dispatcher) setState(to state) {
	if d.state != to {
		d.since = time.Now()
	}
	d.state = to
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *dispatcher) hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != stateClosed {
		d.setState(stateHolding)
	}
}

// serve calls before if the process is a new one.
func (d *dispatcher) serve(address string, before func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == stateClosed {
		return
	}
	if d.current == nil || d.current.address != address || d.current.unreachable {
		d.retire()
		d.current = newProcess(address)
		before()
	}
	d.setState(stateServing)
	d.dispatch()
}

func (d *dispatcher) fail(fault Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == stateClosed {
		return
	}
	d.retire()
	d.fault = fault
	d.setState(stateFailed)
	d.rejectAll(func(t *waiter) { t.fault = &fault })
}

func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retire()
	d.setState(stateClosed)
	d.rejectAll(func(t *waiter) { t.closed = true })
}

// rejectAll ends the wait of all held requests.
func (d *dispatcher) rejectAll(how func(*waiter)) {
	for _, t := range d.queue {
		how(t)
		close(t.ready)
	}
	d.queue = nil
}

// retire ends the streams of the current process and sends no more requests to it.
func (d *dispatcher) retire() {
	p := d.current
	if p == nil {
		return
	}
	d.current, d.released = nil, 0
	p.retire()
	if p.active > 0 {
		d.former[p] = true
	} else {
		p.close()
	}
}

// dispatch sends held requests to the current process in order of arrival, at most maxReleased at a time.
func (d *dispatcher) dispatch() {
	for d.state == stateServing && len(d.queue) > 0 && d.released < maxReleased {
		t := d.queue[0]
		d.queue = d.queue[1:]
		d.released++
		t.process = d.current
		t.process.active++
		close(t.ready)
	}
}

// responded reports that a held request has a response, or has taken longer than releasePause.
func (d *dispatcher) responded(p *process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current == p && d.released > 0 {
		d.released--
		d.dispatch()
	}
}

// outcome is why a request is not forwarded.
type outcome int

const (
	outcomeAdmitted outcome = iota
	outcomeFault            // the state is a fault
	outcomeTimeout          // a limit of waiting is exceeded
	outcomeCanceled         // the client disconnected
	outcomeClosed           // the proxy is closed
)

// acquire returns the process for a request, and waits for one at most for the given time. The caller calls leave after
// an admitted request. held reports that the request has waited; the caller then calls responded when it has a
// response.
func (d *dispatcher) acquire(ctx context.Context,
	timeout time.Duration,
) (p *process, waited bool, result outcome, fault *Fault) {
	d.mu.Lock()
	switch {
	case d.state == stateFailed:
		fault := d.fault
		d.mu.Unlock()
		return nil, false, outcomeFault, &fault
	case d.state == stateClosed:
		d.mu.Unlock()
		return nil, false, outcomeClosed, nil
	case d.state == stateServing && len(d.queue) == 0:
		p := d.current
		p.active++
		d.mu.Unlock()
		return p, false, outcomeAdmitted, nil
	case len(d.queue) >= d.maxHeld:
		d.mu.Unlock()
		return nil, false, outcomeTimeout, nil
	}
	t := &waiter{ready: make(chan struct{})}
	d.queue = append(d.queue, t)
	d.mu.Unlock()
	result = d.wait(ctx, t, timeout)
	return t.process, true, result, t.fault
}

// wait waits until a ticket is admitted.
func (d *dispatcher) wait(ctx context.Context, t *waiter, timeout time.Duration) outcome {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	result := outcomeTimeout
	select {
	case <-t.ready:
	case <-timer.C:
		d.remove(t)
	case <-ctx.Done():
		result = outcomeCanceled
		d.remove(t)
	}
	switch { // a ticket may have been admitted just before it was withdrawn
	case t.process != nil:
		return outcomeAdmitted
	case t.fault != nil:
		return outcomeFault
	case t.closed:
		return outcomeClosed
	}
	return result
}

func (d *dispatcher) remove(t *waiter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = slices.DeleteFunc(d.queue, func(other *waiter) bool { return other == t })
}

// done reports that a request has ended, or is a stream, which idle does not wait for.
func (d *dispatcher) done(p *process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.active--; p.active > 0 {
		return
	}
	for _, waiting := range p.idle {
		close(waiting)
	}
	p.idle = nil
	if d.former[p] {
		delete(d.former, p)
		p.close()
	}
}

func (d *dispatcher) idle(address string) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	channel := make(chan struct{})
	if p := d.find(address); p != nil {
		p.idle = append(p.idle, channel)
		return channel
	}
	close(channel)
	return channel
}

func (d *dispatcher) held() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.queue)
}

// heldFor returns how long requests have been held, or 0 if they are not.
func (d *dispatcher) heldFor() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != stateHolding {
		return 0
	}
	return time.Since(d.since)
}

// find returns the process at an address, preferring a retired one that has requests.
func (d *dispatcher) find(address string) *process {
	for p := range d.former {
		if p.address == address {
			return p
		}
	}
	if p := d.current; p != nil && p.address == address && p.active > 0 {
		return p
	}
	return nil
}

// markUnreachable records that a process does not respond. Requests are held until the dev server has noticed the same.
func (d *dispatcher) markUnreachable(p *process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.unreachable = true
	if d.current == p && d.state == stateServing {
		d.setState(stateHolding)
	}
}

// awaitFault waits at most the given time until the dev server has reported the end of a process, and returns its
// fault, if any.
func (d *dispatcher) awaitFault(ctx context.Context, p *process, timeout time.Duration) *Fault {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		d.mu.Lock()
		state, fault, current, changed := d.state, d.fault, d.current, d.changed
		d.mu.Unlock()
		switch {
		case state == stateFailed:
			return &fault
		case state == stateClosed, state == stateServing && current != p:
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
