package app

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/migrations"
)

// Module is a removable part of an application: ours or yours. Only the name is
// required; what else it can do, it says by implementing further interfaces of
// this package, and guards that with
//
//	var _ covet.Router = (*Module)(nil)
type Module interface {
	// Name is unique in the application, in lower case: "auth".
	Name() string
}

// Router is a module with routes of its own.
type Router interface {
	// Routes registers handlers on a.Echo. It is called once, by Use.
	Routes(a *App) error
}

// Worker is a module with jobs of its own.
type Worker interface {
	// RegisterJobs registers jobs and schedules on a.Jobs. It is called once, by Use.
	RegisterJobs(a *App) error
}

// Migrator is a module with tables of its own.
type Migrator interface {
	// Migrations returns the module's line, which is applied after the library's
	// and before the application's.
	Migrations() migrations.Line
}

// Starter is a module with something to start, after the stores and before the
// first request.
type Starter interface {
	// Start returns once the module is ready. It does not keep ctx.
	Start(ctx context.Context) error
}

// Stopper is a module with something to stop, after the last request.
type Stopper interface {
	// Stop waits for whatever Start began, until ctx ends. It is called once
	// for each Start that succeeded.
	Stop(ctx context.Context) error
}

// HealthChecker is a module that /ready should ask.
type HealthChecker interface {
	// Health returns nil when the module can do its work.
	Health(ctx context.Context) error
}

// Use adds modules in order. It returns an error for a name that is taken and
// for a module that cannot register its routes or jobs.
func (a *App) Use(modules ...Module) error {
	for _, m := range modules {
		if err := a.use(m); err != nil {
			return fmt.Errorf("using module %q: %w", m.Name(), err)
		}
	}
	return nil
}

func (a *App) use(m Module) error {
	for _, other := range a.modules {
		if other.Name() == m.Name() {
			return fmt.Errorf("a module of this name is in use already")
		}
	}
	a.modules = append(a.modules, m)
	if router, ok := m.(Router); ok {
		if err := router.Routes(a); err != nil {
			return err
		}
	}
	if worker, ok := m.(Worker); ok {
		if err := worker.RegisterJobs(a); err != nil {
			return err
		}
	}
	if provider, ok := m.(SectionProvider); ok {
		for _, section := range provider.AdminSections() {
			if err := a.addSection(section); err != nil {
				return err
			}
		}
	}
	return nil
}

// Modules returns the modules in use, in order.
func (a *App) Modules() []Module { return append([]Module(nil), a.modules...) }
