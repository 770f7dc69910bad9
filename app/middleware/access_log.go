package middleware

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// failure is the error of a request that echo's error handler was given.
type failure struct {
	err    error
	broken bool // the response had begun
}

const failureKey = "covet.failure"

// RecordError records the first error that the error handler of echo is given, before it is written. [AccessLog] logs it
// also when middleware inside calls c.Error and returns nil, as echo's Logger and Recover do, and cuts the response off
// if it had begun.
func RecordError(c echo.Context, err error) {
	if _, known := c.Get(failureKey).(failure); !known {
		c.Set(failureKey, failure{err: err, broken: c.Response().Committed})
	}
}

// AccessLog writes one line for each request, after its response, and lets
// echo's error handler answer the error that the request ended with. This is the
// one place where errors of requests are logged, with their cause: at level error
// when the fault is ours (5xx), at info otherwise. A response that failed half-way
// is cut off, so that nobody takes it for complete. Paths are logged without their
// query, which may hold secrets; took_us is the time in microseconds.
func AccessLog(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start, method := time.Now(), c.Request().Method
			err := next(c)
			ctx, res := c.Request().Context(), c.Response()
			seen, handled := c.Get(failureKey).(failure)
			broken := seen.broken // failed half-way: the status cannot tell
			switch {
			case handled:
				err = seen.err
			case err != nil:
				broken = res.Committed
				c.Error(err)
			}
			level := slog.LevelInfo
			if !ClientGone(ctx) && (broken || res.Status >= http.StatusInternalServerError) {
				level = slog.LevelError // unless the client went away, which is no fault of ours
			}
			if log.Enabled(ctx, level) {
				log.LogAttrs(ctx, level, "request", describe(c, method, time.Since(start), err)...)
			}
			if broken {
				panic(http.ErrAbortHandler) // cuts the connection: the response must not look complete
			}
			return nil
		}
	}
}

// describe returns what the log says of a request. The error is there when it has
// a cause, which no client is told.
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
