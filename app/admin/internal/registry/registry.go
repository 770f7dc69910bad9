// Package registry knows the resources of the admin, their addresses, and who may do what to them.
package registry

import (
	"context"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm/clause"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

// Registry holds the resources of an admin. It is not changed after [New] and [Registry.SetFilter], so it is safe for
// concurrent use.
type Registry struct {
	base      string
	resources []*meta.Resource
	can       func(ctx context.Context, action string, subject any) bool
	filter    func(ctx context.Context, action string, model any) (clause.Expression, bool)
}

// New returns a registry of resources below the path base. The function can decides about every action.
func New(
	base string, resources []*meta.Resource, can func(ctx context.Context, action string, subject any) bool,
) *Registry {
	return &Registry{base: base, resources: resources, can: can}
}

// SetFilter sets the function that knows in SQL what can decides. Defaults to none.
func (g *Registry) SetFilter(filter func(ctx context.Context, action string, model any) (clause.Expression, bool)) {
	g.filter = filter
}

// Readable returns a condition for the records of r that the user of ctx may read, or nil if these are all. It reports
// false if it is not known: then check each record with [Registry.Allows].
func (g *Registry) Readable(ctx context.Context, r *meta.Resource) (clause.Expression, bool) {
	if g.filter == nil {
		return nil, false
	}
	condition, ok := g.filter(ctx, r.Action(meta.Read), r.New())
	if !ok || identity.IsEverything(condition) {
		return nil, ok
	}
	return condition, true
}

// Base returns the path of the admin.
func (g *Registry) Base() string { return g.base }

// Resources returns all resources in the order of their registration.
func (g *Registry) Resources() []*meta.Resource { return g.resources }

// ByName returns the resource with this name in addresses, or nil.
func (g *Registry) ByName(name string) *meta.Resource {
	for _, r := range g.resources {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// ByTable returns the first resource of a table, or nil.
func (g *Registry) ByTable(table string) *meta.Resource {
	for _, r := range g.resources {
		if r.Table == table {
			return r
		}
	}
	return nil
}

// Can reports whether the user of ctx may do action to subject: a record, or nil.
func (g *Registry) Can(ctx context.Context, action string, subject any) bool {
	return g.can(ctx, action, subject)
}

// Allows reports whether the resource has the verb, and the user of ctx may do it to record, or to the resource as a
// whole if record is nil.
func (g *Registry) Allows(ctx context.Context, r *meta.Resource, verb string, record any) bool {
	return r.Allows(verb) && g.can(ctx, r.Action(verb), record)
}

// Reads reports whether the user of ctx may read what a field refers to, if it refers to a resource.
func (g *Registry) Reads(ctx context.Context, f *meta.Field) bool {
	return f.Related == nil || g.Allows(ctx, f.Related, meta.Read, nil)
}

// Requested returns the resource of a request. The error is a problem: 404 if there is none or if it lacks the verb,
// 403 if the user may not do it.
func (g *Registry) Requested(c echo.Context, verb string) (*meta.Resource, error) {
	r := g.ByName(c.Param("resource"))
	if r == nil || !r.Allows(verb) {
		return nil, problem.NotFound("")
	}
	if !g.Allows(c.Request().Context(), r, verb, nil) {
		return nil, problem.Forbidden("")
	}
	return r, nil
}

// reserved are the last segments of addresses below a resource. A record with such a key has a tilde before it.
var reserved = map[string]bool{"new": true, "bulk": true, "choices": true, "export.csv": true}

// Path returns the address of a page of a resource: its list without segments.
func (g *Registry) Path(r *meta.Resource, segments ...string) string {
	return g.base + "/" + r.Name + strings.Join(append([]string{""}, segments...), "/")
}

// RecordPath returns the address of the record with a key, or of a page below it.
func (g *Registry) RecordPath(r *meta.Resource, key string, segments ...string) string {
	if reserved[key] || strings.HasPrefix(key, "~") {
		key = "~" + key
	}
	return g.Path(r, append([]string{url.PathEscape(key)}, segments...)...)
}

// FilePath returns the address of the file in a field of the record with a key.
func (g *Registry) FilePath(r *meta.Resource, key string, f *meta.Field) string {
	return g.RecordPath(r, key, "files", f.Column)
}

// Key reads the key of the record that a request is about. The error is a problem with status 404.
func (g *Registry) Key(c echo.Context, r *meta.Resource) (any, error) {
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

// ListCrumb returns the breadcrumb of the list of r.
func (g *Registry) ListCrumb(ctx context.Context, r *meta.Resource) covet.Breadcrumb {
	return covet.Breadcrumb{Title: r.PluralIn(ctx), URL: g.Path(r)}
}
