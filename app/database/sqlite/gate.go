package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/covetgo/covet/app/database"
)

// gate lets one at a time use the writer, in order of arrival.
type gate struct {
	slot   chan struct{}
	holder atomic.Pointer[holder]
	wait   time.Duration
}

// holder is who has passed the gate.
type holder struct {
	goroutine int64
	ctx       context.Context // of the transaction; when it is over the gate is about to open
}

func newGate(wait time.Duration) *gate {
	return &gate{slot: make(chan struct{}, 1), wait: wait}
}

// enter waits until the gate is free. It returns database.ErrOuterHandle when this goroutine holds it, and ErrConflict
// when waiting took longer than the timeout.
func (g *gate) enter(ctx context.Context) error {
	me := goroutineID()
	select {
	case g.slot <- struct{}{}:
	default:
		if h := g.holder.Load(); h != nil && me != 0 && h.goroutine == me && h.ctx.Err() == nil {
			return database.ErrOuterHandle
		}
		if err := g.queue(ctx); err != nil {
			return err
		}
	}
	g.holder.Store(&holder{goroutine: me, ctx: ctx})
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
		return fmt.Errorf("waiting for the writing connection: %w: another goroutine has held it for %s; "+
			"a transaction is very long, or waits for this goroutine "+
			"(which must then use the transaction's ctx or tx)", database.ErrConflict, g.wait)
	}
}

// leave opens the gate for the next.
func (g *gate) leave() {
	g.holder.Store(nil)
	<-g.slot
}

// goroutineID returns the number of the calling goroutine, from the first line of its stack trace ("goroutine 7 ["),
// in about a microsecond. Go offers it nowhere else. It only serves to tell a goroutine that it would wait for
// itself; should the format ever change it returns 0, and such waits end with the timeout instead.
func goroutineID() int64 {
	var buf [64]byte
	line := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(line, []byte(" "))
	id, _ := strconv.ParseInt(string(number), 10, 64)
	return id
}
