package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"

	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/migrations"
)

// Module is a removable part of an application: one of Covet's batteries or your own. Only the name is required.
// Everything else is a capability: an interface with one method, declared in this package, which a module implements if
// it needs it. Guard each with
//
//	var _ covet.Router = (*Module)(nil)
//
// so that a misspelt method does not compile. Models for admin sections are in
// [SectionProvider], permissions in [PermissionProvider], middleware in [MiddlewareProvider], and commands in
// command.Provider.
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
	// RegisterJobs registers jobs and schedules on a.Jobs. It is called once, by
	// Use, after Routes.
	RegisterJobs(a *App) error
}

// Migrator is a module with tables of its own.
type Migrator interface {
	// Migrations returns the module's migrations, which are applied after the
	// library's and before the application's.
	Migrations() migrations.Source
}

// ContextProvider is a module that adds values to the context of every request, job and command: a cache, policies, a
// tracer.
type ContextProvider interface {
	// Context returns ctx with the module's values. It is called for each request,
	// each run of a job and each command, concurrently, and must be cheap.
	Context(ctx context.Context) context.Context
}

// TextProvider is a module with texts that users read.
type TextProvider interface {
	// Texts returns the sets of texts, which an application translates and overrides by their names. It is called once,
	// by Use.
	Texts() []*text.Set
}

// Starter is a module with something to start, after the stores and before the
// first request.
type Starter interface {
	// Start returns once the module is ready. It does not keep ctx.
	Start(ctx context.Context) error
}

// Stopper is a module with something to stop, after the last request.
type Stopper interface {
	// Stop waits for everything that Start started, until ctx ends. It is called once for each successful Start.
	Stop(ctx context.Context) error
}

// HealthChecker is a module that takes part in /ready.
type HealthChecker interface {
	// Health returns nil if the module works. It is called for each request to /ready, with a timeout of three seconds.
	Health(ctx context.Context) error
}

// Warner is a module that warns about its configuration at start, such as a default that is unsuitable for production.
type Warner interface {
	// Warnings returns one sentence for each warning. Start logs them.
	Warnings() []string
}

// TLSProvider is a module that makes the application serve HTTPS itself.
type TLSProvider interface {
	// TLSConfig returns the configuration for the application's listener, or nil
	// to leave it plain. It is called by Start, after the Start of the modules. Two
	// modules that both return one are an error.
	TLSConfig(ctx context.Context) (*tls.Config, error)
}

// ServerProvider is a module with HTTP servers of its own beside the
// application's: for metrics, or a redirect from port 80.
type ServerProvider interface {
	// Servers returns the servers. It is called by Start, before anything is
	// started, so that an address in use is reported at once.
	Servers() ([]Server, error)
}

// Server is an HTTP server that an application runs beside its own. It starts after
// the modules and stops with the application's server, under the same timeouts.
type Server struct {
	// Name is for logs and errors: "metrics". Required.
	Name string
	// Address is what to listen on, "127.0.0.1:9090". Required.
	Address string
	// Handler serves the requests. Defaults to the application.
	Handler http.Handler
	// TLS is the configuration of its TLS. Defaults to plain HTTP.
	TLS *tls.Config
	// Worker runs the server in processes that only work jobs, too. Defaults to
	// false.
	Worker bool
}

// Use adds modules in order. It returns an error for a duplicate name and for a module that cannot register its routes,
// jobs, middleware or sections.
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
			return fmt.Errorf("a module of this name is already in use")
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
	if provider, ok := m.(ContextProvider); ok {
		a.contexts = append(a.contexts, provider)
	}
	if provider, ok := m.(TextProvider); ok {
		if err := a.addTexts(provider.Texts()...); err != nil {
			return err
		}
	}
	if provider, ok := m.(MiddlewareProvider); ok {
		if err := a.addMiddleware(provider.Middleware()); err != nil {
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

// Context returns ctx with what the application's own code finds in a context: the
// database for the validation tags unique and exists, and the values of each
// [ContextProvider]. Requests, jobs and commands have it already; it is for code
// that starts with a context of its own, such as a test.
func (a *App) Context(ctx context.Context) context.Context {
	ctx = a.withLookup(ctx)
	for _, provider := range a.contexts {
		ctx = provider.Context(ctx)
	}
	return ctx
}
