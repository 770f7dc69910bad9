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
	parts := strings.Split(cfg.Policy, "{nonce}")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", strings.Join(parts, Nonce(c.Request().Context())))
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
			if cfg.HTTPS {
				h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
			}
			return next(c)
		}
	}
}
