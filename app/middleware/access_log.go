package middleware

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// AccessLog writes one line for each request, after its response, and lets
// echo's error handler answer the error that the request ended with. This is the
// one place where errors of requests are logged: at level error with the cause
// when the fault is ours (5xx), at info otherwise. Paths are logged without their
// query, which may hold secrets; took_us is the time in microseconds.
func AccessLog(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start, method := time.Now(), c.Request().Method
			err := next(c)
			ctx, res := c.Request().Context(), c.Response()
			broken := err != nil && res.Committed // failed half-way: the status cannot tell
			if err != nil {
				c.Error(err)
			}
			level := slog.LevelInfo
			if broken || res.Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			if !log.Enabled(ctx, level) {
				return nil
			}
			attrs := make([]slog.Attr, 0, 8)
			attrs = append(attrs,
				slog.String("method", method),
				slog.String("path", c.Request().URL.Path),
				slog.Int("status", res.Status),
				slog.Int64("bytes", res.Size),
				slog.Int64("took_us", time.Since(start).Microseconds()),
				slog.String("ip", c.RealIP()),
			)
			if err != nil && level == slog.LevelError {
				attrs = append(attrs, slog.String("error", err.Error()))
			}
			log.LogAttrs(ctx, level, "request", attrs...)
			return nil
		}
	}
}
