package auth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
)

// Threat: session fixation. An attacker plants a session in the browser of a victim and shares it once they sign in.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "mallory@example.com")
	account(t, a, "victim@example.com")
	planted := bareOf(t, a).logIn("mallory@example.com", password).must(http.StatusSeeOther).cookie("session")
	for name, cookie := range map[string]*http.Cookie{
		"a session of the attacker": planted,
		"one that never was":        {Name: planted.Name, Value: strings.Repeat("A", 43)},
	} {
		fresh := bareOf(t, a, cookie).logIn("victim@example.com", password).must(http.StatusSeeOther).cookie("session")
		if fresh.Value == cookie.Value {
			t.Errorf("%s: the token is the planted one", name)
		}
		if got := bareOf(t, a, cookie).get("/account").must(http.StatusSeeOther).location(); !strings.HasPrefix(got, "/login") {
			t.Errorf("%s is good after the log-in of the victim", name)
		}
		if body := bareOf(t, a, fresh).get("/account").must(http.StatusOK).body; !strings.Contains(body, "victim@example.com") {
			t.Errorf("%s: the victim is not signed in", name)
		}
	}
}

// Threat: an attacker kept a copy of the cookie.
func TestReplayAfterLogOut(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		account(t, a, "ada@example.com")
		session := bareOf(t, a).logIn("ada@example.com", password).cookie("session")
		browser := bareOf(t, a, session)
		browser.get("/account").must(http.StatusOK)
		if out := browser.post("/logout", nil).must(http.StatusSeeOther).cookie("session"); out.MaxAge >= 0 {
			t.Errorf("the cookie stays: %v", out)
		}
		browser.get("/account").must(http.StatusSeeOther)
	})
}

func TestSessionLimits(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("auth.session_cache", "0s"))
	account(t, a, "ada@example.com")
	past := func(d time.Duration) time.Time { return time.Now().UTC().Add(-d) }
	for name, columns := range map[string]map[string]any{
		"idle":     {"last_seen_at": past(13 * time.Hour)},
		"absolute": {"expires_at": past(time.Second)},
	} {
		browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
		browser.get("/account").must(http.StatusOK)
		if err := a.DB.With(t.Context()).Model(&covetmodels.Session{}).Where("1 = 1").UpdateColumns(columns).Error; err != nil {
			t.Fatal(err)
		}
		if browser.get("/account").StatusCode != http.StatusSeeOther {
			t.Errorf("a session beyond its %s limit is good", name)
		}
	}
}

func TestRememberedSessionsLastLonger(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	form := url.Values{"email": {"ada@example.com"}, "password": {password}}
	short := bareOf(t, a).post("/login", form).cookie("session")
	form.Set("remember", "true")
	long := bareOf(t, a).post("/login", form).cookie("session")
	if short.MaxAge != 0 || long.MaxAge != int((180*24*time.Hour).Seconds()) {
		t.Errorf("the cookies last %d and %d seconds", short.MaxAge, long.MaxAge)
	}
}

// When a session was last seen is written once a minute, not with every request.
func TestLastSeen(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("auth.session_cache", "0s"))
	account(t, a, "ada@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	seen := func() time.Time {
		var s covetmodels.Session
		if err := a.DB.With(t.Context()).Take(&s).Error; err != nil {
			t.Fatal(err)
		}
		return s.LastSeenAt
	}
	before := seen()
	browser.get("/account").must(http.StatusOK)
	if got := seen(); !got.Equal(before) {
		t.Errorf("it was written within a minute: %v, %v", before, got)
	}
	old := before.Add(-2 * time.Minute)
	if err := a.DB.With(t.Context()).Model(&covetmodels.Session{}).Where("1 = 1").UpdateColumn("last_seen_at", old).Error; err != nil {
		t.Fatal(err)
	}
	browser.get("/account").must(http.StatusOK)
	if got := seen(); got.Before(before) {
		t.Errorf("it was not written after a minute: %v", got)
	}
}

// Threat: the cookie is read by scripts, sent without TLS, or set by a subdomain.
func TestCookiesUnderTLS(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("app.url", "https://example.com"))
	account(t, a, "ada@example.com")
	answer := bareOf(t, a).logIn("ada@example.com", password).must(http.StatusSeeOther)
	for _, name := range []string{"session", "device"} {
		c := answer.cookie(name)
		if c.Name != "__Host-"+name || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("the cookie is %v", c)
		}
	}
	session := answer.cookie("session")
	bareOf(t, a, session).get("/account").must(http.StatusOK)
	bareOf(t, a, &http.Cookie{Name: "session", Value: session.Value}).get("/account").must(http.StatusSeeOther)
}

// Threat: another application on the same host, such as localhost under development, reads or ends the session.
func TestCookiesOfTwoApplications(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("app.name", "Blog"))
	account(t, a, "ada@example.com")
	answer := bareOf(t, a).logIn("ada@example.com", password).must(http.StatusSeeOther)
	for _, name := range []string{"session", "device"} {
		if got := answer.cookie(name).Name; got != "blog-"+name {
			t.Errorf("the cookie is called %q", got)
		}
	}
	session := answer.cookie("session")
	bareOf(t, a, session).get("/account").must(http.StatusOK)
	for _, name := range []string{"session", "shop-session"} {
		bareOf(t, a, &http.Cookie{Name: name, Value: session.Value}).get("/account").must(http.StatusSeeOther)
	}
}

func TestSessionsPage(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	here := bareOf(t, a, bareOf(t, a).with("User-Agent", firefox).logIn("ada@example.com", password).cookie("session"))
	there := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	body := here.get("/account/sessions").must(http.StatusOK).body
	for _, part := range []string{"Firefox on Linux", "This browser", "127.0.0.1"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	here.post("/account/sessions/end-others", nil).must(http.StatusSeeOther)
	here.get("/account").must(http.StatusOK)
	there.get("/account").must(http.StatusSeeOther)
}

// Threat: a user ends the session, or revokes the token, of another user by its number.
func TestForeignObjects(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "victim@example.com")
	account(t, a, "mallory@example.com")
	victim := bareOf(t, a, bareOf(t, a).logIn("victim@example.com", password).cookie("session"))
	mallory := bareOf(t, a, bareOf(t, a).logIn("mallory@example.com", password).cookie("session"))
	makeToken(t, victim, "*")
	var session covetmodels.Session
	var token covetmodels.AccessToken
	if err := a.DB.With(t.Context()).Order("id").Take(&session).Error; err != nil {
		t.Fatal(err)
	}
	if err := a.DB.With(t.Context()).Take(&token).Error; err != nil {
		t.Fatal(err)
	}
	mallory.post("/account/sessions/"+strconv.FormatInt(session.ID, 10)+"/end", nil).must(http.StatusNotFound)
	mallory.post("/account/tokens/"+strconv.FormatInt(token.ID, 10)+"/revoke", nil).must(http.StatusNotFound)
	mallory.post("/account/sessions/1%20OR%201=1/end", nil).must(http.StatusNotFound)
	victim.get("/account").must(http.StatusOK)
	if n := count(t, a, &covetmodels.AccessToken{}, "revoked_at IS NULL"); n != 1 {
		t.Errorf("%d tokens are left, want 1", n)
	}
	victim.post("/account/tokens/"+strconv.FormatInt(token.ID, 10)+"/revoke", nil).must(http.StatusSeeOther)
	victim.post("/account/sessions/"+strconv.FormatInt(session.ID, 10)+"/end", nil).must(http.StatusSeeOther)
	victim.get("/account").must(http.StatusSeeOther)
}

// Threat: the next user of a browser reads in its cache what the one before saw.
func TestLogOutClearsTheBrowser(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("app.url", "https://blog.example.com"))
	account(t, a, "ada@example.com")
	in := bareOf(t, a).logIn("ada@example.com", password)
	if got := in.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the log-in is %q", got)
	}
	session, device := in.cookie("session"), in.cookie("device")
	browser := bareOf(t, a, session, device)
	for _, path := range []string{"/", "/contact", "/account", "/profile", "/account/tokens", "/api/me", "/api/status", "/nowhere"} {
		if got := browser.get(path).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s is %q for a signed-in user", path, got)
		}
	}
	if got := bareOf(t, a).get("/").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("the first page is %q for a visitor", got)
	}
	asset := regexp.MustCompile(`/assets/[^"]+`).FindString(browser.get("/").body)
	if got := browser.get(asset).must(http.StatusOK).Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("%s is %q for a signed-in user", asset, got)
	}
	out := browser.post("/logout", nil).must(http.StatusSeeOther)
	if got := out.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data is %s", got)
	}
	if got := out.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the log-out is %q", got)
	}
	ended := map[string]bool{}
	for _, cookie := range out.Cookies() {
		same := cookie.Path == session.Path && cookie.Secure == session.Secure && cookie.SameSite == session.SameSite && cookie.HttpOnly
		if !same {
			t.Errorf("the attributes of %s are not those of the session: %v", cookie.Name, cookie)
		}
		ended[cookie.Name] = cookie.MaxAge < 0
	}
	if !ended[session.Name] || !ended[a.Cookies().Name("login")] || ended[device.Name] {
		t.Errorf("the log-out sets %v", out.Cookies())
	}
	flash := out.cookie("flash")
	shown := bareOf(t, a, flash).get("/").must(http.StatusOK)
	if got := shown.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a page with a message is %q", got)
	}
}
