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

// Status tells programs which application answers here.
func Status(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		return c.JSON(http.StatusOK, status{Name: name, Status: "ok"})
	}
}
