// Package site is the frame of the admin: it guards every page, draws the layout with its navigation and breadcrumbs,
// hosts the sections of modules, and serves the dashboard.
//
//	s := site.New(cfg, registry, counter)
//	pages := s.Register(e)             // a group with the pages of resources
//	err := s.AddSection(section)       // pages, navigation and widgets of a module
//	err = s.Render(c, http.StatusOK, covet.Page{Title: "Posts", Content: content})
package site

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// Config is what the pages are called, and where they lead.
type Config struct {
	// Title is the name of the application, Home its first page.
	Title, Home string
	// SignIn is the path of the log-in; without it, a signed-out browser gets 401. SignOut is the path that the button
	// posts to; without it there is no button.
	SignIn, SignOut string
	Log             *slog.Logger
}

// counter counts records.
type counter interface {
	Count(ctx context.Context, r *meta.Resource) (int, error)
	Created(ctx context.Context, r *meta.Resource, from, until time.Time) (n int, known bool, err error)
}

// Site serves what all pages of the admin have in common. Sections are added before the first request; from then on it
// is safe for concurrent use.
type Site struct {
	cfg      Config
	registry *registry.Registry
	records  counter
	assets   *web.Assets
	sections []covet.Section
	pages    *echo.Group // set by Register
}

// New returns a site without sections.
func New(cfg Config, resources *registry.Registry, records counter) *Site {
	return &Site{cfg: cfg, registry: resources, records: records, assets: views.Assets(resources.Base())}
}

// Register adds the routes of the assets and of the dashboard. It returns the group of all pages, whose requests come
// from users who may use the admin.
func (s *Site) Register(e *echo.Echo) *echo.Group {
	e.GET(s.assets.Prefix()+"*", s.assets.Serve)
	s.pages = e.Group(s.registry.Base(), s.requireAccess)
	s.pages.GET("", s.dashboard)
	s.pages.GET("/", s.dashboard)
	return s.pages
}

// AddSection adds the pages, the navigation and the widgets of a section. Call it after Register and before the first
// request. It returns an error if another part of the admin has the address of the section.
func (s *Site) AddSection(section covet.Section) error {
	s.sections = append(s.sections, section)
	if section.Routes == nil {
		return nil
	}
	if r := s.registry.ByName(section.Name); r != nil {
		return fmt.Errorf("admin section %q: the resource %s has this address; give the resource another Name",
			section.Name, r.Label)
	}
	if section.Name == "assets" {
		return fmt.Errorf("admin section %q: the admin serves its assets at this address", section.Name)
	}
	group := s.pages.Group("/"+section.Name, s.requireAny(section.Access))
	if err := section.Routes(group, s.admin(section)); err != nil {
		return fmt.Errorf("admin section %q: registering pages: %w", section.Name, err)
	}
	return nil
}

// requireAny lets users through who have one of the permissions.
func (s *Site) requireAny(permissions []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !s.canAny(c.Request().Context(), permissions) {
				return problem.Forbidden("")
			}
			return next(c)
		}
	}
}

func (s *Site) canAny(ctx context.Context, permissions []string) bool {
	return slices.ContainsFunc(permissions, func(action string) bool { return s.registry.Can(ctx, action, nil) })
}

// Granted are the permissions of a section, with what the section is called.
type Granted struct {
	Title       string
	Permissions []covet.Permission
}

// Sections returns what can be granted of each section, in their order: what opens it first.
func (s *Site) Sections(ctx context.Context) []Granted {
	var list []Granted
	for _, section := range s.sections {
		granted := Granted{Title: format.Label(section.Name)}
		if len(section.Nav) > 0 {
			granted.Title = translated(ctx, section, section.Nav[0].Title)
		}
		for _, name := range section.Access {
			if !slices.ContainsFunc(section.Permissions, func(p covet.Permission) bool { return p.Name == name }) {
				granted.Permissions = append(granted.Permissions, covet.Permission{Name: name})
			}
		}
		for _, permission := range section.Permissions {
			permission.Description = translated(ctx, section, permission.Description)
			granted.Permissions = append(granted.Permissions, permission)
		}
		list = append(list, granted)
	}
	return list
}

// Render writes a page inside the layout.
func (s *Site) Render(c echo.Context, status int, page covet.Page) error {
	frame := s.frame(c.Request(), page.Title)
	if len(page.Breadcrumbs) > 0 {
		frame.Crumbs = append(frame.Crumbs, views.Link{Text: words.T(c.Request().Context(), "title"), URL: s.registry.Base()})
	}
	for _, crumb := range page.Breadcrumbs {
		frame.Crumbs = append(frame.Crumbs, views.Link{Text: crumb.Title, URL: crumb.URL})
	}
	return web.Render(c, status, views.Layout(frame, page.Content))
}

// admin returns what a section gets of the site.
func (s *Site) admin(section covet.Section) covet.Admin {
	return sectionAdmin{site: s, path: s.registry.Base() + "/" + section.Name}
}

// sectionAdmin is the admin as one section sees it.
type sectionAdmin struct {
	site *Site
	path string
}

var _ covet.Admin = sectionAdmin{}

// Path implements [covet.Admin].
func (a sectionAdmin) Path(segments ...string) string {
	var path strings.Builder
	path.WriteString(a.path)
	for _, segment := range segments {
		path.WriteString("/" + url.PathEscape(segment))
	}
	return path.String()
}

// Can implements [covet.Admin].
func (a sectionAdmin) Can(ctx context.Context, action string, subject any) bool {
	return a.site.registry.Can(ctx, action, subject)
}

// Render implements [covet.Admin].
func (a sectionAdmin) Render(c echo.Context, status int, page covet.Page) error {
	return a.site.Render(c, status, page)
}

// userName is what the header calls the user.
func userName(ctx context.Context) string {
	actor, ok := identity.From(ctx)
	if !ok {
		return ""
	}
	if actor.Name != "" {
		return actor.Name
	}
	return actor.Email
}
