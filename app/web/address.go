package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

type addressKey struct{}

// address is the address of a page.
type address struct {
	base string // of the application, without a trailing slash
	path string // as the browser sent it, escaped
	page string // the number of a list's page, or ""
	here string // path and query, for a link back
}

// withAddress returns ctx with the address of the request.
func withAddress(ctx context.Context, c echo.Context) context.Context {
	here := address{path: c.Request().URL.EscapedPath(), page: c.QueryParam("page"), here: c.Request().URL.EscapedPath()}
	if query := c.Request().URL.RawQuery; query != "" && c.Request().Method == http.MethodGet {
		here.here += "?" + query
	}
	if r, ok := c.Echo().Renderer.(*Renderer); ok {
		here.base = r.BaseURL
	}
	return context.WithValue(ctx, addressKey{}, here)
}

// Here returns the path of the page that is rendered and its query, for a link or a form that leads back to it. It is ""
// outside of [Render].
func Here(ctx context.Context) string {
	here, _ := ctx.Value(addressKey{}).(address)
	return here.here
}

// Canonical returns the address of the page that is rendered as search engines should know it: the application's own
// address and the path, and of the query only page, the number of a list's page. It is "" outside of [Render], and
// for a renderer without a BaseURL.
//
//	<link rel="canonical" href={ web.Canonical(ctx) }/>
func Canonical(ctx context.Context) string {
	here, _ := ctx.Value(addressKey{}).(address)
	switch {
	case here.base == "":
		return ""
	case here.page != "":
		return here.base + here.path + "?page=" + url.QueryEscape(here.page)
	}
	return here.base + here.path
}

// Current returns the aria-current of a link to path on the rendered page (WAI-ARIA 1.2): "page" for a link to the page
// itself, "true" for one to a parent page, as /posts is of /posts/1, and "" for any other. "/" is not a parent of other
// pages.
//
//	<a href="/posts" if current := web.Current(ctx, "/posts"); current != "" { aria-current={ current } }>Posts</a>
func Current(ctx context.Context, path string) string {
	here, _ := ctx.Value(addressKey{}).(address)
	switch {
	case here.path == path:
		return "page"
	case path != "/" && strings.HasPrefix(here.path, strings.TrimSuffix(path, "/")+"/"):
		return "true"
	}
	return ""
}
