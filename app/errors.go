package app

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/internal/dev"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/web"
)

// problemOf converts an error of a handler, the router or a middleware to a problem. A missing record or stored file is
// a 404. An unavailable database, Redis or store, or a full disk, is a 503.
func problemOf(err error) *problem.Error {
	var chosen *problem.Error
	var he *echo.HTTPError
	known := problem.From(err)
	switch {
	case errors.As(err, &chosen), known.Code != "internal":
		return known
	case isUnavailable(err):
		return problem.Unavailable(err)
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, storage.ErrNotFound):
		return problem.NotFound("").WithCause(err)
	case errors.As(err, &he) && he.Code >= http.StatusBadRequest:
		return problem.Status(he.Code).WithCause(err)
	}
	return known
}

// unavailable are temporary errors of dependencies. Errors of the system are a refused connection, a full or read-only
// disk, and a lack of file descriptors.
var unavailable = []error{
	database.ErrUnavailable, redis.ErrUnavailable, storage.ErrUnavailable, driver.ErrBadConn,
	syscall.ECONNREFUSED, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EMFILE, syscall.ENFILE,
}

func isUnavailable(err error) bool {
	return slices.ContainsFunc(unavailable, func(kind error) bool { return errors.Is(err, kind) })
}

// handleError writes a problem in the format that the client prefers: a page, or problem+json (RFC 9457). In
// development it includes the cause.
func (a *App) handleError(err error, c echo.Context) {
	middleware.RecordError(c, err)
	if c.Response().Committed {
		return
	}
	p := problemOf(err)
	r := c.Request()
	if p.Status == problem.StatusClientClosed && !middleware.ClientGone(r.Context()) {
		p = problem.Status(http.StatusInternalServerError).WithCause(err) // another cancellation: the client is waiting
	}
	h := c.Response().Header()
	for name, values := range p.Header {
		h[name] = values
	}
	p = p.In(r.Context())
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	// Headers that the handler has set for a successful response, as in http.Error.
	for _, name := range []string{
		"Content-Encoding", "Content-Length", "Content-Disposition", "Content-Range",
		"Etag", "Last-Modified",
	} {
		h.Del(name)
	}
	// Middleware such as echo's ContextTimeout has cancelled the context of the request, and a page renders in a live
	// one.
	c.SetRequest(r.WithContext(context.WithoutCancel(r.Context())))
	defer c.SetRequest(r)
	if err := a.writeProblem(c, p); err != nil {
		a.Log.ErrorContext(r.Context(), "writing an error", slog.String("error", err.Error()))
		if !c.Response().Committed {
			c.Response().WriteHeader(p.Status)
		}
	}
}

func (a *App) writeProblem(c echo.Context, p *problem.Error) error {
	shaped, err := a.shapeError(c, p)
	switch {
	case err != nil && !c.Response().Committed:
		// The function that writes errors has failed: send problem details instead.
		return errors.Join(err, a.writeJSON(c, p))
	case c.Request().Method == http.MethodHead:
		return c.NoContent(p.Status)
	case shaped != nil:
		return c.JSONBlob(p.Status, shaped)
	case !web.WantsHTML(c.Request()), a.hasJSONErrors(c):
		return a.writeJSON(c, p)
	case a.showsCauses(c) && dev.Explains(p):
		return web.Render(c, p.Status, a.explainer.Page(c, p))
	}
	page := a.opts.ErrorPage
	if page == nil {
		page = dev.PlainPage
	}
	err = recoverPanic(func() error { return web.Render(c, p.Status, page(p)) })
	if err != nil && !c.Response().Committed {
		// The error page has failed: send the plain page instead.
		return errors.Join(err, web.Render(c, p.Status, dev.PlainPage(p)))
	}
	return err
}

// JSONErrors renders every error under the path prefix, such as "/api", as a JSON problem, also for browsers, unknown
// addresses, methods and panics. A module calls it when it registers its routes.
func (a *App) JSONErrors(prefix string) {
	prefix = strings.TrimSuffix(prefix, "/")
	a.JSONErrorsIf(func(c echo.Context) bool { return isBelow(c.Request().URL.Path, prefix) })
}

// JSONErrorsIf makes errors JSON problems, also for browsers, where applies reports true: for routes that a prefix does not
// tell from pages. It is called once for each error. A module calls it when it registers its routes.
func (a *App) JSONErrorsIf(applies func(c echo.Context) bool) {
	a.jsonErrors = append(a.jsonErrors, applies)
}

func (a *App) hasJSONErrors(c echo.Context) bool {
	return slices.ContainsFunc(a.jsonErrors, func(applies func(echo.Context) bool) bool { return applies(c) })
}

// ErrorShape returns the JSON to send instead of problem details, or nil if it does not apply. It may change the
// headers of the response.
type ErrorShape func(c echo.Context, p *problem.Error) ([]byte, error)

// ShapeErrors has shape write the errors of every path, whether they come from a handler, middleware or the router. The
// first shape that applies is used. A module calls it when it registers its routes.
func (a *App) ShapeErrors(shape ErrorShape) { a.errorShapes = append(a.errorShapes, shape) }

// shapeError returns the JSON of the first shape that applies to a problem, or nil.
func (a *App) shapeError(c echo.Context, p *problem.Error) (body []byte, err error) {
	for _, shape := range a.errorShapes {
		err = recoverPanic(func() error {
			body, err = shape(c, p)
			return err
		})
		if body != nil || err != nil {
			break
		}
	}
	return body, err
}

// showsCauses reports whether the client may see causes and source code.
//
// Threat: source code and statements are shown to others than the developer; see dev.Local.
func (a *App) showsCauses(c echo.Context) bool {
	return a.Config.Development() && dev.Local(c.Request())
}

// recoverPanic turns a panic into an error: no middleware runs around error pages.
func recoverPanic(render func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = problem.Panic(value)
		}
	}()
	return render()
}

func (a *App) writeJSON(c echo.Context, p *problem.Error) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if cause := p.Unwrap(); cause != nil && a.showsCauses(c) {
		if body, err = addCause(body, cause); err != nil {
			return err
		}
	}
	return c.Blob(p.Status, problem.ContentType, body)
}

// addCause adds the text of the cause to a problem, for the developer.
func addCause(body []byte, cause error) ([]byte, error) {
	members := map[string]any{}
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	members["cause"] = cause.Error()
	return json.Marshal(members)
}
