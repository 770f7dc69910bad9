package devserver

import (
	"context"
	"errors"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// TemplateError is an error of templates with the position of each mistake.
type TemplateError struct {
	// Problems are all errors of all templates.
	Problems []build.Problem
	// Err is the error itself.
	Err error
}

// Error returns the text of the error.
func (e *TemplateError) Error() string { return e.Err.Error() }

// Unwrap returns the error.
func (e *TemplateError) Unwrap() error { return e.Err }

// refresh generates the code of templates.
func (s *Server) refresh() {
	paths := s.work.views
	if s.work.all || s.stale {
		paths = nil
	}
	s.work.views, s.work.all = nil, false
	s.refreshing = true
	s.spawn(func() {
		var result Refreshed
		err := s.config.Watcher.Quietly(func() ([]string, error) {
			var err error
			result, err = s.config.Refresh(paths...)
			return result.Written, err
		})
		s.post(func(ctx context.Context) { s.refreshed(ctx, result, err) })
	})
}

func (s *Server) refreshed(ctx context.Context, result Refreshed, err error) {
	s.refreshing, s.stale = false, err != nil
	if s.ending {
		return
	}
	if err != nil && !s.work.refresh() { // otherwise the error may be fixed already
		s.work.code, s.broken = false, true
		s.supersede()
		s.fail(viewFault(err))
		s.retire()
		return
	}
	if result.Code {
		s.work.code = true
		s.supersede()
	}
	s.work.reload = s.work.reload || result.Text
	s.step(ctx)
}

func viewFault(err error) proxy.Fault {
	fault := proxy.Fault{Kind: proxy.View}
	var faulty *TemplateError
	if errors.As(err, &faulty) {
		fault.Problems = problems(faulty.Problems)
		return fault
	}
	fault.Title, fault.Hint = withHint(err)
	return fault
}
