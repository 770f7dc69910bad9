// Package panel answers the requests about resources: lists, forms, bulk changes and exports.
package panel

import (
	"context"
	"log/slog"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/validate"
)

// Config is what the server works with.
type Config struct {
	Registry *registry.Registry
	Store    *store.Store
	Site     renderer
	History  history
	PerPage  int
	DB       *database.DB
	Audit    *audit.Log
	Log      *slog.Logger
	Lookup   validate.Lookup
	Key      []byte // signs positions in lists
}

// renderer writes a page inside the layout of the admin.
type renderer interface {
	Render(c echo.Context, status int, page covet.Page) error
}

// history reads the changes of a record.
type history interface {
	Changes(ctx context.Context, r *meta.Resource, key string, limit int) ([]views.Event, error)
}

// Server answers the requests about resources.
type Server struct {
	Config
	registry *registry.Registry
	store    *store.Store
	site     renderer
	history  history
}

// New returns the server.
func New(cfg Config) *Server {
	return &Server{Config: cfg, registry: cfg.Registry, store: cfg.Store, site: cfg.Site, history: cfg.History}
}

// Register adds the routes to the group of the admin.
func (s *Server) Register(g *echo.Group) {
	g.GET("/:resource", s.list)
	g.GET("/:resource/export.csv", s.export)
	g.GET("/:resource/choices", s.choices)
	g.GET("/:resource/new", s.newForm)
	g.POST("/:resource/new", s.create)
	g.POST("/:resource/bulk", s.bulk)
	g.GET("/:resource/:key", s.show)
	g.POST("/:resource/:key", s.update)
}

// toList is the breadcrumb of a resource's list.
func toList(g *registry.Registry, r *meta.Resource) covet.Breadcrumb {
	return covet.Breadcrumb{Title: r.Plural, URL: g.Path(r)}
}
