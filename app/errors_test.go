package app_test

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/config"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	secret := errors.New("hunter2")
	handlers := map[string]echo.HandlerFunc{
		"/internal": func(echo.Context) error { return secret },
		"/panic":    func(echo.Context) error { panic(secret) },
		"/record":   func(echo.Context) error { return gorm.ErrRecordNotFound },
		"/file":     func(echo.Context) error { return fmt.Errorf("opening file %q: %w", "hunter2", storage.ErrNotFound) },
		"/teapot":   func(echo.Context) error { return echo.NewHTTPError(http.StatusTeapot, "hunter2") },
		"/conflict": func(echo.Context) error { return problem.Conflict("Taken.").WithHeader("Retry-After", "7") },
		"/eof":      func(echo.Context) error { return fmt.Errorf("querying: %w", io.ErrUnexpectedEOF) },
		"/chosen":   func(echo.Context) error { return problem.Internal(fmt.Errorf("x: %w", gorm.ErrRecordNotFound)) },
		"/thrown":   func(echo.Context) error { panic(fmt.Errorf("x: %w", gorm.ErrRecordNotFound)) },
		"/away":     func(echo.Context) error { return fmt.Errorf("querying: %w", driver.ErrBadConn) },
		"/canceled": func(echo.Context) error { return fmt.Errorf("background: %w", context.Canceled) },
		"/zero":     func(echo.Context) error { return &echo.HTTPError{} },
	}
	a := newApp(t, testConfig(t))
	for path, handler := range handlers {
		a.Echo.GET(path, handler)
	}
	base := start(t, a, covet.Roles{Web: true})
	tests := []struct {
		method, path string
		status       int
		code         string
	}{
		{http.MethodGet, "/internal", 500, "internal"},
		{http.MethodGet, "/panic", 500, "internal"},
		{http.MethodGet, "/record", 404, "not_found"},
		{http.MethodGet, "/file", 404, "not_found"},
		{http.MethodGet, "/teapot", 418, "status_418"},
		{http.MethodGet, "/conflict", 409, "conflict"},
		{http.MethodGet, "/eof", 500, "internal"},
		{http.MethodGet, "/chosen", 500, "internal"},
		{http.MethodGet, "/thrown", 500, "internal"},
		{http.MethodGet, "/canceled", 500, "internal"},
		{http.MethodGet, "/away", 503, "unavailable"},
		{http.MethodGet, "/zero", 500, "internal"},
		{http.MethodGet, "/nowhere", 404, "not_found"},
		{http.MethodPost, "/internal", 405, "method_not_allowed"},
	}
	for _, tt := range tests {
		problem := do(t, tt.method, base+tt.path, "application/json")
		var got struct {
			Status int
			Code   string
		}
		if err := json.Unmarshal([]byte(problem.body), &got); err != nil {
			t.Errorf("%s: %v in %s", tt.path, err, problem.body)
		}
		if problem.status != tt.status || got.Status != tt.status || got.Code != tt.code {
			t.Errorf("%s %s: %d %+v, want %d %s", tt.method, tt.path, problem.status, got, tt.status, tt.code)
		}
		if kind := problem.header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: type %s", tt.path, kind)
		}
		page := do(t, tt.method, base+tt.path, "text/html")
		if page.status != tt.status || !strings.Contains(page.body, "<h1>") ||
			!strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s as a page: %+v", tt.path, page)
		}
		if strings.Contains(problem.body+page.body, "hunter2") { // the cause reaches the client
			t.Errorf("%s gives the cause away: %s", tt.path, problem.body)
		}
	}
	if got := do(t, http.MethodHead, base+"/nowhere", "*/*"); got.status != http.StatusNotFound || got.body != "" {
		t.Errorf("HEAD: %d %q", got.status, got.body)
	}
	if got := do(t, http.MethodHead, base+"/health", "*/*"); got.status != http.StatusOK || got.body != "" {
		t.Errorf("HEAD of a page: %d %q", got.status, got.body)
	}
	if got := do(t, http.MethodGet, base+"/conflict", "*/*"); got.header.Get("Retry-After") != "7" {
		t.Errorf("the problem's header is lost: %v", got.header)
	}
	if got := do(t, http.MethodPost, base+"/internal", "*/*"); got.header.Get("Allow") == "" {
		t.Error("405 does not say what is allowed")
	}
}

func TestBrokenResponseIsCutOff(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	a.Echo.GET("/half", func(c echo.Context) error {
		c.Response().WriteHeader(http.StatusOK)
		_, _ = io.WriteString(c.Response(), strings.Repeat("row\n", 1000))
		c.Response().Flush()
		return errors.New("database away")
	})
	response, err := http.Get(start(t, a, covet.Roles{Web: true}) + "/half") //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%d bytes arrive as a complete response", len(body))
	}
}

func TestErrorsDropTheHandlersHeaders(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	a.Echo.GET("/export", func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Disposition", `attachment; filename="export.csv"`)
		h.Set("Content-Length", "100000")
		h.Set("ETag", `"v1"`)
		return errors.New("database away")
	})
	got := do(t, http.MethodGet, start(t, a, covet.Roles{Web: true})+"/export", "text/html")
	if got.status != http.StatusInternalServerError || got.header.Get("Content-Disposition")+got.header.Get("ETag") != "" {
		t.Errorf("answer = %+v", got)
	}
}

func TestErrorPagePanics(t *testing.T) {
	t.Parallel()
	a, err := covet.New(testConfig(t), covet.Options{
		Drivers:   []database.Driver{sqlite.Driver{}},
		ErrorPage: func(*problem.Error) templ.Component { panic("no user") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, http.MethodGet, start(t, a, covet.Roles{Web: true})+"/nowhere", "text/html"); got.status != 404 ||
		!strings.Contains(got.body, "Page not found") {
		t.Errorf("answer = %+v", got)
	}
}

func TestCausesAreShownToLocalhostOnly(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.App.Env = config.Development
	a := newApp(t, cfg)
	a.Echo.GET("/fail", func(echo.Context) error { return errors.New("hunter2") })
	base := start(t, a, covet.Roles{Web: true})
	for host, shown := range map[string]bool{
		"localhost:8000": true, "127.0.0.1": true, "blog.localhost": true,
		"[::1]:8000": true, "evil.example": false, "192.168.1.7:8000": false,
	} {
		for _, path := range []string{"/fail", "/dev/mail"} {
			for _, accept := range []string{"text/html", "application/json"} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Host, r.Close = host, true
				r.Header.Set("Accept", accept)
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				if err := errors.Join(err, response.Body.Close()); err != nil {
					t.Fatal(err)
				}
				if path == "/fail" && strings.Contains(string(body), "hunter2") != shown {
					t.Errorf("host %s, %s: the cause is shown = %v", host, accept, !shown)
				}
				if path == "/dev/mail" && (response.StatusCode == http.StatusOK) != shown {
					t.Errorf("host %s: the inbox answers %d", host, response.StatusCode)
				}
			}
		}
	}
}
