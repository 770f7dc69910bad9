package devserver

import (
	"context"
	"errors"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/front"
)

// job is a build that runs.
type job struct{ cancel context.CancelFunc }

// build compiles the application. A build that runs is stopped: it compiles what is old by now.
func (l *Server) build(ctx context.Context) {
	l.work = work{} // pages load again after a swap
	l.supersede()
	ctx, cancel := context.WithCancel(ctx)
	this := &job{cancel: cancel}
	l.building = this
	used := map[string]bool{}
	for _, i := range l.instances() {
		used[i.binary] = true
	}
	first := l.binary == ""
	l.spawn(func() {
		defer cancel()
		slow := time.AfterFunc(l.config.Quiet, func() {
			l.post(func(context.Context) {
				if l.building == this {
					l.config.Screen.Building(first)
				}
			})
		})
		defer slow.Stop()
		result, err := l.config.Builder.Build(ctx, func(binary string) bool { return used[binary] })
		l.post(func(ctx context.Context) { l.built(ctx, this, result, err) })
	})
}

// built takes the outcome of a build, unless another one has taken its place.
func (l *Server) built(ctx context.Context, this *job, result build.Result, err error) {
	if l.building != this || l.ending {
		return
	}
	l.building = nil
	if err != nil {
		l.broken = true
		l.fail(buildFault(l.config.Root, err))
		l.retire()
		return
	}
	l.broken, l.binary = false, result.Binary
	l.config.Screen.Built(result.Took)
	l.start(ctx)
}

func buildFault(root string, err error) front.Fault {
	fault := front.Fault{Kind: front.Build}
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

func problems(list []build.Problem) []front.Problem {
	var all []front.Problem
	for _, p := range list {
		all = append(all, front.Problem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message})
	}
	return all
}

// withHint takes an error apart.
func withHint(err error) (text, hint string) {
	var known *exit.Error
	if errors.As(err, &known) {
		hint = known.Hint
	}
	return err.Error(), hint
}

// fail shows a fault in the browser and on the terminal.
func (l *Server) fail(fault front.Fault) {
	l.shown = &fault
	l.config.Front.Fail(fault)
	l.config.Front.Notify(front.Event{})
	l.config.Screen.Fault(fault)
}
