package devserver

import (
	"context"
	"errors"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// errNonePending is returned to a button of an old page.
var errNonePending = errors.New("there are no pending migrations")

// Migrate applies the pending migrations and starts the application. It returns their error as soon as they are applied
// or have failed.
func (s *Server) Migrate(ctx context.Context) error {
	return s.ask(ctx, func(_ context.Context, answer chan<- error) { s.migrate(answer) })
}

// migrate runs the migrations and sends the result to answer, which does not block.
func (s *Server) migrate(answer chan<- error) {
	if s.ending || s.migrating || s.shown == nil || s.shown.Kind != proxy.Pending {
		answer <- errNonePending
		return
	}
	fault := *s.shown
	p, err := s.config.Migrate(s.binary)
	if err != nil {
		fault.Output = err.Error()
		s.fail(fault)
		answer <- err
		return
	}
	s.migrating = true
	s.config.Proxy.Hold()
	i := &instance{process: p, binary: s.binary}
	s.stopping[i] = true // the dev server waits for it, and does not overwrite its binary
	s.spawn(func() {
		<-p.Done()
		s.post(func(ctx context.Context) {
			delete(s.stopping, i)
			s.migrating = false
			answer <- s.migrated(ctx, p, fault)
		})
	})
}

func (s *Server) migrated(ctx context.Context, p Process, fault proxy.Fault) error {
	if s.ending {
		return errEnded
	}
	if p.Exit().Code != 0 {
		fault.Output = p.Tail()
		s.fail(fault)
		s.step(ctx)
		return errors.New(strings.TrimSpace(p.Tail()))
	}
	s.shown = nil
	s.work.restart = true
	s.step(ctx)
	return nil
}
