package jobsui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

const (
	// streamLife is how long a stream lasts. The browser then opens another one, for which everything is checked again.
	//
	// Threat: a page that stays open is notified of jobs after its session or its permission has ended.
	streamLife = 30 * time.Second
	// beat is how often something is sent although nothing changed, so that a connection that is gone is noticed.
	beat = 10 * time.Second
	// writeTime bounds each write; see HTTPConfig.WriteTimeout, which bounds whole responses and is lifted.
	//
	// Threat: a client that does not read keeps a stream for ever.
	writeTime = 10 * time.Second
	// retryAfter is when the browser opens another stream, in milliseconds.
	retryAfter = 1000
)

// events streams the version of the numbers, or of one job, whenever it changes (Server-Sent Events, HTML §9.2). A
// version says nothing but that it is another one; what has changed, the page asks for as any page does.
func (p pages) events(c echo.Context) error {
	ctx := c.Request().Context()
	job := c.QueryParam("job")
	switch {
	case job != "" && !p.readsJobs(ctx):
		return problem.Forbidden("")
	case len(job) > 36 || !request.Storable(job):
		return problem.NotFound("")
	case c.Request().Method != http.MethodGet:
		return c.NoContent(http.StatusOK)
	}
	stream, err := p.sampler.Open(streamer(ctx), job)
	if errors.Is(err, live.ErrFull) {
		c.Response().Header().Set("Retry-After", "30")
		return problem.New(http.StatusServiceUnavailable, "too_many_streams", words.T(ctx, "jobs.too_many_streams"))
	}
	if err != nil {
		return err
	}
	defer stream.Close()
	return p.send(c, stream)
}

// streamer names who opens a stream.
func streamer(ctx context.Context) string {
	actor, _ := identity.From(ctx)
	return actor.ID
}

// send writes events until the client goes, the stream has lasted long enough, or the server stops.
func (p pages) send(c echo.Context, stream *live.Stream) error {
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx passes events on at once
	c.Response().WriteHeader(http.StatusOK)
	control := http.NewResponseController(c.Response())
	write := func(event string) error {
		if err := control.SetWriteDeadline(time.Now().Add(writeTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return fmt.Errorf("bounding a write: %w", err)
		}
		if _, err := c.Response().Write([]byte(event)); err != nil {
			return fmt.Errorf("writing an event: %w", err)
		}
		return control.Flush()
	}
	if write(fmt.Sprintf("retry: %d\n\n", retryAfter)) != nil {
		return nil //nolint:nilerr // the client has gone, which is how most streams end
	}
	end, ticks := time.NewTimer(streamLife), time.NewTicker(beat)
	defer end.Stop()
	defer ticks.Stop()
	for {
		event := ": still here\n\n"
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-p.Stopping:
			return nil
		case <-end.C:
			return nil
		case version := <-stream.Changes():
			event = "event: change\ndata: " + version + "\n\n"
		case <-ticks.C:
		}
		if write(event) != nil {
			return nil //nolint:nilerr // the client has gone
		}
	}
}
