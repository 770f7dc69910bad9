package doctor

import (
	"context"
	"time"
)

type lateKey struct{}

// late is what a check was waiting for when it timed out.
type late struct{ command string }

// recordLate records the command that a check waited for, to suggest running it by hand.
func recordLate(ctx context.Context, command string) {
	if l, ok := ctx.Value(lateKey{}).(*late); ok && l.command == "" {
		l.command = command
	}
}

// runInTime runs a check for at most timeout. The result of a slow check reports the timeout, and what to run by hand.
func runInTime(ctx context.Context, c check, in *inspection, timeout time.Duration) outcome {
	l := &late{}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, lateKey{}, l), timeout)
	defer cancel()
	done := make(chan outcome, 1)
	go func() { done <- c.run(ctx, in) }()
	grace := time.NewTimer(timeout + 2*outputDelay) // a check that reads files does not watch its context
	defer grace.Stop()
	select {
	case found := <-done:
		if l.command == "" {
			return found
		}
		return warning("timed out: "+l.command+" took longer than "+timeout.String(),
			"run it by hand: "+l.command)
	case <-grace.C:
		return warning("timed out: reading its files took longer than "+timeout.String(),
			"run covet doctor again when the machine is less busy")
	}
}
