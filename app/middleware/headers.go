package middleware

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/identity"
)

// Headers configures [SecureHeaders]. The zero value is the strict default.
type Headers struct {
	// Policy is the Content-Security-Policy of pages; every {nonce} in it becomes
	// the nonce of the response. Defaults to [StrictPolicy].
	Policy string
	// Sources are allowed on every page in addition to Policy: an origin of fonts, a bucket of images. Routes add
	// theirs with [AllowSources]. Defaults to none.
	Sources Sources
	// HTTPS sends Strict-Transport-Security (RFC 6797) for a year. Set it if the application is only reachable over
	// TLS. Defaults to false.
	HTTPS bool
}

// StrictPolicy is the default Content-Security-Policy (CSP Level 3): only scripts with the nonce of the response, and
// scripts that these load, run; styles come from the application or have the nonce; other sites cannot frame the pages;
// and forms are only sent to the application.
const StrictPolicy = "default-src 'self'; " +
	"script-src 'nonce-{nonce}' 'strict-dynamic'; " +
	"style-src 'self' 'nonce-{nonce}'; " +
	"img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// dataPolicy is the policy of everything that is not a page. If a browser displays it anyway, such as an uploaded SVG
// image, it runs and loads nothing.
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// SecureHeaders sets security headers when the response begins: all of them on pages (text/html), and the applicable
// ones on other responses. It requires [Request] before it, for the nonce. It keeps headers that a handler has set; a
// handler omits a header by setting it to no value.
//
// Responses to requests with a session or an access token, and those that set a cookie, are "Cache-Control: no-store",
// unless the handler sets it, as assets do. Other pages are "private, no-cache".
//
// Threats: injected scripts (CSP), sniffed content types, framing by other sites, addresses leaked in Referer, windows
// of other origins, pages of one user in the cache of another.
func SecureHeaders(cfg Headers) echo.MiddlewareFunc {
	if cfg.Policy == "" {
		cfg.Policy = StrictPolicy
	}
	cfg.Policy = extendPolicy(cfg.Policy, []Sources{cfg.Sources})
	policy := strings.Split(cfg.Policy, "{nonce}")
	pages, data := fixedHeaders(cfg)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			res := c.Response()
			res.Before(func() {
				h := res.Header()
				if res.Status == http.StatusNotModified {
					return // the headers of the cached response apply (RFC 9111 §4.3.4)
				}
				if isPrivate(c) {
					setMissing(h, noStore)
				}
				if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
					setMissing(h, data)
					return
				}
				parts := policy
				more, _ := c.Get(sourcesKey).([]Sources)
				if more != nil {
					parts = strings.Split(extendPolicy(cfg.Policy, more), "{nonce}")
				}
				if _, set := h[frameOptions]; !set && (cfg.Sources.framed() || slices.ContainsFunc(more, Sources.framed)) {
					h[frameOptions] = nil // it knows no other site
				}
				setMissing(h, pages)
				if _, ok := h[contentSecurityPolicy]; !ok {
					h[contentSecurityPolicy] = []string{strings.Join(parts, Nonce(c.Request().Context()))}
				}
			})
			return next(c)
		}
	}
}

const (
	contentSecurityPolicy = "Content-Security-Policy"
	frameOptions          = "X-Frame-Options"
)

// framed reports whether other sites may frame the page.
func (s Sources) framed() bool { return len(s.Ancestors) > 0 }

// Check returns an error for sources that cannot be part of a policy.
func (h Headers) Check() error { return h.Sources.check() }

// noStore prevents caching. It is read only.
var noStore = []fixedHeader{{"Cache-Control", []string{"no-store"}}}

// isPrivate reports whether a response is for one user only: the request has credentials, or the response sets a
// cookie, such as that of a new session or a flash message.
//
// Threat: after signing out, or from the disk, the next user of a browser sees pages of the previous one.
func isPrivate(c echo.Context) bool {
	return identity.Shown(c.Request().Context()) || c.Response().Header()["Set-Cookie"] != nil
}

// fixedHeader is a header that is the same in every response. Its values are shared between responses: appending to
// them copies, because their capacity equals their length.
type fixedHeader struct {
	name   string // in canonical form
	values []string
}

func fixedHeaders(cfg Headers) (pages, data []fixedHeader) {
	always := []fixedHeader{{"X-Content-Type-Options", []string{"nosniff"}}}
	if cfg.HTTPS {
		always = append(always, fixedHeader{"Strict-Transport-Security", []string{"max-age=31536000; includeSubDomains"}})
	}
	pages = append([]fixedHeader{
		{"Cache-Control", []string{"private, no-cache"}},
		{frameOptions, []string{"DENY"}},
		{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=()"}},
	}, always...)
	data = append([]fixedHeader{{contentSecurityPolicy, []string{dataPolicy}}}, always...)
	return pages, data
}

// setMissing sets headers that are not set yet.
func setMissing(h http.Header, headers []fixedHeader) {
	for _, header := range headers {
		if _, ok := h[header.name]; !ok {
			h[header.name] = header.values
		}
	}
}
