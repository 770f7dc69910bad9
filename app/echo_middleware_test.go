package app_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// echosMiddleware is echo's own middleware that repeats something of Covet's. Where timeout is true, the whole response is
// held back.
var echosMiddleware = []struct {
	name      string
	timeout   bool
	addsFrame bool
	add       func() echo.MiddlewareFunc
}{
	{name: "none", add: func() echo.MiddlewareFunc { return func(next echo.HandlerFunc) echo.HandlerFunc { return next } }},
	{name: "Gzip", add: middleware.Gzip},
	{name: "Decompress", add: middleware.Decompress},
	{name: "CORS", add: middleware.CORS},
	{name: "BodyLimit", add: func() echo.MiddlewareFunc { return middleware.BodyLimit("1M") }},
	{name: "ContextTimeout", add: func() echo.MiddlewareFunc { return middleware.ContextTimeout(time.Minute) }},
	{name: "Timeout", timeout: true, add: func() echo.MiddlewareFunc {
		return middleware.TimeoutWithConfig(middleware.TimeoutConfig{Timeout: time.Minute}) //nolint:staticcheck // applications use it
	}},
	{name: "Secure", addsFrame: true, add: middleware.Secure},
	{name: "RequestID", add: middleware.RequestID},
	{name: "Recover", add: middleware.Recover},
	{name: "Logger", add: func() echo.MiddlewareFunc {
		return middleware.LoggerWithConfig(middleware.LoggerConfig{Output: io.Discard}) //nolint:staticcheck // applications use it
	}},
	{name: "RequestLogger", add: func() echo.MiddlewareFunc {
		return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
			HandleError: true, LogValuesFunc: func(echo.Context, middleware.RequestLoggerValues) error { return nil },
		})
	}},
}

// logBuffer keeps a log that several requests write.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

const longText = "the same text again and again, so that it shrinks. "

// streamingApp has a page, a download, events and errors at a path.
func streamingApp(t *testing.T, logs io.Writer, global, group echo.MiddlewareFunc, release <-chan struct{}) *httptest.Server {
	t.Helper()
	cfg := covet.Config{
		App:      covet.Application{DataDir: t.TempDir()},
		Database: database.Config{URL: "sqlite::memory:"},
		Override: covet.Override{LogOutput: logs},
	}
	assets := web.MustAssets(fstest.MapFS{"app.css": {Data: []byte(strings.Repeat(longText, 50))}}, "/assets/")
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}, Assets: assets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.WithoutCancel(t.Context())) })
	a.Echo.Use(global)
	g := a.Echo.Group("/x", group)
	g.GET("/page", func(c echo.Context) error { return c.HTML(http.StatusOK, strings.Repeat(longText, 50)) })
	g.GET("/download", func(c echo.Context) error {
		c.Response().Header().Set("Content-Disposition", `attachment; filename="a.txt"`)
		return c.Stream(http.StatusOK, "text/plain", strings.NewReader(strings.Repeat(longText, 50)))
	})
	g.GET("/events", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/event-stream")
		if _, err := io.WriteString(c.Response(), "data: first\n\n"); err != nil {
			return err
		}
		c.Response().Flush()
		<-release
		_, err := io.WriteString(c.Response(), "data: last\n\n")
		return err
	})
	g.GET("/missing", func(echo.Context) error { return problem.NotFound("") })
	g.GET("/fault", func(echo.Context) error { return problem.Internal(io.ErrNoProgress) })
	g.GET("/panic", func(echo.Context) error { panic("out of order") })
	g.GET("/broken", func(c echo.Context) error {
		c.Response().Header().Set("Content-Length", "1000")
		if _, err := io.WriteString(c.Response(), "half"); err != nil {
			return err
		}
		return io.ErrNoProgress
	})
	g.POST("/body", func(c echo.Context) error {
		_, err := io.Copy(io.Discard, c.Request().Body)
		if err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	server := httptest.NewServer(a.Echo)
	t.Cleanup(server.Close)
	return server
}

// Middleware of echo that repeats what Covet does leaves every kind of response as it is.
func TestEchosMiddleware(t *testing.T) {
	t.Parallel()
	for _, tt := range echosMiddleware {
		for _, global := range []bool{true, false} {
			name := tt.name + " of a group"
			if global {
				name = tt.name + " of all"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				pass := func(next echo.HandlerFunc) echo.HandlerFunc { return next }
				all, group := tt.add(), pass
				if !global {
					all, group = pass, tt.add()
				}
				release := make(chan struct{})
				logs := new(logBuffer)
				server := streamingApp(t, logs, all, group, release)
				checkResponses(t, server.URL, tt.addsFrame)
				checkErrors(t, server.URL, logs)
				if !tt.timeout {
					checkEvents(t, server.URL, release)
				}
			})
		}
	}
}

// fetch gets a path with gzip accepted, and returns the response with its body as it was before compression.
func fetch(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Accept", "text/html")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body io.Reader = res.Body
	if got := res.Header.Values("Content-Encoding"); len(got) > 1 {
		t.Errorf("%s: Content-Encoding = %q", address, got)
	} else if len(got) == 1 {
		if body, err = gzip.NewReader(res.Body); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if id := res.Header.Values("X-Request-Id"); len(id) != 1 || id[0] == "" {
		t.Errorf("%s: X-Request-Id = %q", address, id)
	}
	return res, string(text)
}

func checkResponses(t *testing.T, url string, addsFrame bool) {
	t.Helper()
	whole := strings.Repeat(longText, 50)
	for _, path := range []string{"/x/page", "/x/download", "/assets/app.css"} {
		res, body := fetch(t, url+path) //nolint:bodyclose // by fetch
		if res.StatusCode != http.StatusOK || body != whole || res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d, %d bytes, %v", path, res.StatusCode, len(body), res.Header)
		}
		if path != "/x/page" {
			continue
		}
		h := res.Header
		frame := "DENY"
		if addsFrame {
			frame = "SAMEORIGIN"
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("X-Frame-Options") != frame || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
	res, err := http.Post(url+"/x/body", "text/plain", strings.NewReader(strings.Repeat("x", 11<<20))) //nolint:noctx // short
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body gets %d", res.StatusCode)
	}
}

// checkErrors holds that errors are written once, that the log has their cause, and that a response that failed half-way
// does not look complete.
func checkErrors(t *testing.T, url string, logs *logBuffer) {
	t.Helper()
	for path, status := range map[string]int{"/x/missing": 404, "/x/nowhere": 404, "/x/fault": 500, "/x/panic": 500} {
		res, body := fetch(t, url+path) //nolint:bodyclose // by fetch
		if res.StatusCode != status || strings.Count(body, "</html>") != 1 ||
			!strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %v\n%s", path, res.StatusCode, res.Header, body)
		}
	}
	for _, cause := range []string{io.ErrNoProgress.Error(), "out of order"} {
		if !strings.Contains(logs.String(), cause) {
			t.Errorf("the log lacks %q:\n%s", cause, logs)
		}
	}
	res, err := http.Get(url + "/x/broken") //nolint:noctx // short
	if err != nil {
		return // the connection was cut before the header
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil && res.StatusCode == http.StatusOK {
		t.Error("a response that failed half-way looks complete")
	}
}

func checkEvents(t *testing.T, url string, release chan<- struct{}) {
	t.Helper()
	res, err := http.Get(url + "/x/events") //nolint:noctx // ends with the handler
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	first, err := lines.ReadString('\n')
	close(release) // only now can the handler continue
	rest, restErr := io.ReadAll(lines)
	if first != "data: first\n" || err != nil || restErr != nil || !strings.Contains(string(rest), "data: last\n") {
		t.Errorf("events = %q %q, %v, %v", first, rest, err, restErr)
	}
}
