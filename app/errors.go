package app

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/internal/dev"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// problemOf returns any error that a handler, the router or a middleware
// returned as a problem. A record that is not found is a 404.
func problemOf(err error) *problem.Error {
	var he *echo.HTTPError
	known := problem.From(err)
	switch {
	case known.Code != "internal":
		return known
	case errors.Is(err, gorm.ErrRecordNotFound):
		return problem.NotFound("").WithCause(err)
	case errors.As(err, &he):
		return problem.Status(he.Code).WithCause(err)
	}
	return known
}

// handleError writes a problem as the client prefers: a page, or problem+json
// (RFC 9457). In development it shows the cause as well.
func (a *App) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := problemOf(err)
	h := c.Response().Header()
	for name, values := range p.Header {
		h[name] = values
	}
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	h.Del("Content-Encoding")
	if err := a.writeProblem(c, p); err != nil {
		a.Log.ErrorContext(c.Request().Context(), "writing an error", slog.String("error", err.Error()))
	}
}

func (a *App) writeProblem(c echo.Context, p *problem.Error) error {
	switch {
	case c.Request().Method == http.MethodHead:
		return c.NoContent(p.Status)
	case !web.WantsHTML(c.Request()):
		return a.writeJSON(c, p)
	case a.Config.Development() && dev.Explains(p):
		return web.Render(c, p.Status, dev.ErrorPage(c, p))
	}
	page := a.opts.ErrorPage
	if page == nil {
		page = dev.PlainPage
	}
	err := web.Render(c, p.Status, page(p))
	if err != nil && !c.Response().Committed {
		// The page that shows errors has one: show the plain page rather than none.
		return errors.Join(err, web.Render(c, p.Status, dev.PlainPage(p)))
	}
	return err
}

func (a *App) writeJSON(c echo.Context, p *problem.Error) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if cause := p.Unwrap(); cause != nil && a.Config.Development() {
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
