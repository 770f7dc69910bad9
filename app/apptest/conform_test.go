package apptest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

// described is an API whose handlers send what the request asks for, whatever its document says.
type described struct{}

func (described) Name() string { return "described" }

func (described) Document() ([]byte, error) {
	return []byte(`{"openapi": "3.1.0", "paths": {"/api/things/{id}": {"get": {"responses": {
		"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}, "text/*": {}}},
		"204": {}, "3XX": {},
		"404": {"content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}}},
		"default": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}}}},
		"/api/things/none": {"get": {"responses": {"200": {}}}}},
		"components": {"schemas": {"Thing": {"type": "object", "required": ["at", "tags"], "properties": {
		"at": {"type": "string", "format": "date"}, "tags": {"type": "array", "items": {"type": "string"}}}}}}}`), nil
}

func (described) Routes(a *covet.App) error {
	send := func(c echo.Context) error {
		r := c.Request()
		var status int
		if _, err := fmt.Sscan(r.Header.Get("X-Status"), &status); err != nil {
			return err
		}
		if status == http.StatusFound {
			return c.Redirect(status, "/elsewhere")
		}
		return c.Blob(status, r.Header.Get("X-Type"), []byte(r.Header.Get("X-Body")))
	}
	a.Echo.GET("/api/things/:id", send)
	a.Echo.GET("/api/undescribed", send)
	a.Echo.POST("/api/things/:id", send)
	a.Echo.GET("/elsewhere", func(c echo.Context) error { return c.String(http.StatusOK, "elsewhere") })
	return nil
}

// failures is a test that keeps its failures.
type failures struct {
	testing.TB
	mu   sync.Mutex
	list []string
}

func (r *failures) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, fmt.Sprintf(format, args...))
}

// take returns the failures so far, and forgets them.
func (r *failures) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.Join(r.list, "\n")
	r.list = nil
	return text
}

func newDescribed(cfg config) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		return nil, err
	}
	return a, a.Use(described{})
}

func TestResponsesAreCheckedAgainstTheDocument(t *testing.T) {
	t.Parallel()
	const right = `{"at":"2026-11-30","tags":[]}`
	tests := []struct {
		name, method, path, status, contentType, body string
		want                                          string // in the failure; empty for none
	}{
		{"right", "GET", "/api/things/1", "200", "application/json; charset=utf-8", right, ""},
		{"more members", "GET", "/api/things/1", "200", "application/json", `{"at":"2026-11-30","tags":["a"],"more":1}`, ""},
		{"range of media types", "GET", "/api/things/1", "200", "text/csv", "a,b", ""},
		{"no content", "GET", "/api/things/1", "204", "", "", ""},
		{"redirect", "GET", "/api/things/1", "302", "", "", ""},
		{"own error", "GET", "/api/things/1", "404", "application/json", `{"error":"x"}`, ""},
		{"other error", "GET", "/api/things/1", "429", "application/problem+json", `{}`, ""},
		{"HEAD", "HEAD", "/api/things/1", "200", "application/json", `null`, ""},
		{"undescribed path", "GET", "/api/undescribed", "200", "application/json", `null`, ""},
		{"undescribed method", "POST", "/api/things/1", "299", "application/json", `null`, ""},
		{"null for a list", "GET", "/api/things/1", "200", "application/json", `{"at":"2026-11-30","tags":null}`, "/tags"},
		{"member left out", "GET", "/api/things/1", "200", "application/json", `{"at":"2026-11-30"}`, "tags"},
		{"format", "GET", "/api/things/1", "200", "application/json", `{"at":"today","tags":[]}`, "/at"},
		{"no JSON", "GET", "/api/things/1", "200", "application/json", `{`, "not JSON"},
		{"status", "GET", "/api/things/1", "201", "application/json", right, "status is not documented"},
		{"status of HEAD", "HEAD", "/api/things/1", "201", "application/json", right, "status is not documented"},
		{"media type", "GET", "/api/things/1", "200", "application/xml", "<a/>", "application/xml"},
		{"no media type", "GET", "/api/things/1", "200", "/", "x", "Content-Type"},
		{"own error in another shape", "GET", "/api/things/1", "404", "application/json", `{}`, "error"},
		{"page for an error", "GET", "/api/things/1", "500", "text/html", "<p>", "text/html"},
		{"body that is not described", "GET", "/api/things/none", "200", "text/plain", "x", "no body"},
	}
	r := &failures{TB: t}
	a := apptest.New(r, newDescribed)
	for _, tt := range tests {
		for _, client := range []*apptest.Client{a.Client(), a.Client().Bearer("x")} {
			request, err := http.NewRequestWithContext(t.Context(), tt.method, tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Status", tt.status)
			request.Header.Set("X-Type", tt.contentType)
			request.Header.Set("X-Body", tt.body)
			page := client.Do(request)
			if got := r.take(); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%s: the failure is %q, want %q in it", tt.name, got, tt.want)
			}
			if tt.method == http.MethodGet && tt.status == "200" && page.Body() != tt.body {
				t.Errorf("%s: the body is %q after the check", tt.name, page.Body())
			}
		}
	}
}

func TestUndocumentedResponses(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]apptest.Option{nil, {apptest.UndocumentedResponses()}} {
		r := &failures{TB: t}
		a := apptest.New(r, newDescribed, opts...)
		client := &http.Client{Transport: a.Transport()}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/api/things/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Status", "299")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if got := r.take(); (got == "") != (opts != nil) {
			t.Errorf("with %d options the failure is %q", len(opts), got)
		}
	}
}
