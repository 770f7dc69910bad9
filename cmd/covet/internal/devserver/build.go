package devserver

import (
	"context"
	"errors"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// buildTask is a running build.
type buildTask struct {
	cancel context.CancelFunc
	began  time.Time
}

// build compiles the application. It stops a running build, whose sources are outdated.
func (s *Server) build(ctx context.Context) {
	s.work = work{} // pages reload after a swap
	s.supersede()
	ctx, cancel := context.WithCancel(ctx)
	this := &buildTask{cancel: cancel, began: time.Now()}
	s.building = this
	used := map[string]bool{}
	for _, i := range s.instances() {
		used[i.binary] = true
	}
	s.spawn(func() {
		defer cancel()
		result, err := s.config.Builder.Build(ctx, func(binary string) bool { return used[binary] })
		s.post(func(ctx context.Context) { s.built(ctx, this, result, err) })
	})
}

// built handles the result of a build, unless a newer build has replaced it.
func (s *Server) built(ctx context.Context, this *buildTask, result build.Result, err error) {
	if s.building != this || s.ending {
		return
	}
	s.building = nil
	if err != nil {
		s.broken = true
		s.fail(buildFault(s.config.Root, err))
		s.retire()
		return
	}
	s.broken, s.binary = false, result.Binary
	s.config.Screen.Built(result.Took)
	s.start(ctx)
}

func buildFault(root string, err error) proxy.Fault {
	fault := proxy.Fault{Kind: proxy.Build}
	var failed *build.Error
	if !errors.As(err, &failed) {
		fault.Title, fault.Hint = withHint(err)
		return fault
	}
	fault.Problems, fault.Hint = problems(inTemplates(root, failed.Problems)), failed.Hint
	fault.Command, fault.Took = failed.Command, failed.Took
	if len(fault.Problems) == 0 {
		fault.Output = failed.Output
		if failed.Output == "" {
			fault.Title = failed.Text
		}
	}
	return fault
}

func problems(list []build.Problem) []proxy.Problem {
	var all []proxy.Problem
	for _, p := range list {
		all = append(all, proxy.Problem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message})
	}
	return all
}

// withHint splits an error into text and hint.
func withHint(err error) (text, hint string) {
	var known *exit.Error
	if errors.As(err, &known) {
		hint = known.Hint
	}
	return err.Error(), hint
}

// fail shows a fault in the browser and on the terminal.
func (s *Server) fail(fault proxy.Fault) {
	s.shown = &fault
	s.config.Proxy.Fail(fault)
	s.config.Proxy.Notify(proxy.Event{})
	s.config.Screen.Fault(fault)
}
