package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// readers is the pool of connections that only read.
type readers struct {
	engine *engine
	slots  chan struct{}
	idle   int

	mu     sync.Mutex
	free   []fileConn
	closed bool
}

func newReaders(e *engine, count, idle int) *readers {
	return &readers{engine: e, slots: make(chan struct{}, count), idle: idle}
}

// acquire waits for a reader as long as ctx allows.
func (r *readers) acquire(ctx context.Context) (fileConn, error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a reading connection: %w", ctx.Err())
	}
	f, err := r.take(ctx)
	if err != nil {
		<-r.slots
		return nil, err
	}
	return f, nil
}

func (r *readers) take(ctx context.Context) (fileConn, error) {
	r.mu.Lock()
	if n := len(r.free); n > 0 {
		f := r.free[n-1]
		r.free = r.free[:n-1]
		r.mu.Unlock()
		return f, nil
	}
	r.mu.Unlock()
	// The writer comes first: it creates the file and switches it to WAL.
	if _, err := r.engine.open(ctx); err != nil {
		return nil, err
	}
	return r.engine.connect(ctx, r.engine.dsn(r.engine.wait, readerPragmas...))
}

// release takes a reader back.
func (r *readers) release(f fileConn) {
	defer func() { <-r.slots }()
	r.mu.Lock()
	keep := !r.closed && len(r.free) < r.idle && f.IsValid()
	if keep {
		r.free = append(r.free, f)
	}
	r.mu.Unlock()
	if !keep {
		_ = f.Close() // a reader has nothing to lose
	}
}

func (r *readers) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	var err error
	for _, f := range r.free {
		err = errors.Join(err, f.Close())
	}
	r.free = nil
	return err
}
