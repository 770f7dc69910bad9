package middleware

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// errDeadline is the cause of a context that [Deadline] ended.
var errDeadline = errors.New("the request took too long")

// Deadline cancels the context of a request after limit, so that an unresponsive database, Redis or other server does
// not hold the request for longer; the resulting error becomes a 503. Choose a limit below the write timeout of the
// server, after which responses are not sent.
//
// A handler that streams moves the deadline with [http.ResponseController.SetWriteDeadline]; the zero time removes it.
// Hijacking the connection also removes it.
func Deadline(limit time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			// The context is not cancelled at the end of the handler: net/http does that, after the error page is
			// rendered.
			ctx, cancel := context.WithCancelCause(c.Request().Context())
			d := &deadline{timer: time.AfterFunc(limit, func() { cancel(errDeadline) })}
			d.move(time.Now().Add(limit))
			defer d.timer.Stop()
			c.SetRequest(c.Request().WithContext(deadlineContext{ctx, d}))
			c.Response().Writer = &deadlineWriter{c.Response().Writer, d}
			err := next(c)
			if !errors.Is(context.Cause(ctx), errDeadline) {
				return err
			}
			r := c.Request()
			c.SetRequest(r.WithContext(context.WithoutCancel(r.Context()))) // for the error page
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return problem.Unavailable(fmt.Errorf("%w: %w", errDeadline, err))
			}
			return err
		}
	}
}

// deadline is the movable deadline of a context. The zero time means none.
type deadline struct {
	timer *time.Timer
	at    atomic.Pointer[time.Time]
}

func (d *deadline) move(at time.Time) {
	d.at.Store(&at)
	if at.IsZero() {
		d.timer.Stop()
	} else {
		d.timer.Reset(time.Until(at))
	}
}

// deadlineContext reports the deadline, which clients of other servers set on their connections.
type deadlineContext struct {
	context.Context
	deadline *deadline
}

// Deadline returns the current deadline.
func (c deadlineContext) Deadline() (time.Time, bool) {
	at := *c.deadline.at.Load()
	return at, !at.IsZero()
}

// deadlineWriter moves the deadline of a context together with the write deadline.
type deadlineWriter struct {
	http.ResponseWriter
	deadline *deadline
}

// Unwrap gives http.ResponseController access to the other methods.
func (w *deadlineWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// SetWriteDeadline is called by http.ResponseController.
func (w *deadlineWriter) SetWriteDeadline(at time.Time) error {
	w.deadline.move(at)
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(at)
}

// Hijack is called by http.ResponseController.
func (w *deadlineWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.deadline.move(time.Time{})
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
