package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/covetgo/covet/app/database"
)

// gate admits one user of the writing connection at a time, in order of arrival.
type gate struct {
	slot   chan struct{}
	holder atomic.Pointer[holder]
	wait   time.Duration
}

// holder is the statement or transaction that uses the writing connection.
type holder struct{ ctx context.Context }

// sameRequest reports whether ctx and the holder's context are cancelled together, as those of one request or one job
// are. Values and a [database.Detach] in between do not matter, a deadline of its own does.
func (h *holder) sameRequest(ctx context.Context) bool {
	return h != nil && ctx.Done() != nil && ctx.Done() == h.ctx.Done()
}

func newGate(wait time.Duration) *gate {
	return &gate{slot: make(chan struct{}, 1), wait: wait}
}

// acquire waits until the gate is free. It returns database.ErrOuterHandle at once when ctx was detached from a
// transaction that is still open, and database.ErrConflict when the wait took longer than the timeout.
func (g *gate) acquire(ctx context.Context) error {
	select {
	case g.slot <- struct{}{}:
	default:
		if database.Detached(ctx) {
			return database.ErrOuterHandle
		}
		if err := g.queue(ctx); err != nil {
			return err
		}
	}
	g.holder.Store(&holder{ctx: ctx})
	return nil
}

func (g *gate) queue(ctx context.Context) error {
	timer := time.NewTimer(g.wait)
	defer timer.Stop()
	select {
	case g.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the writing connection: %w", ctx.Err())
	case <-timer.C:
	}
	if g.holder.Load().sameRequest(ctx) {
		return fmt.Errorf("waiting for the writing connection: %w: a transaction of the same request has held it for %s: %w",
			database.ErrConflict, g.wait, database.ErrOuterHandle)
	}
	return fmt.Errorf("waiting for the writing connection: %w: another transaction has held it for %s; "+
		"keep transactions short, and do not wait in one for a goroutine that writes outside of it",
		database.ErrConflict, g.wait)
}

// release lets the next statement or transaction acquire the gate.
func (g *gate) release() {
	g.holder.Store(nil)
	<-g.slot
}
