package devserver

import (
	"context"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

// changed handles a batch of changed files.
func (s *Server) changed(ctx context.Context, batch watch.Batch) {
	if batch.Err != nil && !s.ending {
		s.failure = exit.Wrap(exit.Failure, "Run covet serve again in the application's new folder.", batch.Err)
		s.end()
	}
	if s.ending {
		return
	}
	var requested work
	var names []string
	for _, change := range batch.Changes {
		w := classify(change, func(name string) bool { return embedded(s.config.Root, name) })
		if !w.empty() {
			names = append(names, change.Path)
		}
		requested.add(w)
	}
	if requested.empty() {
		return
	}
	s.config.Screen.Changed(names)
	s.schedule(ctx, requested)
}

// schedule adds work and starts the next step.
func (s *Server) schedule(ctx context.Context, requested work) {
	switch {
	case s.broken || s.binary == "" && s.building == nil: // any change may fix the last error
		requested.code, requested.all = true, requested.all || s.stale
	case s.shown != nil: // the process has exited
		requested.restart = true
	}
	s.work.add(requested)
	if requested.code {
		s.supersede()
	}
	s.step(ctx)
}

// supersede stops builds and starts of an older state. The process that serves keeps running, but requests wait for its
// successor.
func (s *Server) supersede() {
	s.config.Proxy.Hold()
	s.shown, s.retry = nil, false
	if s.building != nil {
		s.building.cancel()
		s.building = nil
	}
	s.abortStart()
}

// step starts the next step.
func (s *Server) step(ctx context.Context) {
	if s.ending || s.refreshing || s.migrating {
		return
	}
	switch todo := s.work; {
	case todo.refresh():
		s.refresh()
	case todo.code:
		s.build(ctx)
	case todo.restart:
		s.work = work{}
		if s.building == nil { // a build ends with a start anyway
			s.supersede()
			s.start(ctx)
		}
	case todo.reload:
		s.work = work{}
		s.config.Proxy.Notify(proxy.Event{})
	case len(todo.styles) > 0:
		s.work = work{}
		s.config.Proxy.Notify(proxy.Event{CSS: todo.styles})
	}
}

// keyPressed runs the command of a key.
func (s *Server) keyPressed(ctx context.Context, key rune) {
	if s.ending {
		return
	}
	switch key {
	case 'r':
		s.schedule(ctx, s.fullRebuild())
	case 'o':
		s.config.Browse()
	case 'c':
		s.config.Screen.Clear()
	case 'm':
		if s.shown != nil && s.shown.Kind == proxy.Pending {
			s.migrate(make(chan error, 1))
		}
	case 'q':
		s.end()
	case 'h', '?':
		s.config.Screen.Help()
	}
}

// Restart builds and starts the application again. It returns as soon as that has begun.
func (s *Server) Restart(ctx context.Context) error {
	return s.ask(ctx, func(ctx context.Context, answer chan<- error) {
		if s.ending {
			answer <- errEnded
			return
		}
		s.schedule(ctx, s.fullRebuild())
		answer <- nil
	})
}
