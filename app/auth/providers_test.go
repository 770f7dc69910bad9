package auth_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// provider is an identity provider that knows users by their id.
type provider struct {
	name   string
	userID int64
}

func (p *provider) Name() string  { return p.name }
func (p *provider) Title() string { return "Example <ID>" }

func (p *provider) Begin(c echo.Context, attempt *login.Attempt) error {
	state := rand.Text()
	if err := attempt.Keep(c.Request().Context(), []byte(state)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "https://id.example/authorize?state="+state)
}

func (p *provider) Finish(c echo.Context, attempt *login.Attempt) (int64, error) {
	if c.QueryParam("state") != string(attempt.Data) {
		return 0, problem.BadRequest("The state is another.")
	}
	return p.userID, nil
}

// withProvider returns an application whose users can log in by a provider, and two of its accounts.
func withProvider(t *testing.T, steps ...login.Step) (*apptest.App, *provider, *person) {
	t.Helper()
	p := &provider{name: "example"}
	a := apptest.New(t, custom(auth.Options[person]{
		Layout: layout, Steps: steps, Authenticators: []login.Authenticator{p},
	}), onSQLite(t))
	ada := &person{covetmodels.User{Email: "ada@example.com"}}
	authtest.Create(t, a, ada)
	p.userID = ada.ID
	return a, p, ada
}

// beginWith goes to the provider, and returns the browser and the address to which the provider sends it back.
func beginWith(t *testing.T, a *apptest.App) (browser *bare, callback string) {
	t.Helper()
	got := bareOf(t, a).post("/login/with/example", url.Values{"next": {"/health"}}).must(http.StatusSeeOther)
	state, ok := strings.CutPrefix(got.location(), "https://id.example/authorize?state=")
	if !ok {
		t.Fatalf("it leads to %s", got.location())
	}
	return bareOf(t, a, got.cookie("login")), "/login/with/example/callback?state=" + state
}

func TestProvider(t *testing.T) {
	t.Parallel()
	a, _, _ := withProvider(t)
	browser, callback := beginWith(t, a)
	got := browser.get(callback).must(http.StatusSeeOther)
	if got.location() != "/health" {
		t.Errorf("the callback leads to %s", got.location())
	}
	bareOf(t, a, got.cookie("session")).get("/account").must(http.StatusOK)
	if n := count(t, a, &covetmodels.AuditEntry{}, "action = ? AND detail LIKE ?", "auth.login", "%example%"); n != 1 {
		t.Errorf("the audit log has %d log-ins by the provider", n)
	}
	// Replay, also by the browser that began.
	if got := browser.get(callback).must(http.StatusSeeOther); got.location() != "/login" {
		t.Errorf("a replayed callback leads to %s", got.location())
	}
	if n := count(t, a, &covetmodels.Session{}); n != 1 {
		t.Errorf("%d sessions have begun", n)
	}
}

// Threat: an attacker sends the address of their own callback to a victim, who is then signed in as the attacker.
func TestProviderInAnotherBrowser(t *testing.T) {
	t.Parallel()
	a, _, _ := withProvider(t)
	_, callback := beginWith(t, a)
	mustBeginAgain(t, a, bareOf(t, a).get(callback))
	other, _ := beginWith(t, a)
	other.get(callback).must(http.StatusBadRequest) // the state of another log-in
	_, own := beginWith(t, a)
	mustBeginAgain(t, a, other.get(own)) // one attempt only
}

// A provider stands for the password, and for no other step.
func TestProviderAndSteps(t *testing.T) {
	t.Parallel()
	a, _, _ := withProvider(t, codeStep{name: "code"})
	browser, callback := beginWith(t, a)
	mustBeginAgain(t, a, browser.get("/login/code")) // the provider has not identified anybody
	got := browser.get(callback).must(http.StatusSeeOther)
	if got.location() != "/login/code" || count(t, a, &covetmodels.Session{}) != 0 {
		t.Fatalf("the callback leads to %s", got.location())
	}
	last := bareOf(t, a, got.cookie("login")).post("/login/code", right).must(http.StatusSeeOther)
	if last.location() != "/health" {
		t.Errorf("the last step leads to %s", last.location())
	}
	last.cookie("session")
}

func TestProviderWithoutAccount(t *testing.T) {
	t.Parallel()
	a, p, ada := withProvider(t)
	for name, change := range map[string]func() error{
		"unknown": func() error { p.userID = 0; return nil },
		"disabled": func() error {
			p.userID = ada.ID
			return a.DB.With(t.Context()).Model(ada).Update("disabled_at", time.Now()).Error
		},
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		browser, callback := beginWith(t, a)
		browser.get(callback).must(http.StatusForbidden)
		if n := count(t, a, &covetmodels.Session{}); n != 0 {
			t.Errorf("%s: %d sessions have begun", name, n)
		}
	}
}

// Threat: requests without end fill the table of pending log-ins.
func TestProvidersAreThrottled(t *testing.T) {
	t.Parallel()
	a, _, _ := withProvider(t)
	started, began := 0, time.Now()
	for bareOf(t, a).post("/login/with/example", nil).StatusCode == http.StatusSeeOther && started < 150 {
		started++
	}
	if started < 100 || started > 100+regained(100, began) {
		t.Errorf("%d log-ins are started, want 100", started)
	}
}

// The page of the log-in has a button for each provider, which takes along where the user is on the way to.
func TestProviderButton(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, custom(auth.Options[person]{
		Layout: childrenOnly, Authenticators: []login.Authenticator{&provider{name: "example"}},
	}), onSQLite(t))
	body := bareOf(t, a).get("/login?next=%2Fhealth").must(http.StatusOK).body
	for _, part := range []string{`action="/login/with/example"`, "Sign in with Example &lt;ID&gt;", `name="next" value="/health"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the page does not have %s:\n%s", part, body)
		}
	}
}
