// Package recipes is an application that extends and loosens Covet's middleware, as docs/middleware.md describes.
package recipes

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
)

// Config is the configuration of the application.
type Config struct{ covet.Config }

// New makes the application. It runs on the databases of drivers.
func New(cfg Config, drivers ...database.Driver) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{
		Drivers: drivers,
		Headers: middleware.Headers{Sources: middleware.Sources{
			Font:  []string{"https://fonts.gstatic.com"},
			Style: []string{"https://fonts.googleapis.com"},
			Image: []string{"https://pictures.s3.eu-central-1.amazonaws.com"},
		}},
	})
	if err != nil {
		return nil, err
	}
	routes(a)
	return a, a.Use(maintenance{})
}

func routes(a *covet.App) {
	e := a.Echo
	e.GET("/", page("Home"))

	e.GET("/checkout", page("Checkout"), middleware.AllowSources(middleware.Sources{
		Script:  []string{"https://js.stripe.com"},
		Frame:   []string{"https://js.stripe.com", "https://hooks.stripe.com"},
		Connect: []string{"https://api.stripe.com"},
	}))
	e.GET("/badge", page("Badge"), middleware.AllowSources(middleware.Sources{
		Ancestors: []string{"https://partner.example"},
	}))
	e.GET("/meeting", meeting)

	a.AllowCORS("/widgets", middleware.CORS{Origins: []string{"https://partner.example"}})
	e.GET("/widgets", whoami)
	e.POST("/widgets", whoami)

	e.POST("/videos", receive, middleware.MaxBody(50<<20))
	e.POST("/names", receive, middleware.MaxBody(1<<10))

	e.GET("/report", report, echomiddleware.ContextTimeout(50*time.Millisecond))
	e.GET("/export", export)
	e.GET("/statement", page(strings.Repeat("Statement ", 500)), middleware.NoCompression())

	partners := e.Group("/partners", echomiddleware.KeyAuth(func(key string, _ echo.Context) (bool, error) {
		return key == "the key of a partner", nil
	}))
	partners.GET("/prices", page("Prices"))
}

// page is a handler that shows a page.
func page(title string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.HTML(http.StatusOK, "<title>"+title+"</title>") }
}

// meeting is a page that may use the camera, and whose windows keep their opener.
func meeting(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Permissions-Policy", "camera=(self), microphone=(self)")
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	return c.HTML(http.StatusOK, "<title>Meeting</title>")
}

// whoami shows the cookies of the request.
func whoami(c echo.Context) error {
	return c.String(http.StatusOK, "cookies: "+c.Request().Header.Get("Cookie"))
}

// receive reads the body, and returns its length.
func receive(c echo.Context) error {
	n, err := io.Copy(io.Discard, c.Request().Body)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, n)
}

// report waits for something that takes too long.
func report(c echo.Context) error {
	<-c.Request().Context().Done()
	return c.Request().Context().Err()
}

// export writes for longer than http.write_timeout.
func export(c echo.Context) error {
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	return c.Stream(http.StatusOK, "text/csv", strings.NewReader("a,b\n"))
}

// maintenance is a module with middleware for every request: it refuses those with the header X-Closed, except /health.
type maintenance struct{}

var _ covet.MiddlewareProvider = maintenance{}

// Name is "maintenance".
func (maintenance) Name() string { return "maintenance" }

// Middleware runs before the other checks.
func (maintenance) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "maintenance", Position: covet.BeforeChecks, Func: closed}}
}

func closed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Header.Get("X-Closed") != "" && c.Request().URL.Path != "/health" {
			return problem.Status(http.StatusServiceUnavailable).WithHeader("Retry-After", "600")
		}
		return next(c)
	}
}
