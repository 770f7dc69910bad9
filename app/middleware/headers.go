package middleware

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// Headers configures [SecureHeaders]. The zero value is the strict default.
type Headers struct {
	// Policy is the Content-Security-Policy; every {nonce} in it becomes the
	// nonce of the response. Defaults to [StrictPolicy].
	Policy string
	// HTTPS sends Strict-Transport-Security (RFC 6797) for a year. Set it when
	// the application is reached over TLS only. Defaults to false.
	HTTPS bool
}

// StrictPolicy is the default Content-Security-Policy (CSP Level 3): scripts run
// only with the nonce of the response and what these load themselves, styles
// come from the application or carry the nonce, nobody frames the pages, and
// forms are sent to the application only.
const StrictPolicy = "default-src 'self'; " +
	"script-src 'nonce-{nonce}' 'strict-dynamic'; " +
	"style-src 'self' 'nonce-{nonce}'; " +
	"img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// SecureHeaders sets the headers that tell browsers to be careful. It needs
// [Request] before it, for the nonce. A handler may replace any of them.
//
// Threats: injected scripts (CSP), sniffed content types, framing by other
// sites, addresses leaked in Referer, windows of other origins.
func SecureHeaders(cfg Headers) echo.MiddlewareFunc {
	if cfg.Policy == "" {
		cfg.Policy = StrictPolicy
	}
	policy := strings.Split(cfg.Policy, "{nonce}")
	fixed := fixedHeaders(cfg)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			for _, header := range fixed {
				h[header.name] = header.values
			}
			h["Content-Security-Policy"] = []string{strings.Join(policy, Nonce(c.Request().Context()))}
			return next(c)
		}
	}
}

// fixedHeader is a header that is the same in every response. Its values are
// shared between responses: appending to them copies, as they have no room.
type fixedHeader struct {
	name   string // in canonical form
	values []string
}

func fixedHeaders(cfg Headers) []fixedHeader {
	headers := []fixedHeader{
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"X-Frame-Options", []string{"DENY"}},
		{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=()"}},
	}
	if cfg.HTTPS {
		headers = append(headers, fixedHeader{"Strict-Transport-Security", []string{"max-age=31536000; includeSubDomains"}})
	}
	return headers
}
