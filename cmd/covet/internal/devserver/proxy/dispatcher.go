package front

import (
	"context"
	"slices"
	"sync"
	"time"
)

// state is what the gate does with requests.
type state int

const (
	holding state = iota
	serving
	failed
	shut
)

// maxReleased is how many held requests go to a new process at once: it has just started, and meets them all together.
const maxReleased = 32

// releasePause bounds how long a released request that gets no answer keeps the next one waiting.
const releasePause = 200 * time.Millisecond

// gate decides which process a request goes to, and keeps it waiting while there is none.
type gate struct {
	maxHeld int

	mu       sync.Mutex
	state    state
	fault    Fault
	current  *process
	former   map[*process]bool // retired, and still answering
	queue    []*ticket
	released int           // held requests on their way to the current process
	changed  chan struct{} // closed and replaced at each change of state
}

// ticket is a request that waits.
type ticket struct {
	ready   chan struct{} // closed when one of the others is set
	process *process
	fault   *Fault
	shut    bool
}

func newGate(maxHeld int) *gate {
	return &gate{maxHeld: maxHeld, former: map[*process]bool{}, changed: make(chan struct{})}
}

// change sets the state and wakes who waits for a change.
func (g *gate) change(to state) {
	g.state = to
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state != shut {
		g.change(holding)
	}
}

// serve calls before when the process is another one than before.
func (g *gate) serve(address string, before func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state == shut {
		return
	}
	if g.current == nil || g.current.address != address || g.current.lost {
		g.retire()
		g.current = newProcess(address)
		before()
	}
	g.change(serving)
	g.release()
}

func (g *gate) fail(fault Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state == shut {
		return
	}
	g.retire()
	g.fault = fault
	g.change(failed)
	g.refuse(func(t *ticket) { t.fault = &fault })
}

func (g *gate) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retire()
	g.change(shut)
	g.refuse(func(t *ticket) { t.shut = true })
}

// refuse answers everybody who waits.
func (g *gate) refuse(how func(*ticket)) {
	for _, t := range g.queue {
		how(t)
		close(t.ready)
	}
	g.queue = nil
}

// retire ends the streams of the current process and leaves it to those requests that it has.
func (g *gate) retire() {
	p := g.current
	if p == nil {
		return
	}
	g.current, g.released = nil, 0
	p.retire()
	if p.plain > 0 {
		g.former[p] = true
	} else {
		p.close()
	}
}

// release lets those who wait go on, in order of arrival, some at a time.
func (g *gate) release() {
	for g.state == serving && len(g.queue) > 0 && g.released < maxReleased {
		t := g.queue[0]
		g.queue = g.queue[1:]
		g.released++
		t.process = g.current
		t.process.plain++
		close(t.ready)
	}
}

// arrived says that a held request has an answer, or took its time.
func (g *gate) arrived(p *process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.current == p && g.released > 0 {
		g.released--
		g.release()
	}
}

// outcome says why a request goes nowhere.
type outcome int

const (
	admitted outcome = iota
	faulty           // the state is a fault
	overdue          // the bounds of waiting are passed
	gone             // the client went away
	closed           // the Front is closed
)

// enter returns the process that a request goes to, after waiting for one for at most the given time. The caller ends
// an admitted request with leave; held says that it has waited, and then the caller says when it arrived.
func (g *gate) enter(ctx context.Context, most time.Duration) (p *process, held bool, why outcome, fault *Fault) {
	g.mu.Lock()
	switch {
	case g.state == failed:
		fault := g.fault
		g.mu.Unlock()
		return nil, false, faulty, &fault
	case g.state == shut:
		g.mu.Unlock()
		return nil, false, closed, nil
	case g.state == serving && len(g.queue) == 0:
		p := g.current
		p.plain++
		g.mu.Unlock()
		return p, false, admitted, nil
	case len(g.queue) >= g.maxHeld:
		g.mu.Unlock()
		return nil, false, overdue, nil
	}
	t := &ticket{ready: make(chan struct{})}
	g.queue = append(g.queue, t)
	g.mu.Unlock()
	why = g.wait(ctx, t, most)
	return t.process, true, why, t.fault
}

// wait waits for a ticket's turn.
func (g *gate) wait(ctx context.Context, t *ticket, most time.Duration) outcome {
	timer := time.NewTimer(most)
	defer timer.Stop()
	why := overdue
	select {
	case <-t.ready:
	case <-timer.C:
		g.withdraw(t)
	case <-ctx.Done():
		why = gone
		g.withdraw(t)
	}
	switch { // a ticket may have had its turn just before it was withdrawn
	case t.process != nil:
		return admitted
	case t.fault != nil:
		return faulty
	case t.shut:
		return closed
	}
	return why
}

func (g *gate) withdraw(t *ticket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue = slices.DeleteFunc(g.queue, func(other *ticket) bool { return other == t })
}

// leave says that a request has ended, or has turned out to be a stream, for which nobody waits.
func (g *gate) leave(p *process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.plain--; p.plain > 0 {
		return
	}
	for _, waiting := range p.idle {
		close(waiting)
	}
	p.idle = nil
	if g.former[p] {
		delete(g.former, p)
		p.close()
	}
}

func (g *gate) idle(address string) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	channel := make(chan struct{})
	if p := g.find(address); p != nil {
		p.idle = append(p.idle, channel)
		return channel
	}
	close(channel)
	return channel
}

func (g *gate) held() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.queue)
}

// find returns the process at an address that has requests, the former before the current one.
func (g *gate) find(address string) *process {
	for p := range g.former {
		if p.address == address {
			return p
		}
	}
	if p := g.current; p != nil && p.address == address && p.plain > 0 {
		return p
	}
	return nil
}

// lose says that a process does not answer any more. Until the dev server has noticed as well, requests are held.
func (g *gate) lose(p *process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p.lost = true
	if g.current == p && g.state == serving {
		g.change(holding)
	}
}

// verdict waits until the dev server has said what became of a process, for at most the given time, and returns the
// fault that it ended with, if any.
func (g *gate) verdict(ctx context.Context, p *process, most time.Duration) *Fault {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		g.mu.Lock()
		state, fault, current, changed := g.state, g.fault, g.current, g.changed
		g.mu.Unlock()
		switch {
		case state == failed:
			return &fault
		case state == shut, state == serving && current != p:
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
