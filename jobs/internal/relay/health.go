package relay

import (
	"context"
	"fmt"
	"sync"
)

// Health asks the database and the transport now, for what each round needs of them. While an outage is recorded, it
// has the loop of Run try again at once and waits for the result: nil means that jobs are relayed.
func (r *Relay) Health(ctx context.Context) error {
	if _, err := r.transport.Epoch(ctx); err != nil {
		return err
	}
	if _, _, err := r.outbox.Earliest(ctx, r.outbox.Now()); err != nil {
		return fmt.Errorf("looking for jobs to relay: %w", err)
	}
	if r.outage.Current() == nil {
		return nil
	}
	return r.attempts.next(ctx)
}

// attempts lets others wait for the next round of a loop that pauses after a failed one. It is safe for concurrent
// use.
type attempts struct {
	wanted chan struct{} // holds an element when a round is requested

	mu      sync.Mutex
	running *attempt
	waiting *attempt // the next one to begin
}

// attempt is one round. err is set before done is closed.
type attempt struct {
	done chan struct{}
	err  error
}

// next requests a round and returns its result. A round that runs already does not count: it may have begun before
// the end of the outage.
func (a *attempts) next(ctx context.Context) error {
	a.mu.Lock()
	if a.waiting == nil {
		a.waiting = &attempt{done: make(chan struct{})}
	}
	wanted := a.waiting
	a.mu.Unlock()
	signal(a.wanted)
	select {
	case <-wanted.done:
		return wanted.err
	case <-ctx.Done():
		return fmt.Errorf("waiting until jobs are relayed again: %w", ctx.Err())
	}
}

// begin is called before a round.
func (a *attempts) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running, a.waiting = a.waiting, nil
}

// end is called after a round, and when the loop ends.
func (a *attempts) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running != nil {
		a.running.err = err
		close(a.running.done)
		a.running = nil
	}
}
