package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// phase is how far the life of an application has come.
type phase int

const (
	phaseCreated  phase = iota // New returned
	phaseStarting              // Start runs
	phaseRunning               // Start returned nil
	phaseStopping              // Stop runs or has run
)

// lifecycle is the phase of an application and the steps that its stop undoes. It is safe for concurrent use.
type lifecycle struct {
	mu    sync.Mutex
	phase phase
	steps []step

	stopBegan chan struct{} // closed when a stop begins
	forced    chan struct{} // closed when the stop must not wait any longer
	force     func()
	failed    chan error // receives the error of a server that failed after the start
}

// step undoes one step of the start.
type step struct {
	name string
	undo func(context.Context) error
}

func newLifecycle() *lifecycle {
	forced := make(chan struct{})
	return &lifecycle{
		stopBegan: make(chan struct{}),
		forced:    forced,
		force:     sync.OnceFunc(func() { close(forced) }),
		failed:    make(chan error, 1),
	}
}

// current returns the phase.
func (l *lifecycle) current() phase {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.phase
}

// begin starts the start, which happens once and not after a stop.
func (l *lifecycle) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase != phaseCreated {
		return errors.New("starting the application: it has been started or stopped already")
	}
	l.phase = phaseStarting
	return nil
}

// started ends the start, unless a stop has begun.
func (l *lifecycle) started() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase == phaseStarting {
		l.phase = phaseRunning
	}
}

// onStop adds a step that the stop undoes before those added earlier.
func (l *lifecycle) onStop(name string, undo func(context.Context) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.steps = append(l.steps, step{name, undo})
}

// fail reports the error of a server to Wait. Only the first error is kept.
func (l *lifecycle) fail(err error) {
	select {
	case l.failed <- err:
	default:
	}
}

// stop undoes every step in reverse, and returns all errors. A second call undoes nothing.
func (l *lifecycle) stop(ctx context.Context) error {
	l.mu.Lock()
	if l.phase != phaseStopping {
		l.phase = phaseStopping
		close(l.stopBegan)
	}
	steps := l.steps
	l.steps = nil
	l.mu.Unlock()
	var errs []error
	for _, s := range slices.Backward(steps) {
		if err := s.undo(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", s.name, err))
		}
	}
	return errors.Join(errs...)
}
