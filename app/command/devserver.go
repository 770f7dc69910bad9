package command

import (
	"context"
	"errors"
	"os"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/internal/devlink"
	"github.com/covetgo/covet/migrations"
)

const (
	// finishTimeout is how long requests and jobs have to finish under a dev server, which kills processes after
	// devlink.Grace. Jobs that take longer return to the queue and run in the next process.
	finishTimeout = devlink.Grace / 2
	// exitTimeout is how long an application may run after its dev server has exited.
	exitTimeout = 8 * time.Second
)

// link is the dev server of the environment.
type link struct {
	*devlink.Link // nil without one
	err           error
}

func linkFromEnvironment() link {
	l, ok, err := devlink.FromEnvironment()
	if !ok {
		return link{err: err}
	}
	return link{Link: &l}
}

// forConfig returns the link for an application with this configuration, or nil outside of development, where the
// variable is ignored.
func (l link) forConfig(kernel *covet.Config) (*devlink.Link, error) {
	if !kernel.Development() {
		return nil, nil
	}
	return l.Link, exit.Wrap(exit.Config, "Only covet serve sets it.", l.err)
}

// runUnderDevServer runs the application, reports its address to the dev server, and stops when the dev server asks for
// it or exits.
func (p *program) runUnderDevServer(ctx context.Context, a *covet.App, roles covet.Roles) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	defer close(ended)
	go stopOnRequest(ctx, devlink.AwaitStop(p.in), stop, a, ended)
	roles.Prepare = func(ctx context.Context) error { return p.prepareForDevServer(ctx, a) }
	if err := a.Start(ctx, roles); err != nil {
		return err
	}
	// A stop during the start is handled like any other.
	if err := a.Config.DevServer.SendReady(ctx, devlink.Ready{Address: a.Address()}); err != nil && ctx.Err() == nil {
		stop()
		return errors.Join(err, a.Wait(ctx))
	}
	return a.Wait(ctx)
}

// stopOnRequest stops the application when the dev server asks for it or when ctx ends, and forces the stop after
// exitTimeout if the dev server has exited.
func stopOnRequest(ctx context.Context, stops <-chan devlink.Stop, stop context.CancelFunc, a *covet.App,
	ended <-chan struct{},
) {
	requested := devlink.Graceful
	select {
	case requested = <-stops:
		stop()
	case <-ctx.Done():
	}
	if requested == devlink.Graceful {
		waitForEnd(stops, ended)
	}
	a.ForceStop()
	timer := time.NewTimer(exitTimeout)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		os.Exit(exit.Interrupted)
	}
}

// waitForEnd waits until the application has stopped, at most finishTimeout, and only while the dev server runs.
func waitForEnd(stops <-chan devlink.Stop, ended <-chan struct{}) {
	finish := time.NewTimer(finishTimeout)
	defer finish.Stop()
	for {
		select {
		case requested := <-stops:
			if requested == devlink.Immediate {
				return
			}
		case <-finish.C:
			return
		case <-ended:
			return
		}
	}
}

// prepareForDevServer creates the schema of a new embedded database. Later migrations are reported to the dev server,
// which shows them: the developer applies them, and may still be writing them.
func (p *program) prepareForDevServer(ctx context.Context, a *covet.App) error {
	all, err := a.Migrations().Status(ctx)
	if err != nil {
		return err
	}
	message := devlink.Pending{Database: a.DB.Server()}
	for _, m := range all {
		if m.State == migrations.StatePending {
			message.Migrations = append(message.Migrations,
				devlink.Migration{Source: m.Source, Version: m.Version, Name: m.Name})
		}
	}
	switch {
	case len(message.Migrations) == 0:
		return nil
	case len(message.Migrations) == len(all) && a.DB.Embedded():
		return p.applyPending(ctx, a)
	}
	if err := a.Config.DevServer.SendPending(ctx, message); err != nil {
		return err
	}
	return p.pendingError(a, len(message.Migrations))
}
