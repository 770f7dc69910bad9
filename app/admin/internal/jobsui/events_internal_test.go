package jobsui

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
)

// still is a source in which nothing changes.
type still struct{}

func (still) Look(context.Context, []string) (*numbers, error) {
	return &numbers{version: "v1"}, nil
}
func (still) Version(n *numbers, _ string) string { return n.version }

// streamed runs a stream until it ends, and returns what was sent, and after how long it ended.
func streamed(t *testing.T, change func(cancel context.CancelFunc)) (string, time.Duration) {
	t.Helper()
	stopping := make(chan struct{})
	p := pages{monitor: &monitor{
		Config:  Config{Stopping: stopping},
		sampler: live.New(still{}, slog.New(slog.DiscardHandler)),
	}}
	stream, err := p.sampler.Open("ada", "")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	recorder := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), recorder)
	begun := time.Now()
	go change(func() { cancel(); close(stopping) })
	if err := p.send(c, stream); err != nil {
		t.Error(err)
	}
	if got := recorder.Header().Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("it is %s", got)
	}
	return recorder.Body.String(), time.Since(begun)
}

// Threat: a page that stays open keeps receiving jobs although its session has ended. A stream ends after 30 seconds;
// the request that opens the next one is authorized again.
func TestStreamsEndByThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body, took := streamed(t, func(context.CancelFunc) {})
		if took != streamLife {
			t.Errorf("it lasted %s", took)
		}
		if !strings.HasPrefix(body, "retry: 1000\n\nevent: change\ndata: v1\n\n") ||
			strings.Count(body, ": still here\n\n") < 2 || strings.Count(body, "event:") != 1 {
			t.Errorf("it sent %q", body)
		}
	})
}

func TestStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, took := streamed(t, func(stop context.CancelFunc) {
			time.Sleep(3 * time.Second)
			stop()
		})
		if took != 3*time.Second {
			t.Errorf("it lasted %s", took)
		}
	})
}
