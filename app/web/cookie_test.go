package web_test

import (
	"net/http"
	"testing"

	"github.com/covetgo/covet/app/web"
)

func TestCookieNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cookies web.Cookies
		want    string
	}{
		{web.Cookies{}, "session"},
		{web.Cookies{App: "Covet App"}, "covet-app-session"},
		{web.Cookies{App: "Bücher & Co; x=y"}, "b-cher-co-x-y-session"},
		{web.Cookies{App: "Covet App", Secure: true}, "__Host-session"},
	}
	for _, tt := range tests {
		if got := tt.cookies.Name("session"); got != tt.want {
			t.Errorf("%+v: name %q, want %q", tt.cookies, got, tt.want)
		}
	}
}

// Threats: a script reads the cookie, another site's write carries it, another host plants it.
func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	cookies := web.Cookies{Secure: true}
	c := cookies.New("session", "x", 0)
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("cookie = %+v", c)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: "planted"})
	if got, ok := cookies.Read(r, "session"); ok {
		t.Errorf("a cookie without the prefix is read: %q", got)
	}
}
