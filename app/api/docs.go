package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/api/internal/docs"
	"github.com/covetgo/covet/app/web"
)

// serveDocs registers the document and the page about it.
func (m *Module) serveDocs(e *echo.Echo) {
	e.GET("/openapi.json", func(c echo.Context) error {
		document, err := m.Document()
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("Etag", quote(computeETag(typeJSON, document)))
		if list := c.Request().Header.Get("If-None-Match"); list != "" && matchesETag(list, h.Get("Etag"), false) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, typeJSON, document)
	})
	assets := docs.NewAssets()
	e.GET(docs.Prefix+"*", assets.Serve)
	e.GET("/docs", func(c echo.Context) error {
		return web.Render(c, http.StatusOK, docs.Page(m.openAPI(), assets))
	})
}
