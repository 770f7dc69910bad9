// Package failing has handlers that fail, for a browser to open their error pages. Those show the source of packages below
// the main module, to which a package of tests does not belong.
package failing

import (
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"
)

// Register adds /fail, which returns an error, and /panic.
func Register(e *echo.Echo) {
	e.GET("/fail", func(echo.Context) error { return fmt.Errorf("reading the stars: %w", errors.New("it is cloudy")) })
	e.GET("/panic", func(echo.Context) error { panic("the sky is falling") })
}
