package web

import (
	"net/http"
	"strings"
)

// Cookies creates the cookies of one application: for its own host only, HttpOnly and SameSite.
type Cookies struct {
	// Secure adds the prefix __Host- to names and sends cookies only over TLS (RFC 6265bis §4.1.3.2), so that no other
	// host can set them. Set it if users access the application over TLS.
	Secure bool
	// App distinguishes applications on the same host, such as two on localhost, because browsers ignore the port of
	// cookies. Defaults to nothing.
	App string
}

// Name returns the full name of a cookie: "__Host-session" over TLS, and "blog-session" otherwise.
func (c Cookies) Name(name string) string {
	if c.Secure {
		return "__Host-" + name
	}
	if app := slug(c.App); app != "" {
		return app + "-" + name
	}
	return name
}

// New returns a cookie. It expires after maxAge seconds, with the browser session if that is 0, and at once if it is
// negative.
func (c Cookies) New(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: c.Name(name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Read returns the value of a cookie of the request. It reports false if there is none.
func (c Cookies) Read(r *http.Request, name string) (string, bool) {
	cookie, err := r.Cookie(c.Name(name))
	if err != nil {
		return "", false
	}
	return cookie.Value, true
}

// slug returns the letters and digits of text in lower case, separated by dashes.
func slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
