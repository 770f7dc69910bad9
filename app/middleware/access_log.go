package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// failure is the error that echo's error handler received.
type failure struct {
	err    error
	broken bool // the response had begun
}

const failureKey = "covet.failure"

// RecordError records the first error that the error handler of echo receives, before it is written. [AccessLog] logs
// it even if inner middleware calls c.Error and returns nil, as echo's Logger and Recover do, and aborts the response
// if it had begun.
func RecordError(c echo.Context, err error) {
	if _, known := c.Get(failureKey).(failure); !known {
		c.Set(failureKey, failure{err: err, broken: c.Response().Committed})
	}
}

// AccessLog logs one line per request after its response, and passes the request's error to echo's error handler. It is
// the only place where errors of requests are logged, with their cause: at level error for server errors (5xx), at info
// otherwise. A response that failed half-way is aborted, so that no client considers it complete. Paths are logged
// without their query, which may contain secrets; took_us is the time in microseconds.
func AccessLog(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start, method := time.Now(), c.Request().Method
			err := next(c)
			ctx, res := c.Request().Context(), c.Response()
			seen, handled := c.Get(failureKey).(failure)
			broken := seen.broken // failed half-way: the status does not show it
			switch {
			case handled:
				err = seen.err
			case err != nil:
				broken = res.Committed
				c.Error(err)
			}
			level := slog.LevelInfo
			if !ClientGone(ctx) && (broken || res.Status >= http.StatusInternalServerError) {
				level = slog.LevelError // unless the client disconnected
			}
			if log.Enabled(ctx, level) {
				log.LogAttrs(ctx, level, "request", describe(c, method, time.Since(start), err)...)
			}
			if broken {
				panic(http.ErrAbortHandler) // closes the connection: the response must not look complete
			}
			return nil
		}
	}
}

// describe returns the log attributes of a request. They include the error if it has a cause, which is not sent to the
// client.
func describe(c echo.Context, method string, took time.Duration, err error) []slog.Attr {
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs,
		slog.String("method", method),
		slog.String("path", c.Request().URL.Path),
		slog.Int("status", c.Response().Status),
		slog.Int64("bytes", c.Response().Size),
		slog.Int64("took_us", took.Microseconds()),
		slog.String("ip", c.RealIP()),
	)
	if err != nil && errors.Unwrap(problem.From(err)) != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	return attrs
}
