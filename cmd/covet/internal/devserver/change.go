package devserver

import (
	"context"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/front"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

// changed takes a batch of changed files in.
func (l *Server) changed(ctx context.Context, batch watch.Batch) {
	if batch.Err != nil && !l.ending {
		l.failure = exit.Wrap(exit.Failure, "Start covet serve again where the application is now.", batch.Err)
		l.end()
	}
	if l.ending {
		return
	}
	var asked work
	var names []string
	for _, change := range batch.Changes {
		w := classify(change, func(name string) bool { return embedded(l.config.Root, name) })
		if !w.empty() {
			names = append(names, change.Path)
		}
		asked.add(w)
	}
	if asked.empty() {
		return
	}
	l.config.Screen.Changed(names)
	l.do(ctx, asked)
}

// do adds work to what is to be done, and begins it.
func (l *Server) do(ctx context.Context, asked work) {
	switch {
	case l.broken || l.binary == "" && l.building == nil: // whatever has changed may be what was missing
		asked.code, asked.all = true, asked.all || l.stale
	case l.shown != nil: // the process has ended
		asked.restart = true
	}
	l.work.add(asked)
	if asked.code {
		l.supersede()
	}
	l.step(ctx)
}

// supersede stops what builds or starts the state before a change. The process that serves goes on, but requests wait
// for its successor.
func (l *Server) supersede() {
	l.config.Front.Hold()
	l.shown, l.again = nil, false
	if l.building != nil {
		l.building.cancel()
		l.building = nil
	}
	l.abandon()
}

// step begins what is to be done next.
func (l *Server) step(ctx context.Context) {
	if l.ending || l.refreshing || l.migrating {
		return
	}
	switch todo := l.work; {
	case todo.refresh():
		l.refresh()
	case todo.code:
		l.build(ctx)
	case todo.restart:
		l.work = work{}
		if l.building == nil { // a build ends with a start anyway
			l.supersede()
			l.start(ctx)
		}
	case todo.reload:
		l.work = work{}
		l.config.Front.Notify(front.Event{})
	case len(todo.styles) > 0:
		l.work = work{}
		l.config.Front.Notify(front.Event{CSS: todo.styles})
	}
}

// pressed does what a key stands for.
func (l *Server) pressed(ctx context.Context, key rune) {
	if l.ending {
		return
	}
	switch key {
	case 'r':
		l.do(ctx, l.everything())
	case 'o':
		l.config.Browse()
	case 'c':
		l.config.Screen.Clear()
	case 'm':
		if l.shown != nil && l.shown.Kind == front.Pending {
			l.migrate(make(chan error, 1))
		}
	case 'q':
		l.end()
	case 'h', '?':
		l.config.Screen.Help()
	}
}

// Restart builds and starts the application again. It returns once that has begun.
func (l *Server) Restart(ctx context.Context) error {
	return l.ask(ctx, func(ctx context.Context, answer chan<- error) {
		if l.ending {
			answer <- errEnded
			return
		}
		l.do(ctx, l.everything())
		answer <- nil
	})
}
