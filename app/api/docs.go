package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api/internal/docs"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// permissionDocs is the permission to read the document, unless it is public.
const permissionDocs = "api.docs"

var _ covet.PermissionProvider = (*Module)(nil)

// Permissions implements [covet.PermissionProvider]: it returns api.docs, where reading the document needs it, and the
// permissions of endpoints.
func (m *Module) Permissions(ctx context.Context) []covet.Permission {
	var list []covet.Permission
	if m.docs() == DocsPermission {
		list = append(list, covet.Permission{Name: permissionDocs, Description: texts.T(ctx, "permission.docs")})
	}
	for _, e := range m.endpoints {
		if e.permission != "" {
			list = append(list, covet.Permission{Name: e.permission})
		}
	}
	return list
}

// requireDocs requires the permission to read the document. A signed-out browser is redirected to the log-in, if the
// application has one; a program gets a problem: 401, or 403 without the permission.
//
// Threat: the document shows an attacker every endpoint, with its parameters and permissions.
func (m *Module) requireDocs(next echo.HandlerFunc) echo.HandlerFunc {
	if m.docs() == DocsPublic {
		return next
	}
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		_, known, err := identity.Resolve(ctx)
		c.Response().Header().Add("Vary", "Cookie, Authorization")
		switch {
		case err != nil:
			return err
		case known && identity.Can(ctx, permissionDocs, nil):
			return next(c)
		case known:
			return problem.Forbidden("").WithText(texts, "docs_permission", "permission", permissionDocs)
		case m.sendsToSignIn(c):
			return web.Redirect(c, m.signIn()+"?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		}
		return problem.Unauthorized("").WithHeader(echo.HeaderWWWAuthenticate, "Bearer")
	}
}

func (m *Module) signIn() string { return cmp.Or(m.opts.SignIn, "/login") }

// sendsToSignIn reports whether a signed-out client is a browser that can sign in here.
func (m *Module) sendsToSignIn(c echo.Context) bool {
	return web.WantsHTML(c.Request()) && web.IsLocal(c.Request().URL.RequestURI()) &&
		slices.ContainsFunc(m.app.Echo.Routes(), func(r *echo.Route) bool {
			return r.Method == http.MethodGet && r.Path == m.signIn()
		})
}

// serveDocs registers the document and its page.
func (m *Module) serveDocs(e *echo.Echo) {
	e.GET("/openapi.json", func(c echo.Context) error {
		document, err := m.Document()
		if err != nil {
			return err
		}
		h := c.Response().Header()
		if m.docs() == DocsPublic {
			h.Set("Cache-Control", "no-cache")
		}
		h.Set("Etag", quote(computeETag(typeJSON, document)))
		if list := c.Request().Header.Get("If-None-Match"); list != "" && matchesETag(list, h.Get("Etag"), false) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, typeJSON, document)
	}, m.requireDocs)
	assets := docs.NewAssets()
	e.GET(docs.Prefix+"*", assets.Serve, m.requireDocs)
	e.GET("/docs", func(c echo.Context) error {
		return web.Render(c, http.StatusOK, docs.Page(m.openAPI(), assets))
	}, m.requireDocs)
}
