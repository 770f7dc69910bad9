package devserver

import (
	"context"
	"errors"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/front"
)

// Faulty is an error of a template that knows where its mistakes are.
type Faulty struct {
	// Problems are all mistakes of all templates.
	Problems []build.Problem
	// Err is the error itself.
	Err error
}

// Error returns the text of the error.
func (e *Faulty) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *Faulty) Unwrap() error { return e.Err }

// refresh generates the code of templates.
func (l *Server) refresh() {
	paths := l.work.views
	if l.work.all || l.stale {
		paths = nil
	}
	l.work.views, l.work.all = nil, false
	l.refreshing = true
	l.spawn(func() {
		var result Refreshed
		err := l.config.Watcher.Quietly(func() ([]string, error) {
			var err error
			result, err = l.config.Refresh(paths...)
			return result.Written, err
		})
		l.post(func(ctx context.Context) { l.refreshed(ctx, result, err) })
	})
}

func (l *Server) refreshed(ctx context.Context, result Refreshed, err error) {
	l.refreshing, l.stale = false, err != nil
	if l.ending {
		return
	}
	if err != nil && !l.work.refresh() { // otherwise the mistake may be corrected already
		l.work.code, l.broken = false, true
		l.supersede()
		l.fail(viewFault(err))
		l.retire()
		return
	}
	if result.Code {
		l.work.code = true
		l.supersede()
	}
	l.work.reload = l.work.reload || result.Text
	l.step(ctx)
}

func viewFault(err error) front.Fault {
	fault := front.Fault{Kind: front.View}
	var faulty *Faulty
	if errors.As(err, &faulty) {
		fault.Problems = problems(faulty.Problems)
		return fault
	}
	fault.Title, fault.Hint = withHint(err)
	return fault
}
