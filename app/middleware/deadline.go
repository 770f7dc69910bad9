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

// Deadline ends the context of a request after limit, so that a database, a Redis or another server that does not
// respond holds no request for longer: an error that comes of it becomes a 503. Choose a limit below the write timeout
// of the server, after which no response arrives.
//
// A handler that streams moves the end of its context with [http.ResponseController.SetWriteDeadline], to the time of
// the write deadline; the zero time lifts it. Hijacking the connection lifts it, too.
func Deadline(limit time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			// Nothing cancels it at the end of the request: net/http does that, after the page of an error is rendered.
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
			c.SetRequest(r.WithContext(context.WithoutCancel(r.Context()))) // for the page of the error
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return problem.Unavailable(fmt.Errorf("%w: %w", errDeadline, err))
			}
			return err
		}
	}
}

// deadline is the end of a context, which can be moved. The zero time is none.
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

// Deadline returns when the context ends, as long as nothing moves it.
func (c deadlineContext) Deadline() (time.Time, bool) {
	at := *c.deadline.at.Load()
	return at, !at.IsZero()
}

// deadlineWriter moves the end of a context together with the write deadline.
type deadlineWriter struct {
	http.ResponseWriter
	deadline *deadline
}

// Unwrap lets http.ResponseController find the other methods.
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
