// covet:file api

// Package api holds the JSON endpoints of Covet App.
package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// status is the answer of GET /api/status.
type status struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

// Handler answers for the application as a whole.
type Handler struct{ name string }

// New returns the handler of the application called name.
func New(name string) *Handler { return &Handler{name: name} }

// Status answers GET /api/status: which application this is.
func (h *Handler) Status(c echo.Context) error {
	return c.JSON(http.StatusOK, status{Name: h.name, Status: "ok"})
}
