package doctor

import (
	"context"
	"time"
)

type lateKey struct{}

// late is what a check waited for when its time was over.
type late struct{ command string }

// recordLate records the command that a check waited for, to be run by hand.
func recordLate(ctx context.Context, command string) {
	if l, ok := ctx.Value(lateKey{}).(*late); ok && l.command == "" {
		l.command = command
	}
}

// runInTime runs a check for at most timeout. A check that takes longer has found nothing: its outcome says how long it
// was given, and what to run by hand.
func runInTime(ctx context.Context, c check, in *inspection, timeout time.Duration) outcome {
	l := &late{}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, lateKey{}, l), timeout)
	defer cancel()
	done := make(chan outcome, 1)
	go func() { done <- c.run(ctx, in) }()
	grace := time.NewTimer(timeout + 2*outputDelay) // a check that reads files does not see the end of its context
	defer grace.Stop()
	select {
	case found := <-done:
		if l.command == "" {
			return found
		}
		return warning("could not be checked in time: "+l.command+" took longer than "+timeout.String(),
			"run it by hand: "+l.command)
	case <-grace.C:
		return warning("could not be checked in time: reading its files took longer than "+timeout.String(),
			"run covet doctor again when the machine is less busy")
	}
}
