package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
)

// withDeadline serves a request with a deadline of a second of the bubble, and returns the error.
func withDeadline(handler echo.HandlerFunc) error {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	return middleware.Deadline(time.Second)(handler)(echo.New().NewContext(r, httptest.NewRecorder()))
}

func TestDeadlineBecomesA503(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		err := withDeadline(func(c echo.Context) error {
			ctx := c.Request().Context()
			if at, ok := ctx.Deadline(); !ok || !at.Equal(begun.Add(time.Second)) {
				t.Errorf("the deadline is %v", at)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if p := problem.From(err); p == nil || p.Status != http.StatusServiceUnavailable ||
			p.Header.Get("Retry-After") == "" {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestStreamsMoveTheDeadline(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]time.Duration{"moved": time.Hour, "lifted": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := withDeadline(func(c echo.Context) error {
					var at time.Time
					if until != 0 {
						at = time.Now().Add(until)
					}
					// The recorder has no deadline, which is no fault of the middleware.
					_ = http.NewResponseController(c.Response()).SetWriteDeadline(at)
					if got, ok := c.Request().Context().Deadline(); !got.Equal(at) || ok == at.IsZero() {
						t.Errorf("the deadline is %v, %v", got, ok)
					}
					time.Sleep(time.Minute) // of the bubble
					return c.Request().Context().Err()
				})
				if err != nil {
					t.Errorf("the context has ended: %v", err)
				}
			})
		})
	}
}
