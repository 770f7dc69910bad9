package auth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

var tokenInPage = regexp.MustCompile(`covet_pat_[A-Z2-7]{59}`)

// makeToken makes an access token on the page, and returns it.
func makeToken(t *testing.T, browser *bare, scopes string) string {
	t.Helper()
	form := url.Values{"name": {"CI"}, "scopes": strings.Fields(scopes), "expires": {"30"}, "password": {password}}
	token := tokenInPage.FindString(browser.post("/account/tokens", form).must(http.StatusOK).body)
	if token == "" {
		t.Fatal("the page shows no token")
	}
	return token
}

// guarded adds routes that are guarded in each way.
func guarded(a *apptest.App) {
	say := func(c echo.Context) error {
		actor, ok := identity.From(c.Request().Context())
		if !ok {
			return c.String(http.StatusOK, "nobody")
		}
		return c.String(http.StatusOK, actor.Email)
	}
	a.Echo.GET("/open", say)
	a.Echo.GET("/closed", say, auth.Required())
	a.Echo.GET("/browser", say, auth.RequiredSession())
	a.Echo.GET("/posts", say, auth.RequiredTo("posts.read"))
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		guarded(a)
		user := account(t, a, "ada@example.com")
		giveAdmin(t, a, user.ID)
		browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
		token := makeToken(t, browser, "posts.read pages.*")
		if strings.Contains(browser.get("/account/tokens").body, token) {
			t.Error("the token is shown again")
		}
		if n := count(t, a, &covetmodels.AccessToken{}, "token_hash = ?", token); n != 0 {
			t.Error("the token is stored as it is")
		}
		program := bareOf(t, a).with("Authorization", "Bearer "+token).with("Accept", "application/json")
		if body := program.get("/closed").must(http.StatusOK).body; body != "ada@example.com" {
			t.Errorf("the token acts for %q", body)
		}
		program.get("/posts").must(http.StatusOK)
		program.get("/browser").must(http.StatusForbidden)
		program.get("/account").must(http.StatusForbidden)
		program.post("/account/password", nil).must(http.StatusForbidden)
		other := bareOf(t, a).with("Authorization", "bearer "+makeToken(t, browser, "pages.*"))
		other.get("/posts").must(http.StatusForbidden)
		var row covetmodels.AccessToken
		if err := a.DB.With(t.Context()).Order("id").Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		if row.LastUsedAt == nil || row.Hint != token[:14] || row.ExpiresAt == nil {
			t.Errorf("the row is %+v", row)
		}
		a.DrainJobs()
		if mails := a.Mails(); len(mails) != 2 || !strings.Contains(mails[0].Subject, "access token") || strings.Contains(mails[0].Text, token) {
			t.Errorf("the owner is not told: %d mails", len(mails))
		}
	})
}

// Threat: a program with a token that has ended goes on as a guest, or as who the browser around it is.
func TestEndedTokens(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]map[string]any{
		"revoked": {"revoked_at": time.Now()},
		"expired": {"expires_at": time.Now().Add(-time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t)
			guarded(a)
			account(t, a, "ada@example.com")
			session := bareOf(t, a).logIn("ada@example.com", password).cookie("session")
			token := makeToken(t, bareOf(t, a, session), "*")
			program := bareOf(t, a, session).with("Authorization", "Bearer "+token)
			program.get("/closed").must(http.StatusOK)
			if err := a.DB.With(t.Context()).Model(&covetmodels.AccessToken{}).Where("1 = 1").Updates(end).Error; err != nil {
				t.Fatal(err)
			}
			got := program.get("/closed").must(http.StatusUnauthorized)
			if !strings.Contains(got.Header.Get("WWW-Authenticate"), "invalid_token") {
				t.Errorf("WWW-Authenticate is %q", got.Header.Get("WWW-Authenticate"))
			}
			if body := program.get("/open").must(http.StatusOK).body; body != "nobody" {
				t.Errorf("on an open page it is %q", body)
			}
		})
	}
}

func TestMadeUpTokens(t *testing.T) {
	t.Parallel()
	a := start(t)
	guarded(a)
	for _, token := range []string{"", "x", "covet_pat_", "covet_pat_" + strings.Repeat("A", 59), strings.Repeat("A", 4000)} {
		bareOf(t, a).with("Authorization", "Bearer "+token).get("/closed").must(http.StatusUnauthorized)
	}
	// Other schemes belong to others, such as a proxy.
	bareOf(t, a).with("Authorization", "Basic eDp5").get("/closed").must(http.StatusSeeOther)
}

func TestTokenFormRefuses(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	for field, value := range map[string]string{"name": "", "scopes": "posts.read; drop", "expires": "1000", "password": "wrong"} {
		form := url.Values{"name": {"CI"}, "scopes": {"*"}, "expires": {"30"}, "password": {password}}
		form.Set(field, value)
		if body := browser.post("/account/tokens", form).must(http.StatusUnprocessableEntity).body; !strings.Contains(body, `id="`+field+`-error"`) {
			t.Errorf("%s=%q has no error of its own", field, value)
		}
	}
	none := url.Values{"name": {"CI"}, "expires": {"30"}, "password": {password}}
	if body := browser.post("/account/tokens", none).must(http.StatusUnprocessableEntity).body; !strings.Contains(body, "Choose at least one.") {
		t.Error("a token without scopes has no error of its own")
	}
	if n := count(t, a, &covetmodels.AccessToken{}); n != 0 {
		t.Errorf("%d tokens were made", n)
	}
}

// The scopes to choose from are those that exist, and no permission that the user does not have.
func TestScopesToChooseFrom(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("api.docs", "permission"))
	account(t, a, "ada@example.com")
	boss := account(t, a, "boss@example.com")
	giveAdmin(t, a, boss.ID)
	offers := func(body, field, scope string) bool {
		return strings.Contains(body, `name="`+field+`" type="checkbox" value="`+scope+`"`)
	}
	for email, admin := range map[string]bool{"ada@example.com": false, "boss@example.com": true} {
		browser := bareOf(t, a, bareOf(t, a).logIn(email, password).cookie("session"))
		page := browser.get("/account/tokens").must(http.StatusOK).body
		for scope, want := range map[string]bool{"*": true, "messages.read": admin, "jobs.retry": admin, "users.*": admin, "api.docs": admin, "nothing.read": false} {
			if got := offers(page, "scopes", scope); got != want {
				t.Errorf("%s is offered %s: %t", email, scope, got)
			}
		}
	}
	form := url.Values{"name": {""}, "scopes": {"messages.read", "jobs.retry"}, "expires": {"30"}, "password": {password}}
	browser := bareOf(t, a, bareOf(t, a).logIn("boss@example.com", password).cookie("session"))
	page := browser.post("/account/tokens", form).must(http.StatusUnprocessableEntity).body
	if strings.Count(page, `type="checkbox"`) < 5 || strings.Count(page, " checked>") != 2 {
		t.Error("the form forgets what was chosen")
	}
	if page := browser.get("/admin/roles/new").must(http.StatusOK).body; !strings.Contains(page, `value="api.docs"`) {
		t.Error("the form of a role does not offer api.docs")
	}
}

func giveAdmin(t *testing.T, a *apptest.App, userID int64) {
	t.Helper()
	var role covetmodels.Role
	if err := a.DB.With(t.Context()).Where("name = ?", "admin").Take(&role).Error; err != nil {
		t.Fatal(err)
	}
	if err := a.DB.With(t.Context()).Create(&covetmodels.UserRole{UserID: userID, RoleID: role.ID}).Error; err != nil {
		t.Fatal(err)
	}
}
