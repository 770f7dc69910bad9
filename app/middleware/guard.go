package middleware

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// CrossOrigin rejects writes that another site makes a browser send, with net/http's CrossOriginProtection: by
// Sec-Fetch-Site, and by comparing Origin with Host for older browsers. Requests that are not from browsers pass.
// Origins are additional trusted ones, as "https://example.com".
//
// With https, or if the request arrived over TLS, the origin http://HOST counts as another site: net/http compares only
// hosts, because it cannot know the scheme behind a proxy.
//
// Threat: cross-site request forgery, also by a page that was modified in transit because it was loaded without TLS.
func CrossOrigin(https bool, origins ...string) (echo.MiddlewareFunc, error) {
	protection := http.NewCrossOriginProtection()
	trusted := map[string]bool{}
	for _, origin := range origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusting origin %q: %w", origin, err)
		}
		trusted[origin] = true
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if c.Get(trustedKey) != nil {
				return next(c) // by ServeCORS
			}
			err := protection.Check(r)
			if origin := r.Header.Get("Origin"); err == nil && !isSafe(r.Method) && strings.HasPrefix(origin, "http://") &&
				(https || c.Scheme() == "https") && r.Header.Get("Sec-Fetch-Site") == "" && !trusted[origin] {
				err = errors.New("the origin is http, but the application is https")
			}
			if err != nil {
				return problem.Forbidden("").WithText(problem.Texts(), "cross_origin").WithCause(err)
			}
			return next(c)
		}
	}, nil
}

// isSafe reports whether a method is safe (RFC 9110 §9.2.1).
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions ||
		method == http.MethodTrace
}

// BodyLimit rejects a body larger than limit bytes when it is read: at once by its Content-Length, and otherwise when
// the limit is exceeded. A route may have another limit: [LimitBody].
//
// Threat: a client fills memory and disk.
func BodyLimit(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.Body != nil && r.Body != http.NoBody {
				body := &limitedBody{whole: r.Body, limit: limit, length: r.ContentLength, response: c.Response()}
				r.Body = body
				c.Set(bodyKey, body)
			}
			return next(c)
		}
	}
}

// MaxBody replaces the limit of [BodyLimit] for a route or a group, lower or higher, in bytes:
//
//	e.POST("/videos", videos.Upload, middleware.MaxBody(2<<30))
//
// It panics if the limit is not positive.
func MaxBody(limit int64) echo.MiddlewareFunc {
	if limit <= 0 {
		panic("middleware: MaxBody requires a positive number of bytes")
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := LimitBody(c, limit); err != nil {
				return err
			}
			return next(c)
		}
	}
}

const bodyKey = "covet.body"

// LimitBody replaces the limit of [BodyLimit] for one request. A handler, or middleware of one route, calls it before
// reading the body. It returns the problem if the body is known to be too large.
func LimitBody(c echo.Context, limit int64) error {
	r := c.Request()
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, ok := c.Get(bodyKey).(*limitedBody) // other middleware may have wrapped it
	if !ok {
		body = &limitedBody{whole: r.Body, length: r.ContentLength, response: c.Response()}
		r.Body = body
		c.Set(bodyKey, body)
	}
	if body.reader != nil {
		return errors.New("limiting the body: it is being read already")
	}
	body.limit = limit
	return body.tooLarge()
}

// limitedBody fails when the limit that applies at the first read is exceeded.
type limitedBody struct {
	whole    io.ReadCloser
	limit    int64
	length   int64 // the announced length, or -1
	response http.ResponseWriter
	reader   io.ReadCloser // nil until the first Read
}

func (b *limitedBody) tooLarge() error {
	if b.length > b.limit {
		return problem.From(&http.MaxBytesError{Limit: b.limit})
	}
	return nil
}

// Read implements [io.Reader]. A body whose known length is too large is not read at all.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.reader == nil {
		if b.length > b.limit {
			return 0, &http.MaxBytesError{Limit: b.limit}
		}
		b.reader = http.MaxBytesReader(b.response, b.whole, b.limit)
	}
	return b.reader.Read(p)
}

// Close implements [io.Closer].
func (b *limitedBody) Close() error { return b.whole.Close() }

// Recover turns a panic into an internal problem with the stack of the panic. It does not recover http.ErrAbortHandler,
// which aborts the connection.
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
