package middleware

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"

	"github.com/covetgo/covet/app/problem"
)

// CrossOrigin refuses writes that another site makes a browser send, with
// net/http's CrossOriginProtection: by Sec-Fetch-Site, and by Origin against
// Host for older browsers. Requests that no browser sends pass. Origins are
// further ones to trust, as "https://example.com".
//
// Threat: cross-site request forgery.
func CrossOrigin(origins ...string) (echo.MiddlewareFunc, error) {
	protection := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusting origin %q: %w", origin, err)
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return problem.Forbidden("This request was sent by another site, and was refused.").WithCause(err)
			}
			return next(c)
		}
	}, nil
}

// BodyLimit refuses a request whose body is larger than limit bytes, by its
// Content-Length at once and otherwise as soon as more is read.
//
// Threat: memory and disk filled by one client.
func BodyLimit(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > limit {
				return problem.From(&http.MaxBytesError{Limit: limit})
			}
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
			}
			return next(c)
		}
	}
}

// Recover turns a panic into an internal problem with the stack of the panic.
// It lets http.ErrAbortHandler pass, which means to cut the connection.
func Recover() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				if value := recover(); value != nil {
					if value == http.ErrAbortHandler { //nolint:errorlint // panic values are compared, as net/http does
						panic(value)
					}
					err = problem.Panic(value)
				}
			}()
			return next(c)
		}
	}
}

// Gzip compresses responses of a kilobyte or more for clients that accept it.
// Event streams, HEAD requests and images pass as they are.
func Gzip() echo.MiddlewareFunc {
	return echomw.GzipWithConfig(echomw.GzipConfig{MinLength: 1024, Skipper: incompressible})
}

func incompressible(c echo.Context) bool {
	r := c.Request()
	// A range is one of the bytes that are sent: it cannot be compressed afterwards (RFC 9110 §14).
	if r.Method == http.MethodHead || r.Header.Get("Range") != "" || strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return true
	}
	path := r.URL.Path
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "png", "jpg", "jpeg", "gif", "webp", "avif", "woff2", "zip", "gz", "mp4", "webm":
		return true
	}
	return false
}
