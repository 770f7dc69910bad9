package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
)

// Threat: an injected script runs.
func TestSecureHeadersOfPages(t *testing.T) {
	t.Parallel()
	var nonces []string
	for range 2 {
		var nonce string
		w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil), func(c echo.Context) error {
			nonce = middleware.Nonce(c.Request().Context())
			return c.HTML(http.StatusOK, "ok")
		}, middleware.Request(middleware.Proxies{}), middleware.SecureHeaders(middleware.Headers{HTTPS: true}))
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'nonce-"+nonce+"' 'strict-dynamic'") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy = %s", policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		nonces = append(nonces, nonce)
	}
	if len(nonces[0]) < 20 || nonces[0] == nonces[1] {
		t.Errorf("nonces = %v, want two different ones", nonces)
	}
}

// Threat: something that is no page, such as an uploaded SVG image, is opened as one.
func TestSecureHeadersOfData(t *testing.T) {
	t.Parallel()
	w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil), func(c echo.Context) error {
		return c.Blob(http.StatusOK, "image/svg+xml", []byte("<svg><script>alert(1)</script></svg>"))
	}, middleware.SecureHeaders(middleware.Headers{}))
	if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; frame-ancestors 'none'; sandbox" {
		t.Errorf("policy = %s", got)
	}
	if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options = %q", got)
	}
}

func TestSecureHeadersOfTheHandlerStay(t *testing.T) {
	t.Parallel()
	w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil), func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", "sandbox")
		c.Response().Header()["X-Frame-Options"] = nil
		return c.HTML(http.StatusOK, "ok")
	}, middleware.SecureHeaders(middleware.Headers{}))
	if got := w.Header().Get("Content-Security-Policy"); got != "sandbox" {
		t.Errorf("policy = %s", got)
	}
	if got := w.Header().Values("X-Frame-Options"); len(got) != 0 {
		t.Errorf("X-Frame-Options = %v", got)
	}
}

// A browser puts the headers of a 304 in the place of those it has stored.
func TestNotModifiedKeepsThePolicy(t *testing.T) {
	t.Parallel()
	w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil), func(c echo.Context) error {
		return c.NoContent(http.StatusNotModified)
	}, middleware.SecureHeaders(middleware.Headers{}))
	if got := w.Header().Get("Content-Security-Policy"); got != "" {
		t.Errorf("policy = %s", got)
	}
}
