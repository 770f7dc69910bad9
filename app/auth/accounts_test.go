package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// answered is what the API of the example answers.
type answered struct {
	Email, Token, Code string
	Errors             []problem.Field
}

// call sends JSON as a program does.
func call(t *testing.T, client *apptest.Client, method, path string, body any, status int) answered {
	t.Helper()
	page := client.JSON(method, path, body).MustStatus(status)
	var got answered
	if page.Body() != "" {
		if err := json.Unmarshal([]byte(page.Body()), &got); err != nil {
			t.Fatalf("%s: %v", page.Body(), err)
		}
	}
	return got
}

func readers(t *testing.T, opts ...apptest.Option) *apptest.App {
	t.Helper()
	return apptest.New(t, newReaders, append([]apptest.Option{onSQLite(t)}, opts...)...)
}

// A program signs up, logs in, acts and logs out, by JSON.
func TestAPI(t *testing.T) {
	t.Parallel()
	a := readers(t)
	program := a.Client()
	ada := credentials{"Ada@Example.com", password}
	first := call(t, program, http.MethodPost, "/api/users", ada, http.StatusCreated)
	second := call(t, program, http.MethodPost, "/api/users/login", ada, http.StatusOK)
	if first.Email != "ada@example.com" || !strings.HasPrefix(second.Token, "covet_pat_") || first.Token == second.Token {
		t.Errorf("the answers are %+v and %+v", first, second)
	}
	signedIn := a.Client().Bearer(second.Token)
	if got := call(t, signedIn, http.MethodGet, "/api/user", nil, http.StatusOK); got.Email != "ada@example.com" {
		t.Errorf("the token acts for %q", got.Email)
	}
	call(t, program, http.MethodGet, "/api/user", nil, http.StatusUnauthorized)
	call(t, signedIn, http.MethodDelete, "/api/user", nil, http.StatusNoContent)
	call(t, signedIn, http.MethodGet, "/api/user", nil, http.StatusUnauthorized)
	call(t, a.Client().Bearer(first.Token), http.MethodGet, "/api/user", nil, http.StatusOK)
	a.DrainJobs()
	if n := len(a.Mails()); n != 0 {
		t.Errorf("%d mails were sent about log-ins", n)
	}
	var actions []string
	err := a.DB.With(t.Context()).Model(&covetmodels.AuditEntry{}).Where("actor_name = ?", "ada@example.com").Order("id").
		Pluck("action", &actions).Error
	if got := strings.Join(actions, " "); err != nil || got != "users.create token.create token.create token.revoke" {
		t.Errorf("the audit log has %s, %v", got, err)
	}
}

// What is wrong with a sign-up is answered by field.
func TestAPISignUpRefuses(t *testing.T) {
	t.Parallel()
	a := readers(t)
	call(t, a.Client(), http.MethodPost, "/api/users", credentials{"ada@example.com", password}, http.StatusCreated)
	got := call(t, a.Client(), http.MethodPost, "/api/users", credentials{"nobody", "short"}, http.StatusUnprocessableEntity)
	if len(got.Errors) != 2 || got.Errors[0].Pointer != "/email" || got.Errors[1].Pointer != "/password" {
		t.Errorf("the errors are %+v", got.Errors)
	}
	got = call(t, a.Client(), http.MethodPost, "/api/users", credentials{"ADA@example.com", "another good password"}, http.StatusConflict)
	if got.Code != "email_taken" {
		t.Errorf("the code is %q", got.Code)
	}
	if n := count(t, a, &Reader{}); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

// Threat: an attacker finds out by JSON which addresses have an account, or tries passwords without end.
func TestAPILogInIsAsThePage(t *testing.T) {
	t.Parallel()
	a := readers(t)
	disabled := time.Now()
	authtest.Create(t, a, &Reader{covetmodels.User{Email: "known@example.com"}})
	authtest.Create(t, a, &Reader{covetmodels.User{Email: "ended@example.com", DisabledAt: &disabled}})
	var answers []string
	for _, sent := range []credentials{
		{"known@example.com", "not the password"}, {"ended@example.com", authtest.Password}, {"other@example.com", "not the password"},
	} {
		page := a.Client().JSON(http.MethodPost, "/api/users/login", sent).MustStatus(http.StatusUnauthorized)
		answers = append(answers, page.Body()+page.Header().Get(echo.HeaderWWWAuthenticate))
	}
	if answers[0] != answers[1] || answers[1] != answers[2] {
		t.Errorf("the answers differ: %q", answers)
	}
	if n := count(t, a, &covetmodels.AuditEntry{}, "action = ?", "auth.login_failed"); n != 3 {
		t.Errorf("the audit log has %d failures", n)
	}
	for range 9 {
		call(t, a.Client(), http.MethodPost, "/api/users/login", credentials{"known@example.com", "x"}, http.StatusUnauthorized)
	}
	right := credentials{"known@example.com", authtest.Password}
	page := a.Client().JSON(http.MethodPost, "/api/users/login", right).MustStatus(http.StatusTooManyRequests)
	if page.Header().Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
	bareOf(t, a).logIn(right.Email, right.Password).must(http.StatusTooManyRequests) // one count for both
}

// Threat: sign-ups by JSON ask without end which addresses are taken.
func TestAPISignUpIsThrottled(t *testing.T) {
	t.Parallel()
	a := readers(t)
	answered, client, began := 0, a.Client(), time.Now()
	for client.JSON(http.MethodPost, "/api/users", credentials{"nobody", "short"}).Status() == http.StatusUnprocessableEntity && answered < 150 {
		answered++
	}
	if answered < 100 || answered > 100+regained(100, began) {
		t.Errorf("%d sign-ups are answered, want 100", answered)
	}
	err := moduleOf(t, a).CreateAccount(t.Context(), &Reader{covetmodels.User{Email: "ada@example.com"}}, password)
	if err != nil {
		t.Errorf("outside a request: %v", err)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	a := readers(t)
	m := moduleOf(t, a)
	authtest.Create(t, a, &Reader{covetmodels.User{Email: "ada@example.com"}})
	if err := m.CreateAccount(t.Context(), &Reader{covetmodels.User{Email: "bob@example.com"}}, password); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		email, plain string
		want         error
		status       int
	}{
		{" ADA@example.com", authtest.Password, nil, 0},
		{"ada@example.com", "wrong", auth.ErrCredentials, http.StatusUnauthorized},
		{"nobody@example.com", authtest.Password, auth.ErrCredentials, http.StatusUnauthorized},
		{"", "", auth.ErrCredentials, http.StatusUnauthorized},
		{"bob@example.com", "wrong", auth.ErrCredentials, http.StatusUnauthorized},
		{"bob@example.com", password, auth.ErrUnconfirmed, http.StatusForbidden},
	} {
		user, err := m.Authenticate(t.Context(), auth.Credentials{Email: tt.email, Password: tt.plain})
		if !errors.Is(err, tt.want) || (user != nil) != (tt.want == nil) {
			t.Errorf("%q, %q: %v, %v", tt.email, tt.plain, user, err)
		}
		if tt.status != 0 && problem.From(err).Status != tt.status {
			t.Errorf("%q: status %d, want %d", tt.email, problem.From(err).Status, tt.status)
		}
	}
	if n := count(t, a, &covetmodels.Session{}) + count(t, a, &covetmodels.AccessToken{}); n != 0 {
		t.Errorf("%d credentials were issued", n)
	}
}

// Threat: an API that knows the password only gets around the second factor.
func TestAuthenticateAndSteps(t *testing.T) {
	t.Parallel()
	optional := codeStep{name: "code", skip: func(a *login.Attempt) bool { return a.Account.Email != "ada@example.com" }}
	a := withSteps(t, []login.Step{optional})
	authtest.Create(t, a, &person{covetmodels.User{Email: "bob@example.com"}})
	m := moduleOf(t, a)
	ada := auth.Credentials{Email: "ada@example.com", Password: authtest.Password}
	if user, err := m.Authenticate(t.Context(), ada); user != nil || !errors.Is(err, auth.ErrStepRequired) {
		t.Errorf("with a step that is left: %v, %v", user, err)
	}
	ada.Password = "wrong"
	if _, err := m.Authenticate(t.Context(), ada); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("a wrong password tells of the step: %v", err)
	}
	if _, err := m.Authenticate(t.Context(), auth.Credentials{Email: "bob@example.com", Password: authtest.Password}); err != nil {
		t.Errorf("without one: %v", err)
	}
}

// The request for an account creates none, and its link is mailed.
func TestSignUp(t *testing.T) {
	t.Parallel()
	a := readers(t)
	m := moduleOf(t, a)
	request := auth.SignUpRequest{Email: "Ada@Example.com", Password: password}
	if err := m.SignUp(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if n := count(t, a, &Reader{}); n != 0 {
		t.Errorf("%d accounts", n)
	}
	q := linkOf(t, a, "/signup/confirm", password)
	bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther).cookie("session")
	if _, err := m.FindAccount(t.Context(), "ada@example.com"); err != nil {
		t.Error(err)
	}
	if _, err := m.FindAccount(t.Context(), "bob@example.com"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("an unknown address: %v", err)
	}
	request = auth.SignUpRequest{Email: "nobody", Password: "short"}
	if p := problem.From(m.SignUp(t.Context(), request)); p.Status != http.StatusUnprocessableEntity || len(p.Fields) != 2 {
		t.Errorf("the problem is %+v", p)
	}
}

// signingIn adds a route that signs an account in, as an application does that authenticates in a way of its own.
func signingIn(t *testing.T, user *covetmodels.User) *apptest.App {
	t.Helper()
	return apptest.New(t, func(cfg settings) (*covet.App, error) {
		a, err := newReaders(cfg)
		if err != nil {
			return nil, err
		}
		m, _ := a.Modules()[0].(*auth.Module)
		a.Echo.POST("/enter", func(c echo.Context) error {
			if err := m.SignIn(c, user, true); err != nil {
				return err
			}
			return c.NoContent(http.StatusNoContent)
		})
		a.Echo.POST("/leave", func(c echo.Context) error { return errors.Join(m.SignOut(c), c.NoContent(http.StatusNoContent)) })
		return a, nil
	}, onSQLite(t))
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	ada := &Reader{covetmodels.User{Email: "ada@example.com"}}
	a := signingIn(t, &ada.User)
	authtest.Create(t, a, ada)
	got := bareOf(t, a).post("/enter", nil).must(http.StatusNoContent)
	old := got.cookie("session")
	if old.MaxAge == 0 || got.cookie("device").Value == "" {
		t.Errorf("the cookies are %v", got.Cookies())
	}
	session := bareOf(t, a, old).post("/enter", nil).must(http.StatusNoContent).cookie("session")
	if bareOf(t, a, old).get("/account").StatusCode == http.StatusOK || session.Value == old.Value {
		t.Error("the old session goes on after another log-in")
	}
	bareOf(t, a, session).get("/account").must(http.StatusOK)
	if out := bareOf(t, a, session).post("/leave", nil).must(http.StatusNoContent).cookie("session"); out.MaxAge >= 0 {
		t.Errorf("the cookie stays: %v", out)
	}
	bareOf(t, a, session).get("/account").must(http.StatusSeeOther)
	bareOf(t, a).post("/leave", nil).must(http.StatusNoContent) // without a session

	// The account as it was when it was authenticated is not the one in the database.
	if err := a.DB.With(t.Context()).Exec("UPDATE users SET password_hash = 'x'").Error; err != nil {
		t.Fatal(err)
	}
	if got := bareOf(t, a).post("/enter", nil).must(http.StatusConflict); len(got.Cookies()) != 0 {
		t.Errorf("a changed account is signed in: %v", got.Cookies())
	}
}

func TestSessionsAndTokensOfAnAccount(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ada, bob := &Reader{covetmodels.User{Email: "ada@example.com"}}, &Reader{covetmodels.User{Email: "bob@example.com"}}
	a := signingIn(t, &ada.User)
	authtest.Create(t, a, ada)
	authtest.Create(t, a, bob)
	m := moduleOf(t, a)
	for range 3 {
		bareOf(t, a).post("/enter", nil).must(http.StatusNoContent)
	}
	sessions, err := m.Sessions(ctx, &ada.User)
	if err != nil || len(sessions) != 3 {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	if err := m.RevokeSession(ctx, &bob.User, sessions[0].ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the session of another: %v", err)
	}
	err = errors.Join(m.RevokeSession(ctx, &ada.User, sessions[0].ID), m.RevokeSessions(ctx, &ada.User, sessions[1].ID))
	if left, err2 := m.Sessions(ctx, &ada.User); err != nil || err2 != nil || len(left) != 1 || left[0].ID != sessions[1].ID {
		t.Errorf("the sessions are %v, %v, %v", left, err, err2)
	}

	for name, bad := range map[string]auth.NewToken{
		"no name": {Scopes: []string{"*"}}, "no scopes": {Name: "CI"}, "a scope": {Name: "CI", Scopes: []string{"posts.read; drop"}},
		"a long name": {Name: strings.Repeat("x", 101), Scopes: []string{"*"}},
	} {
		if _, err := m.IssueToken(ctx, &ada.User, bad); problem.From(err).Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", name, err)
		}
	}
	secret, err := m.IssueToken(ctx, &ada.User, auth.NewToken{Name: "CI", Scopes: []string{"posts.read", "pages.*"}})
	if err != nil {
		t.Fatal(err)
	}
	call(t, a.Client().Bearer(secret), http.MethodGet, "/api/user", nil, http.StatusOK)
	tokens, err := m.Tokens(ctx, &ada.User)
	if err != nil || len(tokens) != 1 || tokens[0].Scopes != "posts.read pages.*" || tokens[0].ExpiresAt != nil {
		t.Fatalf("the tokens are %+v, %v", tokens, err)
	}
	if err := m.RevokeToken(ctx, &bob.User, tokens[0].ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the token of another: %v", err)
	}
	if err := m.RevokeToken(ctx, &ada.User, tokens[0].ID); err != nil {
		t.Error(err)
	}
	call(t, a.Client().Bearer(secret), http.MethodGet, "/api/user", nil, http.StatusUnauthorized)
	a.DrainJobs()
	if mails := a.Mails(); len(mails) != 1 || !strings.Contains(mails[0].Subject, "access token") {
		t.Errorf("%d mails", len(mails))
	}
}

// An account has at most 50 valid tokens; a log-in by a program replaces the oldest of its own.
func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a := readers(t)
	m, ada := moduleOf(t, a), &Reader{covetmodels.User{Email: "ada@example.com"}}
	authtest.Create(t, a, ada)
	issue := func(name string, logIn bool) (string, error) {
		return m.IssueToken(ctx, &ada.User, auth.NewToken{Name: name, Scopes: []string{"*"}, LogIn: logIn})
	}
	oldest, err := issue("app", true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 49 {
		if _, err := issue("CI "+strconv.Itoa(i), false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := issue("CI", false); !errors.Is(err, auth.ErrTooManyTokens) {
		t.Errorf("the 51st token: %v", err)
	}
	if _, err := issue("other app", true); !errors.Is(err, auth.ErrTooManyTokens) {
		t.Errorf("a log-in takes a token of another name away: %v", err)
	}
	newest, err := issue("app", true)
	if err != nil {
		t.Fatal(err)
	}
	call(t, a.Client().Bearer(oldest), http.MethodGet, "/api/user", nil, http.StatusUnauthorized)
	call(t, a.Client().Bearer(newest), http.MethodGet, "/api/user", nil, http.StatusOK)
	if n := count(t, a, &covetmodels.AccessToken{}, "revoked_at IS NULL"); n != 50 {
		t.Errorf("%d tokens", n)
	}
}

// What changes an account changes the value that the caller has, if it succeeds.
func TestChangesOfState(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a := readers(t)
	m := moduleOf(t, a)
	ada, bob := &Reader{covetmodels.User{Email: "ada@example.com"}}, &Reader{covetmodels.User{Email: "bob@example.com"}}
	authtest.Create(t, a, ada)
	authtest.Create(t, a, bob)
	u := &ada.User
	logIn := func(email, plain string, want error) {
		t.Helper()
		if _, err := m.Authenticate(ctx, auth.Credentials{Email: email, Password: plain}); !errors.Is(err, want) {
			t.Errorf("log-in of %s: %v, want %v", email, err, want)
		}
	}
	if err := m.SetPassword(ctx, u, "short"); problem.From(err).Status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password: %v", err)
	}
	if err := m.SetPassword(ctx, u, "a wholly new password"); err != nil {
		t.Fatal(err)
	}
	logIn("ada@example.com", authtest.Password, auth.ErrCredentials)
	logIn("ada@example.com", "a wholly new password", nil)

	if err := m.SetEmail(ctx, u, "BOB@example.com"); !errors.Is(err, auth.ErrEmailTaken) || u.Email != "ada@example.com" {
		t.Errorf("a taken address: %v, and the account is %s", err, u.Email)
	}
	if err := m.SetEmail(ctx, u, "nobody"); problem.From(err).Status != http.StatusUnprocessableEntity {
		t.Errorf("an invalid address: %v", err)
	}
	if err := m.SetEmail(ctx, u, "New@example.com"); err != nil || u.Email != "new@example.com" {
		t.Errorf("a new address: %v, and the account is %s", err, u.Email)
	}
	logIn("new@example.com", "a wholly new password", nil)

	var unknown *auth.UnknownRoleError
	if err := m.GrantRole(ctx, u, "king"); !errors.As(err, &unknown) || unknown.Roles[0] != "admin" {
		t.Errorf("an unknown role: %v", err)
	}
	if err := errors.Join(m.GrantRole(ctx, u, "admin"), m.GrantRole(ctx, u, "admin")); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(context.Context, *covetmodels.User) error{
		"role": func(ctx context.Context, u *covetmodels.User) error { return m.RevokeRole(ctx, u, "admin") },
		"off":  m.Disable, "deleted": m.DeleteAccount,
	} {
		if err := change(ctx, u); !errors.Is(err, auth.ErrLastAdmin) || problem.From(err).Status != http.StatusConflict || u.DisabledAt != nil {
			t.Errorf("%s of the last administrator: %v", name, err)
		}
	}
	if err := errors.Join(m.GrantRole(ctx, &bob.User, "admin"), m.Disable(ctx, u)); err != nil || u.DisabledAt == nil {
		t.Fatal(err)
	}
	logIn("new@example.com", "a wholly new password", auth.ErrCredentials)
	if err := m.Enable(ctx, u); err != nil || u.DisabledAt != nil {
		t.Fatal(err)
	}
	logIn("new@example.com", "a wholly new password", nil)
	if err := errors.Join(m.RevokeRole(ctx, u, "admin"), m.DeleteAccount(ctx, u)); err != nil {
		t.Fatal(err)
	}
	logIn("new@example.com", "a wholly new password", auth.ErrCredentials)
	a.DrainJobs()
	var told []string
	for _, mail := range a.Mails() {
		told = append(told, mail.To[0].Address+": "+mail.Subject)
	}
	want := []string{
		"ada@example.com: Your password", "ada@example.com: Your address", "new@example.com: Your account at  is disabled",
		"new@example.com: Your account at  is enabled", "new@example.com: Your account at  is deleted",
	}
	for i, part := range want {
		if len(told) != len(want) || !strings.HasPrefix(told[i], part) {
			t.Fatalf("the mails are %q", told)
		}
	}
}

// A change is undone with the transaction around it.
func TestChangesJoinATransaction(t *testing.T) {
	t.Parallel()
	a := readers(t)
	m, ada := moduleOf(t, a), &Reader{covetmodels.User{Email: "ada@example.com"}}
	authtest.Create(t, a, ada)
	undone := errors.New("undone")
	err := a.DB.Transaction(t.Context(), func(ctx context.Context) error {
		_, err := m.IssueToken(ctx, &ada.User, auth.NewToken{Name: "CI", Scopes: []string{"*"}})
		created := m.CreateAccount(ctx, &Reader{covetmodels.User{Email: "bob@example.com"}}, password)
		return errors.Join(err, created, m.Disable(ctx, &ada.User), undone)
	})
	if err == nil || err.Error() != "undone" {
		t.Fatal(err)
	}
	disabled, tokens := count(t, a, &Reader{}, "disabled_at IS NOT NULL"), count(t, a, &covetmodels.AccessToken{})
	if n := count(t, a, &Reader{}); n != 1 || disabled != 0 || tokens != 0 {
		t.Errorf("%d accounts, %d disabled, %d tokens", n, disabled, tokens)
	}
	a.DrainJobs()
	if n := len(a.Mails()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// Threat: the first guesses at a site are its name, its host and the name of the account. Every door refuses them.
func TestNamesArePasswordsNowhere(t *testing.T) {
	t.Parallel()
	database := databases["sqlite"](t)
	opts := append(unlimited(), apptest.Set("database.url", database), apptest.Set("app.name", "Shop"), apptest.Set("app.url", "http://shop.example.test"))
	a := start(t, opts...)
	user := account(t, a, "lovelace@example.com", func(u *models.User) { u.DisplayName = "Augusta" })
	browser := bareOf(t, a, bareOf(t, a).logIn("lovelace@example.com", password).must(http.StatusSeeOther).cookie("session"))
	reset := askReset(t, a, "lovelace@example.com")
	m := moduleOf(t, a)
	now := time.Now()
	for _, plain := range []string{"Shop2026Shop!", "shop.example.test", "5h0p!!5h0p!!99", "L0velace#7gq2wk", "Augusta=7gq2wk"} {
		own := strings.Contains(plain, "lace") || strings.Contains(plain, "Augusta")
		form := url.Values{"password": {password}, "new_password": {plain}}
		if body := browser.post("/account/password", form).must(http.StatusUnprocessableEntity).body; !strings.Contains(body, "This password") {
			t.Errorf("%q: the account page gives no reason", plain)
		}
		reset.form.Set("password", plain)
		bareOf(t, a).post(reset.path(), reset.form).must(http.StatusUnprocessableEntity)
		signup := url.Values{"email": {"lovelace.new@example.com"}, "password": {plain}, "display_name": {"Augusta"}}
		bareOf(t, a).post("/signup", signup).must(http.StatusUnprocessableEntity)
		created := models.User{User: covetmodels.User{Email: "lovelace.go@example.com", EmailVerifiedAt: &now}, DisplayName: "Augusta"}
		for name, err := range map[string]error{
			"SetPassword":   m.SetPassword(t.Context(), &user.User, plain),
			"CreateAccount": m.CreateAccount(t.Context(), &created, plain),
			"SignUp": m.SignUp(t.Context(), auth.SignUpRequest{
				Email: "lovelace.api@example.com", Password: plain, Values: auth.Values{"display_name": "Augusta"},
			}),
		} {
			if problem.From(err) == nil || problem.From(err).Status != http.StatusUnprocessableEntity {
				t.Errorf("%q: %s returns %v", plain, name, err)
			}
		}
		if own && !strings.Contains(plain, "Augusta") {
			_, err := command(t, database, plain+"\n", "user", "create", "lovelace.cli@example.com", "--password-stdin")
			if err == nil {
				t.Errorf("%q: the command takes it", plain)
			}
		}
	}
	if err := m.SetPassword(t.Context(), &user.User, "the shop of seventeen wombats"); err != nil {
		t.Errorf("a password that is strong without the name: %v", err)
	}
}
