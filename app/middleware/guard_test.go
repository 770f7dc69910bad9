package middleware_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
)

// Threat: cross-site request forgery.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	guard, err := middleware.CrossOrigin(false, "https://blog.example.com")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method string
		header       map[string]string
		status       int
	}{
		{"same origin", http.MethodPost, map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"other site", http.MethodPost, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"sister domain", http.MethodPost, map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"older browser, other site", http.MethodPost, map[string]string{"Origin": "https://evil.example"}, 403},
		{"opaque origin", http.MethodPost, map[string]string{"Origin": "null"}, 403},
		{
			"trusted origin", http.MethodPost,
			map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://blog.example.com"},
			200,
		},
		{"other site reads", http.MethodGet, map[string]string{"Sec-Fetch-Site": "cross-site"}, 200},
		{"no browser", http.MethodPost, nil, 200},
		{"other site deletes", http.MethodDelete, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, "/", nil)
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			if w := serve(t, r, ok, guard); w.Code != tt.status {
				t.Errorf("status = %d, want %d", w.Code, tt.status)
			}
		})
	}
	if _, err := middleware.CrossOrigin(false, "blog.example.com"); err == nil {
		t.Error("an origin without a scheme is taken")
	}
}

// Threat: a page loaded without TLS, and changed on its way, writes to the application that has TLS.
func TestCrossOriginComparesTheScheme(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		https          bool
		method, origin string
		site           string
		tls            bool
		trusted        []string
		status         int
	}{
		"plain origin, https by configuration": {https: true, origin: "http://example.com", status: 403},
		"plain origin, over TLS":               {tls: true, origin: "http://example.com", status: 403},
		"own origin":                           {https: true, origin: "https://example.com", status: 200},
		"own origin, no https":                 {origin: "http://example.com", status: 200},
		"https before a proxy that hides it":   {origin: "https://example.com", status: 200},
		"a browser that says same-origin":      {https: true, origin: "http://example.com", site: "same-origin", status: 200},
		"a plain origin that is trusted": {
			https: true, origin: "http://example.com",
			trusted: []string{"http://example.com"}, status: 200,
		},
		"reading": {
			https: true, method: http.MethodGet,
			origin: "http://example.com", status: 200,
		},
		"no browser": {https: true, status: 200},
	} {
		guard, err := middleware.CrossOrigin(c.https, c.trusted...)
		if err != nil {
			t.Fatal(err)
		}
		if c.method == "" {
			c.method = http.MethodPost
		}
		r := httptest.NewRequest(c.method, "http://example.com/", nil)
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		for header, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if value != "" {
				r.Header.Set(header, value)
			}
		}
		if w := serve(t, r, ok, guard); w.Code != c.status {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.status)
		}
	}
}

// Threat: memory filled by one client, also without a Content-Length.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	read := func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, string(body))
	}
	for _, tt := range []struct {
		name    string
		size    int
		chunked bool
		status  int
	}{
		{"at the limit", 10, false, 200},
		{"above", 11, false, 413},
		{"chunked at the limit", 10, true, 200},
		{"chunked above", 11, true, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", tt.size)))
			if tt.chunked {
				r.ContentLength = -1
			}
			if w := serve(t, r, read, middleware.BodyLimit(10)); w.Code != tt.status {
				t.Errorf("status = %d, want %d", w.Code, tt.status)
			}
		})
	}
}

// A route may have another limit, lower or higher, as long as nothing was read.
func TestLimitBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		limit   int64
		size    int
		chunked bool
		status  int
	}{
		{"lower", 5, 5, false, 200},
		{"lower, above", 5, 6, false, 413},
		{"lower, chunked above", 5, 6, true, 413},
		{"higher", 20, 20, false, 200},
		{"higher, above", 20, 21, false, 413},
		{"higher, chunked", 20, 20, true, 200},
		{"higher, chunked above", 20, 21, true, 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", tt.size)))
			if tt.chunked {
				r.ContentLength = -1
			}
			w := serve(t, r, func(c echo.Context) error {
				if err := middleware.LimitBody(c, tt.limit); err != nil {
					return err
				}
				if _, err := io.ReadAll(c.Request().Body); err != nil {
					return err
				}
				if err := middleware.LimitBody(c, 1000); err == nil {
					t.Error("the limit is lifted from a body that was read")
				}
				return ok(c)
			}, middleware.BodyLimit(10))
			if w.Code != tt.status {
				t.Errorf("status = %d, want %d", w.Code, tt.status)
			}
		})
	}
	if w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil),
		func(c echo.Context) error { return errors.Join(middleware.LimitBody(c, 1), ok(c)) }); w.Code != 200 {
		t.Errorf("without a body: %d", w.Code)
	}
}
