package app

import (
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"
)

// MiddlewareProvider is a module with middleware for every request.
type MiddlewareProvider interface {
	// Middleware returns the middleware. It is called once, by Use, after Routes.
	Middleware() []Middleware
}

// Middleware runs around every request, the ones for unknown addresses included, at
// its position in the chain.
type Middleware struct {
	// Name identifies the middleware in errors and lists: "maintenance". Required.
	Name string
	// Position is where in the chain it runs. Defaults to BeforeRouting. At one
	// position middleware runs in the order of the modules.
	Position Position
	// Func is the middleware. Required.
	Func echo.MiddlewareFunc
}

// Position is a place in the chain of middleware around every request. From the
// outside to the inside the chain is:
//
//	request id       X-Request-Id, nonce, and the values of modules in the context
//	  Outermost      tracing: sees the status that the client gets
//	access log       one line for each request; errors become responses here
//	compression      gzip
//	panic recovery   a panic becomes an error
//	headers          Content-Security-Policy and other security headers
//	  BeforeChecks   maintenance mode, firewall, rate limits by address
//	cross-origin     refuses cross-origin writes
//	body limit       bounds the request's body
//	  Identify       finds out which user sends the request
//	  BeforeRouting  everything else, such as the tenant or limits by account
//	router           middleware of echo's Use, groups and routes, then the handler
type Position int

// The positions of middleware.
const (
	BeforeRouting Position = iota
	Identify
	BeforeChecks
	Outermost
)

// addMiddleware adds the middleware of a module to the chain.
func (a *App) addMiddleware(list []Middleware) error {
	for _, m := range list {
		switch {
		case m.Name == "":
			return fmt.Errorf("middleware without a name")
		case m.Func == nil:
			return fmt.Errorf("middleware %q: Func is nil", m.Name)
		case m.Position < BeforeRouting || m.Position > Outermost:
			return fmt.Errorf("middleware %q: unknown position %d", m.Name, m.Position)
		}
		a.middleware = append(a.middleware, m)
	}
	return nil
}

// middlewareAt returns middleware that runs what modules have put at a position, also those that are used later.
func (a *App) middlewareAt(position Position) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		for _, m := range slices.Backward(a.middleware) {
			if m.Position == position {
				next = m.Func(next)
			}
		}
		return next
	}
}
