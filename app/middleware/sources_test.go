package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
)

// policyOf returns the policy of a page with the headers and the sources of a route.
func policyOf(headers middleware.Headers, routes ...middleware.Sources) string {
	handler := func(c echo.Context) error { return c.HTML(http.StatusOK, "") }
	for _, sources := range routes {
		handler = middleware.AllowSources(sources)(handler)
	}
	w := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w)
	_ = middleware.SecureHeaders(headers)(handler)(c) // HTML into a recorder does not fail
	return w.Header().Get("Content-Security-Policy")
}

func TestAllowSources(t *testing.T) {
	t.Parallel()
	const a, b = "https://a.example", "https://b.example"
	tests := []struct {
		name    string
		headers middleware.Headers
		routes  []middleware.Sources
		want    string
	}{
		{
			"a fallback",
			middleware.Headers{Policy: "default-src 'self'"},
			[]middleware.Sources{{Frame: []string{a}}},
			"default-src 'self'; frame-src 'self' " + a,
		},
		{
			"nothing was allowed",
			middleware.Headers{Policy: "default-src 'none'; img-src 'none'"},
			[]middleware.Sources{{Image: []string{a}, Font: []string{b}}},
			"default-src 'none'; img-src " + a + "; font-src " + b,
		},
		{
			"everything is allowed",
			middleware.Headers{Policy: "img-src 'self'"},
			[]middleware.Sources{{Frame: []string{a}, Form: []string{a}, Ancestors: []string{a}}},
			"img-src 'self'",
		},
		{
			"once",
			middleware.Headers{Policy: "img-src 'self'", Sources: middleware.Sources{Image: []string{a}}},
			[]middleware.Sources{{Image: []string{a, b}}, {Image: []string{b, "blob:"}}},
			"img-src 'self' " + a + " " + b + " blob:",
		},
	}
	for _, tt := range tests {
		got := policyOf(tt.headers, tt.routes...)
		for _, part := range strings.Split(tt.want, "; ") { // routes add theirs from the outside to the inside
			words := strings.Fields(part)
			for _, word := range words {
				if !strings.Contains(got, word) {
					t.Errorf("%s: %q lacks %q", tt.name, got, word)
				}
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: the policy is %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := policyOf(middleware.Headers{}); strings.Contains(got, "example") {
		t.Errorf("the policy of another page is %q", got)
	}
}

// Threat: a source that ends its directive and begins another one.
func TestSourcesAreChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "https://a.example; script-src *", "https://a.example,b", "a b", "'none'", "https://a.example\r\nX: y", "'unsafe",
	} {
		if err := (middleware.Headers{Sources: middleware.Sources{Image: []string{bad}}}).Check(); err == nil {
			t.Errorf("%q is taken", bad)
		}
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, "sources_test.go:") {
					t.Errorf("%q: the panic is %q, and names no line of this file", bad, got)
				}
			}()
			middleware.AllowSources(middleware.Sources{Form: []string{bad}})
		}()
	}
	for _, good := range []string{
		"https://a.example", "https://*.a.example:443/path/", "a.example", "*.a.example", "data:", "blob:", "wss://a.example",
		"'self'", "'unsafe-inline'", "*", "http://localhost:*", "https:",
	} {
		if err := (middleware.Headers{Sources: middleware.Sources{Image: []string{good}}}).Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	cookies := &middleware.CORS{
		Origins: []string{"https://a.example"}, Methods: []string{"GET", "POST"}, Credentials: true, MaxAge: time.Hour,
	}
	public := &middleware.CORS{Origins: []string{"*"}}
	crossOrigin, err := middleware.CrossOrigin(true)
	if err != nil {
		t.Fatal(err)
	}
	handler := middleware.ServeCORS(func(path string) *middleware.CORS {
		return map[string]*middleware.CORS{"/cookies": cookies, "/public": public}[path]
	})(crossOrigin(func(c echo.Context) error { return c.String(http.StatusOK, c.Request().Header.Get("Cookie")) }))
	tests := []struct {
		name, method, path, origin, site string
		passes                           bool
		allowed, cookie                  string
	}{
		{"trusted", "POST", "/cookies", "https://a.example", "cross-site", true, "https://a.example", "s=1"},
		{"method that is not allowed", "DELETE", "/cookies", "https://a.example", "cross-site", false, "https://a.example", ""},
		{"part of an origin", "POST", "/cookies", "https://a.example.evil", "cross-site", false, "", ""},
		{"other scheme", "POST", "/cookies", "http://a.example", "cross-site", false, "", ""},
		{"opaque origin", "POST", "/cookies", "null", "cross-site", false, "", ""},
		{"anyone", "POST", "/public", "https://evil.example", "cross-site", true, "https://evil.example", ""},
		{"anyone reads", "GET", "/public", "https://evil.example", "cross-site", true, "https://evil.example", ""},
		{"another subdomain", "POST", "/public", "https://x.example.com", "same-site", true, "https://x.example.com", ""},
		{"own page", "POST", "/public", "https://example.com", "same-origin", true, "", "s=1"},
		{"a program", "POST", "/public", "", "", true, "", "s=1"},
		{"other path", "POST", "/private", "https://a.example", "cross-site", false, "", ""},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "https://example.com"+tt.path, nil)
		for name, value := range map[string]string{"Origin": tt.origin, "Sec-Fetch-Site": tt.site, "Cookie": "s=1"} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		err := handler(echo.New().NewContext(r, w))
		h := w.Header()
		if (err == nil) != tt.passes || h.Get("Access-Control-Allow-Origin") != tt.allowed || w.Body.String() != tt.cookie {
			t.Errorf("%s: %v, %v, %q", tt.name, err, h, w.Body)
		}
		if tt.path != "/private" && h.Get("Vary") != "Origin" {
			t.Errorf("%s: Vary = %q", tt.name, h.Get("Vary"))
		}
		if got := h.Get("Access-Control-Allow-Credentials"); (got == "true") != (tt.path == "/cookies" && tt.allowed != "") {
			t.Errorf("%s: Access-Control-Allow-Credentials = %q", tt.name, got)
		}
	}
	for name, cors := range map[string]middleware.CORS{
		"no origin":       {},
		"a path":          {Origins: []string{"https://a.example/"}},
		"no scheme":       {Origins: []string{"a.example"}},
		"any credentials": {Origins: []string{"*"}, Credentials: true},
		"opaque":          {Origins: []string{"null"}},
	} {
		if err := cors.Check(); err == nil {
			t.Errorf("%s: Check returns nil", name)
		}
	}
}
