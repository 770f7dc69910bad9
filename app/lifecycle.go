package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/jobs"
)

// Roles are the tasks of one process of the application.
type Roles struct {
	// Web serves HTTP.
	Web bool
	// Work runs jobs and fires schedules.
	Work bool
	// Queues are the only queues that this process works. Defaults to those of the configuration, with warnings about
	// jobs in others.
	Queues []string
	// Prepare is called once the database is available and before anything uses it, to update or check its schema.
	// Defaults to nothing.
	Prepare func(ctx context.Context) error
}

// Start connects to the stores, verifies them, and starts the parts of the application in order. If one fails, those
// before it are stopped. The parts outlive ctx; [App.Stop] stops them. An App starts once.
func (a *App) Start(ctx context.Context, roles Roles) error {
	if err := a.life.begin(); err != nil {
		return err
	}
	for _, warning := range a.warnings() {
		a.Log.WarnContext(ctx, warning)
	}
	err := a.start(ctx, roles)
	if err == nil {
		a.life.started()
		return nil
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, a.Stop(undo))
}

// warnings returns the warnings of the configuration, the services and the modules.
func (a *App) warnings() []string {
	list := a.Config.Warnings()
	if folder, ok := a.Storage.(*storage.Folder); ok && a.Config.Production() {
		list = append(list, "files are stored in "+folder.Path()+": back it up, and share it if several machines serve")
	}
	for _, m := range a.modules {
		if warner, ok := m.(Warner); ok {
			list = append(list, warner.Warnings()...)
		}
	}
	return list
}

func (a *App) start(ctx context.Context, roles Roles) error {
	// Ports come first, so that one in use is reported at once.
	servers, err := a.bind(ctx, roles)
	if err != nil {
		return err
	}
	if roles.Work && !roles.Web && a.Config.Worker.Liveness != "" {
		liveness, err := a.listenForLiveness(ctx)
		if err != nil {
			return err
		}
		a.serveLiveness(liveness)
	}
	if err := a.DB.Ping(ctx); err != nil {
		return err
	}
	if roles.Prepare != nil {
		if err := roles.Prepare(ctx); err != nil {
			return err
		}
	}
	if err := a.Redis.Start(ctx); err != nil {
		return exit.Wrap(exit.Unavailable, "", err)
	}
	if err := a.startModules(ctx); err != nil {
		return err
	}
	a.life.onStop("jobs", a.Jobs.Stop)
	if err := a.Jobs.Start(ctx, jobs.Roles{Work: roles.Work, Queues: roles.Queues}); err != nil {
		return fmt.Errorf("starting jobs: %w", err)
	}
	return a.serve(ctx, servers)
}

func (a *App) startModules(ctx context.Context) error {
	for _, m := range a.modules {
		if starter, ok := m.(Starter); ok {
			if err := starter.Start(ctx); err != nil {
				return fmt.Errorf("starting module %q: %w", m.Name(), err)
			}
		}
		if stopper, ok := m.(Stopper); ok {
			a.life.onStop("module "+m.Name(), stopper.Stop)
		}
	}
	return nil
}

// Stop stops the application in reverse order: readiness becomes false, the listener drains, running jobs finish or
// return to the queue, the stores close. It attempts every step, returns all errors, and does nothing the second time.
func (a *App) Stop(ctx context.Context) error { return a.life.stop(ctx) }

// Stopping is closed when a stop begins. Long responses, such as a stream of events, must end then, because the stop
// waits for requests.
func (a *App) Stopping() <-chan struct{} { return a.life.stopBegan }

// Wait waits until ctx ends or the server fails, and stops the application. The
// stop waits for Config.HTTP.DrainDelay, then at most
// Config.HTTP.ShutdownTimeout for requests, then at most
// Config.Jobs.ShutdownTimeout for jobs.
func (a *App) Wait(ctx context.Context) error {
	var failure error
	select {
	case <-ctx.Done():
		if a.Config.DevServer == nil { // which stops applications all the time
			a.Log.InfoContext(ctx, "stopping", slog.String("at_most", a.stopTimeout().String()))
		}
	case failure = <-a.life.failed:
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.stopTimeout())
	defer cancel()
	go func() {
		select {
		case <-a.life.forced:
			cancel()
		case <-stopping.Done():
		}
	}()
	return errors.Join(failure, a.Stop(stopping))
}

// ForceStop ends the stop of [App.Wait], now or later, without waiting: running requests are aborted, and running jobs
// return to the queue.
func (a *App) ForceStop() { a.life.force() }

// stopTimeout is the timeout of a stop: requests, jobs, and a moment for the stores.
func (a *App) stopTimeout() time.Duration {
	return a.Config.HTTP.DrainDelay + a.Config.HTTP.withDefaults().ShutdownTimeout +
		a.Config.Jobs.WithDefaults().ShutdownTimeout + 5*time.Second
}

// Migrate applies pending migrations and logs each. It does not require a start.
func (a *App) Migrate(ctx context.Context) error {
	applied, err := a.Migrations().Up(ctx)
	for _, m := range applied {
		a.Log.InfoContext(ctx, "migrated", "source", m.Source, "version", m.Version, "name", m.Name)
	}
	return err
}
