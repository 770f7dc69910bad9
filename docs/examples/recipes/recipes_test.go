package recipes_test

import (
	"net/http"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/docs/examples/recipes"
)

func newApp(cfg recipes.Config) (*covet.App, error) { return recipes.New(cfg, sqlite.Driver{}) }

// send sends a request with headers, as "Name: value".
func send(t *testing.T, a *apptest.App, method, path, body string, headers ...string) *apptest.Page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	return a.Client().Do(r)
}

// policy returns a directive of the Content-Security-Policy of a page.
func policy(page *apptest.Page, name string) string {
	for part := range strings.SplitSeq(page.Header().Get("Content-Security-Policy"), ";") {
		if words := strings.Fields(part); words[0] == name {
			return strings.Join(words[1:], " ")
		}
	}
	return ""
}

func TestRecipes(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)

	t.Run("sources", func(t *testing.T) {
		home, checkout := send(t, a, "GET", "/", ""), send(t, a, "GET", "/checkout", "")
		for _, page := range []*apptest.Page{home, checkout} {
			if got := policy(page, "font-src"); got != "'self' https://fonts.gstatic.com" {
				t.Errorf("font-src = %q", got)
			}
			if got := policy(page, "img-src"); got != "'self' data: https://pictures.s3.eu-central-1.amazonaws.com" {
				t.Errorf("img-src = %q", got)
			}
		}
		if got := policy(checkout, "frame-src"); got != "'self' https://js.stripe.com https://hooks.stripe.com" {
			t.Errorf("frame-src = %q", got)
		}
		if got := policy(checkout, "connect-src"); got != "'self' https://api.stripe.com" {
			t.Errorf("connect-src = %q", got)
		}
		if got := policy(checkout, "script-src"); !strings.HasPrefix(got, "'nonce-") ||
			!strings.HasSuffix(got, "'strict-dynamic' https://js.stripe.com") {
			t.Errorf("script-src = %q", got)
		}
		if got := home.Header().Get("Content-Security-Policy"); strings.Contains(got, "stripe") {
			t.Errorf("the policy of another page is %q", got)
		}
		if got := home.Header().Get("X-Frame-Options"); got != "DENY" {
			t.Errorf("X-Frame-Options = %q", got)
		}
		badge := send(t, a, "GET", "/badge", "")
		if got := policy(badge, "frame-ancestors"); got != "https://partner.example" {
			t.Errorf("frame-ancestors = %q", got)
		}
		if got, ok := badge.Header()["X-Frame-Options"]; ok {
			t.Errorf("X-Frame-Options = %q", got)
		}
		h := send(t, a, "GET", "/meeting", "").Header()
		if h.Get("Permissions-Policy") != "camera=(self), microphone=(self)" ||
			h.Get("Cross-Origin-Opener-Policy") != "same-origin-allow-popups" {
			t.Errorf("headers = %v", h)
		}
	})

	// Threat: a page of the partner writes with the cookies of its visitors; another site writes at all.
	t.Run("CORS", func(t *testing.T) {
		partner := []string{"Origin: https://partner.example", "Sec-Fetch-Site: cross-site", "Cookie: session=x"}
		for _, method := range []string{"GET", "POST"} {
			page := send(t, a, method, "/widgets", "", partner...).MustStatus(http.StatusOK)
			if page.Header().Get("Access-Control-Allow-Origin") != "https://partner.example" || page.Body() != "cookies: " {
				t.Errorf("%s: %v %s", method, page.Header(), page.Body())
			}
		}
		preflight := send(t, a, "OPTIONS", "/widgets", "", append(partner, "Access-Control-Request-Method: POST")...)
		if h := preflight.MustStatus(http.StatusNoContent).Header(); !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") {
			t.Errorf("headers = %v", h)
		}
		other := []string{"Origin: https://other.example", "Sec-Fetch-Site: cross-site"}
		page := send(t, a, "POST", "/widgets", "", other...).MustStatus(http.StatusForbidden)
		if got := page.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("another site gets %q", got)
		}
		send(t, a, "POST", "/names", "", partner...).MustStatus(http.StatusForbidden)
		own := send(t, a, "POST", "/widgets", "", "Origin: "+a.URL, "Sec-Fetch-Site: same-origin", "Cookie: session=x")
		if own.MustStatus(http.StatusOK).Body() != "cookies: session=x" {
			t.Errorf("the own page sends %q", own.Body())
		}
	})

	t.Run("body limits", func(t *testing.T) {
		large := strings.Repeat("x", 11<<20)
		send(t, a, "POST", "/videos", large).MustStatus(http.StatusOK)
		send(t, a, "POST", "/names", large[:2<<10]).MustStatus(http.StatusRequestEntityTooLarge)
		send(t, a, "POST", "/names", "Ada").MustStatus(http.StatusOK)
	})

	t.Run("timeouts", func(t *testing.T) {
		send(t, a, "GET", "/report", "").MustStatus(http.StatusServiceUnavailable)
		if got := send(t, a, "GET", "/export", "").MustStatus(http.StatusOK).Body(); got != "a,b\n" {
			t.Errorf("the export is %q", got)
		}
	})

	t.Run("compression", func(t *testing.T) {
		h := send(t, a, "GET", "/statement", "", "Accept-Encoding: gzip").MustStatus(http.StatusOK).Header()
		if h.Get("Content-Encoding") != "" || h.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("headers = %v", h)
		}
	})

	t.Run("middleware of one's own", func(t *testing.T) {
		page := send(t, a, "GET", "/", "", "X-Closed: yes").MustStatus(http.StatusServiceUnavailable)
		if page.Header().Get("Retry-After") != "600" {
			t.Errorf("headers = %v", page.Header())
		}
		send(t, a, "GET", "/health", "", "X-Closed: yes").MustStatus(http.StatusOK)
		send(t, a, "GET", "/partners/prices", "").MustStatus(http.StatusBadRequest)
		send(t, a, "GET", "/partners/prices", "", "Authorization: Bearer wrong").MustStatus(http.StatusUnauthorized)
		send(t, a, "GET", "/partners/prices", "", "Authorization: Bearer the key of a partner").MustStatus(http.StatusOK)
	})
}
