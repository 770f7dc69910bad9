// Package panel answers the requests to the admin: it checks who may, asks the store, and shows the views.
package panel

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/live"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
)

// Config is what the server works with.
type Config struct {
	Base, Title, Home, SignIn, SignOut string
	PerPage                            int
	Can                                func(ctx context.Context, action string, subject any) bool
	Resources                          []*meta.Resource
	DB                                 *database.DB
	Audit                              *audit.Log
	Jobs                               *jobs.Client
	Log                                *slog.Logger
	Lookup                             validate.Lookup
	Key                                []byte          // signs positions in lists
	Stopping                           <-chan struct{} // closed when the application begins to stop
}

// Server answers the requests to the admin.
type Server struct {
	Config
	store   *store.Store
	assets  *web.Assets
	byName  map[string]*meta.Resource
	sampler *live.Sampler[*jobNumbers]

	statsFailed atomic.Bool // when the statistics of jobs were last read
}

// New returns the server.
func New(cfg Config) *Server {
	s := &Server{Config: cfg, store: store.New(cfg.DB), assets: views.Assets(cfg.Base), byName: map[string]*meta.Resource{}}
	s.sampler = live.New(jobSource{s}, cfg.Log)
	for _, r := range cfg.Resources {
		s.byName[r.Name] = r
	}
	return s
}

// Register adds the routes.
func (s *Server) Register(e *echo.Echo) {
	e.GET(s.assets.Prefix()+"*", s.assets.Serve)
	g := e.Group(s.Base, s.access)
	g.GET("", s.dashboard)
	g.GET("/", s.dashboard)
	if s.Jobs != nil {
		s.registerJobs(g)
	}
	g.GET("/:resource", s.list)
	g.GET("/:resource/export.csv", s.export)
	g.GET("/:resource/choices", s.choices)
	g.GET("/:resource/new", s.newForm)
	g.POST("/:resource/new", s.create)
	g.POST("/:resource/bulk", s.bulk)
	g.GET("/:resource/:key", s.show)
	g.POST("/:resource/:key", s.update)
	g.GET("/:resource/:key/history", s.history)
}

// can reports whether whoever acts may do this to a resource, or to one record of it.
func (s *Server) can(ctx context.Context, r *meta.Resource, verb string, record any) bool {
	return r.Allows(verb) && s.Can(ctx, r.Action(verb), record)
}

// resource finds the resource of a request, and refuses whoever may not do this to it.
func (s *Server) resource(c echo.Context, verb string) (*meta.Resource, error) {
	r, ok := s.byName[c.Param("resource")]
	if !ok || !r.Allows(verb) {
		return nil, problem.NotFound("")
	}
	if !s.can(c.Request().Context(), r, verb, nil) {
		return nil, problem.Forbidden("")
	}
	return r, nil
}

// taken are segments of addresses that a key must not be mistaken for.
var taken = map[string]bool{"new": true, "bulk": true, "choices": true, "export.csv": true}

// path returns an address below the admin.
func (s *Server) path(r *meta.Resource, segments ...string) string {
	return s.Base + "/" + r.Name + strings.Join(append([]string{""}, segments...), "/")
}

// recordPath returns the address of a record.
func (s *Server) recordPath(r *meta.Resource, key string, segments ...string) string {
	if taken[key] || strings.HasPrefix(key, "~") {
		key = "~" + key
	}
	return s.path(r, append([]string{url.PathEscape(key)}, segments...)...)
}

// key reads the key of a request.
func (s *Server) key(c echo.Context, r *meta.Resource) (any, error) {
	text := strings.TrimPrefix(c.Param("key"), "~")
	if c.Request().URL.RawPath != "" {
		if unescaped, err := url.PathUnescape(text); err == nil {
			text = unescaped
		}
	}
	key, ok := r.ParseKey(text)
	if !ok {
		return nil, problem.NotFound("")
	}
	return key, nil
}

// subject names a record in the audit log.
func subject(r *meta.Resource, key string) string { return audit.Subject(r.Table, key) }

// back returns an address of the admin that a form names, or the fallback.
//
// Threat: a form that leads away from the admin in its name.
func (s *Server) back(target, fallback string) string {
	if u, err := url.Parse(target); err == nil && u.Scheme == "" && u.Host == "" && path.Clean(u.Path) == u.Path &&
		(u.Path == s.Base || strings.HasPrefix(u.Path, s.Base+"/")) && !strings.Contains(target, "\\") {
		return u.RequestURI()
	}
	return fallback
}

// plural writes a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// text reports whether every database stores text as it is.
func text(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

func badRequest(detail string) error {
	return problem.New(http.StatusBadRequest, "bad_request", detail)
}
