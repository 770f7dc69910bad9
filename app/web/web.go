// Package web writes HTML: pages of templ components, forms, flash messages, and static assets with content hashes in
// their names.
//
//	func (h *Handler) Create(c echo.Context) error {
//		var form Form
//		errs, err := web.Bind(c, &form)
//		if err != nil {
//			return err
//		}
//		if len(errs) > 0 {
//			return web.Render(c, http.StatusUnprocessableEntity, newPage(form, errs))
//		}
//		…
//		if err := web.Flash(c, "Thank you, we will be in touch."); err != nil {
//			return err
//		}
//		return web.Redirect(c, "/contact")
//	}
package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
)

// Renderer configures this package for an echo server: the kernel sets it as echo's renderer. The zero value has no
// flash messages.
type Renderer struct {
	// Key signs the cookie of flash messages. Flash returns an error without it.
	Key []byte
	// Cookies creates the cookie of flash messages.
	Cookies Cookies
	// BaseURL is the public URL without a trailing slash, for [Canonical]. Defaults to none.
	BaseURL string
}

// Render implements [echo.Renderer] for c.Render: data must be a
// [templ.Component]; the name is not used.
func (r *Renderer) Render(w io.Writer, _ string, data any, c echo.Context) error {
	component, ok := data.(templ.Component)
	if !ok {
		return fmt.Errorf("rendering %T: it is no templ component", data)
	}
	return component.Render(c.Request().Context(), w)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes a page. The component is rendered before anything is sent, so that its error becomes a proper error
// page. The context of the component contains the request's nonce (templ.GetNonce), its flash messages ([Flashes]) and
// its address ([Canonical], [Current]).
func Render(c echo.Context, status int, component templ.Component) error {
	ctx := withAddress(withFlashes(c), c)
	ctx = templ.WithNonce(ctx, middleware.Nonce(ctx))
	buffer := buffers.Get().(*bytes.Buffer) // the pool holds nothing else
	buffer.Reset()
	defer buffers.Put(buffer)
	if err := component.Render(ctx, buffer); err != nil {
		return fmt.Errorf("rendering the page: %w", err)
	}
	return c.HTMLBlob(status, buffer.Bytes())
}

// Redirect sends the browser to another page of this application with 303 See Other, which it requests with GET. The
// target must be a path.
//
// Threat: an open redirect misuses the application's name for another site.
func Redirect(c echo.Context, path string) error {
	if !IsLocal(path) {
		return fmt.Errorf("redirecting to %q: %w", path, errNotLocal)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

var errNotLocal = errors.New("the target is no path of this application")

// IsLocal reports whether a browser interprets target as a path of this application: it starts with one slash, and has
// nothing that a browser parses as a host.
func IsLocal(target string) bool {
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
		return false
	}
	// Browsers treat a backslash as a slash, and remove tabs and line breaks.
	return !strings.ContainsFunc(target, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f })
}

// WantsHTML reports whether the client prefers a page over JSON: browsers list text/html in Accept, programs JSON or
// anything.
func WantsHTML(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	html := strings.Index(accept, "text/html")
	json := strings.Index(accept, "json")
	return html >= 0 && (json < 0 || html < json)
}
