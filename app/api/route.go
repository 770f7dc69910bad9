package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

// settingsOf returns the settings of the endpoint of a request, or of the innermost scope that contains its path. It
// returns nil for requests outside of the API.
func (m *Module) settingsOf(c echo.Context) *settings {
	r := c.Request()
	path := c.Path()
	if path == "" { // before the router, or unknown to it
		path = m.routePath(r)
	}
	if e := m.byPath[r.Method+" "+path]; e != nil {
		return &e.settings
	}
	if r.Method == http.MethodHead {
		if e := m.byPath[http.MethodGet+" "+path]; e != nil {
			return &e.settings
		}
	}
	if m.pages()[r.Method+" "+path] && !m.served(r.URL.Path) {
		return nil
	}
	if e := m.byPath[path]; e != nil { // another method
		return &e.settings
	}
	for i := range m.scopes {
		rest, below := strings.CutPrefix(r.URL.Path, m.scopes[i].prefix)
		if below && (rest == "" || rest[0] == '/') {
			return &m.scopes[i].settings
		}
	}
	return nil
}

// served reports whether a path is that of the API alone: below the prefix, if there is one.
func (m *Module) served(path string) bool {
	rest, below := strings.CutPrefix(path, m.cfg.Prefix)
	return m.cfg.Prefix != "" && below && (rest == "" || rest[0] == '/')
}

// otherRoutes returns the routes that are no endpoints, by method and path. It is called when the first error occurs: every
// route is registered by then.
func (m *Module) otherRoutes() map[string]bool {
	routes := map[string]bool{}
	for _, route := range m.app.Echo.Routes() {
		if key := route.Method + " " + route.Path; m.byPath[key] == nil {
			routes[key] = true
		}
	}
	return routes
}

// routePath returns the path of the route that a request will take, as echo writes it, or "".
func (m *Module) routePath(r *http.Request) string {
	found := m.app.Echo.AcquireContext()
	defer m.app.Echo.ReleaseContext(found)
	found.Reset(r, nil)
	m.app.Echo.Router().Find(r.Method, echo.GetPath(r), found)
	return found.Path()
}

// shapeError is a [covet.ErrorShape]: it writes an error in the endpoint's format.
func (m *Module) shapeError(c echo.Context, p *problem.Error) ([]byte, error) {
	if !m.shapesErrors() {
		return nil, nil
	}
	s := m.settingsOf(c)
	if s == nil {
		return nil, nil
	}
	if s.scheme != "" {
		challenge(c.Response().Header(), s.scheme)
	}
	if s.shape == nil {
		return nil, nil
	}
	return s.shape.write(p)
}

// shapesErrors reports whether any endpoint may have errors other than problem details with a Bearer challenge.
func (m *Module) shapesErrors() bool { return m.declaresScheme || m.declaresShape }

// challenge replaces the scheme Bearer in the challenges of a response (RFC 9110 §11.6.1).
func challenge(h http.Header, scheme string) {
	values := slices.Clone(h.Values(echo.HeaderWWWAuthenticate))
	for i, value := range values {
		name, parameters, _ := strings.Cut(value, " ")
		if strings.EqualFold(name, bearer) {
			values[i] = strings.TrimSpace(scheme + " " + parameters)
		}
	}
	if len(values) > 0 {
		h[http.CanonicalHeaderKey(echo.HeaderWWWAuthenticate)] = values
	}
}

var _ covet.MiddlewareProvider = (*Module)(nil)

// Middleware implements [covet.MiddlewareProvider]: it reads access tokens in the scheme that the endpoint declares.
func (m *Module) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "api scheme", Position: covet.BeforeChecks, Func: m.readToken}}
}

// readToken stores the access token of a request in its context if the endpoint declares another scheme than Bearer.
func (m *Module) readToken(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		header := r.Header.Get(echo.HeaderAuthorization)
		if header == "" || !m.declaresScheme {
			return next(c)
		}
		s := m.settingsOf(c)
		if s == nil || s.scheme == "" {
			return next(c)
		}
		name, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(name, s.scheme) {
			token = ""
		}
		c.SetRequest(r.WithContext(identity.WithToken(r.Context(), strings.TrimSpace(token))))
		return next(c)
	}
}
