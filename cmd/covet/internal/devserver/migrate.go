package devserver

import (
	"context"
	"errors"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/front"
)

// errNonePending is the answer to a button of an old page.
var errNonePending = errors.New("no migration is pending any more")

// Migrate applies the pending migrations and starts the application. It returns once they are applied, with what went
// wrong as its error.
func (l *Server) Migrate(ctx context.Context) error {
	return l.ask(ctx, func(_ context.Context, answer chan<- error) { l.migrate(answer) })
}

// migrate runs the migrations and sends the outcome to answer, which takes it without waiting.
func (l *Server) migrate(answer chan<- error) {
	if l.ending || l.migrating || l.shown == nil || l.shown.Kind != front.Pending {
		answer <- errNonePending
		return
	}
	fault := *l.shown
	p, err := l.config.Migrate(l.binary)
	if err != nil {
		fault.Output = err.Error()
		l.fail(fault)
		answer <- err
		return
	}
	l.migrating = true
	l.config.Front.Hold()
	i := &instance{process: p, binary: l.binary}
	l.leaving[i] = true // the dev server does not end before it has, and does not overwrite its binary
	l.spawn(func() {
		<-p.Done()
		l.post(func(ctx context.Context) {
			delete(l.leaving, i)
			l.migrating = false
			answer <- l.migrated(ctx, p, fault)
		})
	})
}

func (l *Server) migrated(ctx context.Context, p Process, fault front.Fault) error {
	if l.ending {
		return errEnded
	}
	if p.Exit().Code != 0 {
		fault.Output = p.Tail()
		l.fail(fault)
		l.step(ctx)
		return errors.New(strings.TrimSpace(p.Tail()))
	}
	l.shown = nil
	l.work.restart = true
	l.step(ctx)
	return nil
}
