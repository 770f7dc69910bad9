package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
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
//	language         the language and the time zone of the user in the context
//	  Outermost      tracing: sees the status that the client gets
//	access log       one line for each request; errors become responses here
//	deadline         ends the request's context in time for a response
//	compression      gzip
//	panic recovery   a panic becomes an error
//	headers          Content-Security-Policy and other security headers
//	CORS             lets the origins of AllowCORS pass
//	  BeforeChecks   maintenance mode, firewall, rate limits by address
//	cross-origin     refuses cross-origin writes
//	body limit       bounds the request's body
//	ranges           refuses ranges that overlap
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

// link is middleware around every request.
type link struct {
	name     string // empty where modules put theirs
	position Position
	run      echo.MiddlewareFunc
}

// linkAt returns the place of what modules put at a position.
func (a *App) linkAt(position Position) link {
	return link{position: position, run: a.middlewareAt(position)}
}

// Chain returns the names of the middleware around every request, from the outside to the inside: Covet's, and those of
// modules at their positions. What is added to Echo, to groups and to routes runs inside of them.
func (a *App) Chain() []string {
	var names []string
	for _, l := range a.chain {
		if l.name != "" {
			names = append(names, l.name)
			continue
		}
		for _, m := range a.middleware {
			if m.Position == l.position {
				names = append(names, m.Name)
			}
		}
	}
	return names
}

// corsPath is a path below which other origins are allowed.
type corsPath struct {
	prefix string
	middleware.CORS
}

// AllowCORS lets scripts of other origins use the path prefix and everything below it, such as "/api/widgets": preflight
// requests are answered, and writes of these origins pass the cross-origin check. Of several prefixes the longest one
// counts. It is called before the application serves, and panics if [middleware.CORS.Check] returns an error or prefix
// does not begin with a slash.
//
//	a.AllowCORS("/api/widgets", middleware.CORS{Origins: []string{"https://partner.example"}})
func (a *App) AllowCORS(prefix string, cors middleware.CORS) {
	err := cors.Check()
	if err == nil && !strings.HasPrefix(prefix, "/") {
		err = fmt.Errorf("cors: the path %q does not begin with a slash", prefix)
	}
	if err != nil {
		panic("covet: allowing other origins: " + err.Error())
	}
	a.cors = append(a.cors, corsPath{strings.TrimSuffix(prefix, "/"), cors})
	slices.SortStableFunc(a.cors, func(x, y corsPath) int { return len(y.prefix) - len(x.prefix) })
}

// corsOf returns what is allowed for a path, or nil.
func (a *App) corsOf(path string) *middleware.CORS {
	for i := range a.cors {
		if isBelow(path, a.cors[i].prefix) {
			return &a.cors[i].CORS
		}
	}
	return nil
}

// isBelow reports whether a path is prefix or below it.
func isBelow(path, prefix string) bool {
	rest, below := strings.CutPrefix(path, prefix)
	return below && (rest == "" || rest[0] == '/')
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
