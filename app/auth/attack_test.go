package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// Threat: a link to our log-in leads on to another site.
func TestOpenRedirect(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	for next, want := range map[string]string{
		"/posts?page=2": "/posts?page=2", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		"/\t/evil.example": "/", "\\\\evil.example": "/", "evil.example": "/", "/" + strings.Repeat("a", 3000): "/",
	} {
		page := bareOf(t, a).get("/login?next=" + url.QueryEscape(next)).must(http.StatusOK)
		if want == "/" && strings.Contains(page.body, "evil") {
			t.Errorf("the page repeats %q", next)
		}
		form := url.Values{"email": {"ada@example.com"}, "password": {password}, "next": {next}}
		answer := bareOf(t, a).post("/login", form).must(http.StatusSeeOther)
		if got := answer.location(); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
		signedIn := bareOf(t, a, answer.cookie("session"))
		if got := signedIn.get("/login?next=" + url.QueryEscape(next)).must(http.StatusSeeOther).location(); got != want {
			t.Errorf("signed in, next=%q leads to %q, want %q", next, got, want)
		}
	}
}

// Threat: mass assignment. A form names columns that it does not show.
func TestMassAssignment(t *testing.T) {
	t.Parallel()
	a := start(t)
	extra := url.Values{
		"id": {"77"}, "ID": {"77"}, "role": {"admin"}, "roles": {"admin"}, "Roles": {"1"}, "email_verified_at": {"2000-01-01T00:00:00Z"},
		"EmailVerifiedAt": {"2000-01-01T00:00:00Z"}, "disabled_at": {"2000-01-01T00:00:00Z"}, "password_hash": {"x"}, "PasswordHash": {"x"},
		"permissions": {"*"}, "User.ID": {"77"}, "created_at": {"2000-01-01T00:00:00Z"},
	}
	form := url.Values{"display_name": {"Ada"}, "email": {"ada@example.com"}, "password": {password}}
	for name, values := range extra {
		form[name] = values
	}
	bareOf(t, a).post("/signup?role=admin", form).must(http.StatusSeeOther)
	q := linkOf(t, a, "/signup/confirm", password)
	for name, values := range extra {
		q.form[name] = values
	}
	session := bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther).cookie("session")
	form.Set("display_name", "Ada Lovelace")
	form.Set("email", "other@example.com")
	bareOf(t, a, session).post("/profile", form).must(http.StatusSeeOther)

	var user models.User
	if err := a.DB.With(t.Context()).Preload("Roles").Take(&user).Error; err != nil {
		t.Fatal(err)
	}
	if user.ID == 77 || user.Email != "ada@example.com" || len(user.Roles) != 0 || user.DisabledAt != nil || user.PasswordHash == "x" ||
		time.Since(*user.EmailVerifiedAt) > time.Hour || time.Since(user.CreatedAt) > time.Hour {
		t.Errorf("the user is %+v", user)
	}
	if user.DisplayName != "Ada Lovelace" {
		t.Errorf("the name is %q", user.DisplayName)
	}
}

// Threat: an account is disabled and goes on being used.
func TestDisabledUser(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		guarded(a)
		user := account(t, a, "ada@example.com")
		session := bareOf(t, a).logIn("ada@example.com", password).cookie("session")
		browser := bareOf(t, a, session)
		program := bareOf(t, a).with("Authorization", "Bearer "+makeToken(t, browser, "*"))
		browser.get("/closed").must(http.StatusOK)
		program.get("/closed").must(http.StatusOK)
		err := a.DB.With(t.Context()).Model(&covetmodels.User{}).Where("id = ?", user.ID).Update("disabled_at", time.Now()).Error
		if err != nil {
			t.Fatal(err)
		}
		browser.get("/closed").must(http.StatusSeeOther)
		program.get("/closed").must(http.StatusUnauthorized)
		bareOf(t, a).logIn("ada@example.com", password).must(http.StatusUnprocessableEntity)
	}, apptest.Set("auth.session_cache", "1m"))
}

// Threat: a password that was sent back stays in the page, in the cache, in the history.
func TestPasswordsAreNotSentBack(t *testing.T) {
	t.Parallel()
	a := start(t)
	const secret = "Tr0ub4dor-and-3-more"
	for path, form := range map[string]url.Values{
		"/login":  {"email": {"ada@example.com"}, "password": {secret}},
		"/signup": {"email": {"nobody"}, "password": {secret}, "display_name": {"Ada"}},
	} {
		if body := bareOf(t, a).post(path, form).must(http.StatusUnprocessableEntity).body; strings.Contains(body, secret) {
			t.Errorf("%s sends the password back", path)
		}
	}
}

// Threat: hashing megabytes keeps the server busy. Package password tests that such passwords are not hashed.
func TestLongPasswords(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.StrongPasswords())
	account(t, a, "ada@example.com", strong)
	long := strings.Repeat("a1 ", 1<<20)
	for range 3 {
		bareOf(t, a).post("/signup", url.Values{"email": {"bob@example.com"}, "password": {long}, "display_name": {"Bob"}}).must(http.StatusUnprocessableEntity)
	}
	bareOf(t, a).logIn("ada@example.com", long).must(http.StatusUnprocessableEntity)
	if n := count(t, a, &covetmodels.Token{}); n != 0 {
		t.Errorf("%d sign-ups were stored", n)
	}
}

// Threat: another site makes the browser of a user who is signed in send a form.
func TestCrossOriginForms(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	for _, path := range []string{"/logout", "/login", "/account/sessions/end-others", "/account/delete", "/account/tokens"} {
		browser.with("Sec-Fetch-Site", "cross-site").post(path, nil).must(http.StatusForbidden)
	}
	browser.get("/account").must(http.StatusOK)
}

func TestDeleteAccount(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		account(t, a, "ada@example.com")
		browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
		makeToken(t, browser, "*")
		for field, value := range map[string]string{"password": "wrong", "confirm": "other@example.com"} {
			form := url.Values{"password": {password}, "confirm": {"ada@example.com"}}
			form.Set(field, value)
			browser.post("/account/delete", form).must(http.StatusUnprocessableEntity)
		}
		browser.post("/account/delete", url.Values{"password": {password}, "confirm": {"ADA@example.com"}}).must(http.StatusSeeOther)
		browser.get("/account").must(http.StatusSeeOther)
		for _, model := range []any{&models.User{}, &covetmodels.Session{}, &covetmodels.AccessToken{}, &covetmodels.Token{}} {
			if n := count(t, a, model); n != 0 {
				t.Errorf("%d %T are left", n, model)
			}
		}
		if n := count(t, a, &covetmodels.AuditEntry{}, "action = ? AND actor_name = ?", "users.delete", "ada@example.com"); n != 1 {
			t.Errorf("the audit log has %d entries about it", n)
		}
	})
}

// Threat: nobody is left who may do everything, also when the last two leave at the same moment.
func TestTheLastLeaderStays(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		var role covetmodels.Role
		if err := a.DB.With(t.Context()).Where("name = ?", "admin").Take(&role).Error; err != nil {
			t.Fatal(err)
		}
		leads := func(u *models.User) { u.Roles = []covetmodels.Role{role} }
		var browsers []*bare
		var forms []url.Values
		for _, email := range []string{"ada@example.com", "bob@example.com"} {
			account(t, a, email, leads)
			browsers = append(browsers, bareOf(t, a, bareOf(t, a).logIn(email, password).cookie("session")))
			forms = append(forms, url.Values{"password": {password}, "confirm": {email}})
		}
		var wg sync.WaitGroup
		for i := range browsers {
			wg.Go(func() { browsers[i].post("/account/delete", forms[i]) })
		}
		wg.Wait()
		if n := count(t, a, &models.User{}); n != 1 {
			t.Fatalf("%d accounts are left, want 1", n)
		}
		for i, browser := range browsers {
			if browser.get("/account").StatusCode != http.StatusOK {
				continue // it is the other who is left
			}
			got := browser.post("/account/delete", forms[i]).must(http.StatusUnprocessableEntity)
			if !strings.Contains(got.body, "No user with all permissions would be left.") {
				t.Errorf("the page does not say why: %s", got.body)
			}
			browser.get("/account").must(http.StatusOK)
		}
	})
}

// What is done to accounts is in the audit log, by whom and from where, and without secrets.
func TestAudit(t *testing.T) {
	t.Parallel()
	a := start(t)
	client := a.Client()
	signUp(t, a, client, "ada@example.com")
	bareOf(t, a).logIn("ada@example.com", "my secret mistake")
	bareOf(t, a).logIn("not an address but a pass phrase", password)
	client.Post("/logout", nil)
	var entries []covetmodels.AuditEntry
	if err := a.DB.With(t.Context()).Order("id").Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, e := range entries {
		actions = append(actions, e.Action)
		if e.Address != "127.0.0.1" || e.RequestID == "" || strings.Contains(e.Detail, "secret") || strings.Contains(e.Detail, "phrase") {
			t.Errorf("the entry is %+v", e)
		}
		if failed := e.Action == "auth.login_failed"; failed == (e.ActorName == "ada@example.com") && e.Action != "auth.signup_requested" && e.Subject != "" {
			t.Errorf("%s is by %q", e.Action, e.ActorName)
		}
	}
	if got := strings.Join(actions, " "); got != "auth.signup_requested auth.signup auth.login auth.login_failed auth.login_failed auth.logout" {
		t.Errorf("the actions are %s", got)
	}
}

// A hash that another framework made is accepted once, and then is one of ours.
func TestBcryptIsUpgraded(t *testing.T) {
	t.Parallel()
	a := start(t)
	user := account(t, a, "ada@example.com", func(u *models.User) {
		u.PasswordHash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of "U*U"
	})
	bareOf(t, a).logIn("ada@example.com", "U*V").must(http.StatusUnprocessableEntity)
	bareOf(t, a).logIn("ada@example.com", "U*U").must(http.StatusSeeOther)
	if err := a.DB.With(t.Context()).Take(&user, user.ID).Error; err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(user.PasswordHash, "$argon2id$") {
		t.Errorf("the hash is %s", user.PasswordHash)
	}
	bareOf(t, a).logIn("ada@example.com", "U*U").must(http.StatusSeeOther)
}
