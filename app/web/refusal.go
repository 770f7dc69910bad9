package web

import (
	"errors"
	"maps"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// RenderRefusal shows a form again that was rejected because the client sends too many requests: a browser gets page,
// with the text of the problem and the input, with 429 and Retry-After. It returns every other error, and for other
// clients this one too, so that they get application/problem+json.
//
//	if err := h.limit.Allow(ctx); err != nil {
//		return web.RenderRefusal(c, err, func(message string) templ.Component { return page(form, nil, message) })
//	}
func RenderRefusal(c echo.Context, err error, page func(message string) templ.Component) error {
	var refused *problem.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests || !WantsHTML(c.Request()) {
		return err
	}
	h := c.Response().Header()
	maps.Copy(h, refused.Header)
	h.Set("Cache-Control", "no-store")
	return Render(c, refused.Status, page(refused.Detail))
}
