package web

import (
	"net/http"
	"strings"
)

// Cookies makes the cookies of one application: sent to nobody but its own host,
// out of reach of scripts, and not along with writes of other sites.
type Cookies struct {
	// Secure names cookies with the prefix __Host- and sends them over TLS only
	// (RFC 6265bis §4.1.3.2), so that no other host can plant one. Set it when users
	// reach the application over TLS.
	Secure bool
	// App tells applications on the same host apart, such as two under development
	// on localhost, whose ports browsers do not tell apart. Defaults to nothing.
	App string
}

// Name returns the name of a cookie, as browsers know it: "__Host-session" over
// TLS, and "blog-session" otherwise.
func (c Cookies) Name(name string) string {
	if c.Secure {
		return "__Host-" + name
	}
	if app := slug(c.App); app != "" {
		return app + "-" + name
	}
	return name
}

// New returns a cookie. It ends after maxAge seconds, with the browser when that is
// 0, and at once when it is negative.
func (c Cookies) New(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: c.Name(name), Value: value, Path: "/", MaxAge: maxAge,
		Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// Read returns the value of a cookie of the request. It reports false when there is
// none.
func (c Cookies) Read(r *http.Request, name string) (string, bool) {
	cookie, err := r.Cookie(c.Name(name))
	if err != nil {
		return "", false
	}
	return cookie.Value, true
}

// slug returns the letters and digits of text in lower case, with dashes between.
func slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
