package auth_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/auth/login"
	covetmodels "github.com/covetgo/covet/models"
)

// codeStep asks for a code, and for what its page kept when it was shown.
type codeStep struct {
	name  string
	skip  func(*login.Attempt) bool
	byGET bool
}

func (s codeStep) Name() string { return s.name }

func (s codeStep) Required(_ context.Context, attempt *login.Attempt) (bool, error) {
	return s.skip == nil || !s.skip(attempt), nil
}

func (s codeStep) Serve(c echo.Context, attempt *login.Attempt) (bool, error) {
	if c.Request().Method != http.MethodPost {
		if s.byGET {
			return true, nil
		}
		if err := attempt.Keep(c.Request().Context(), []byte("shown "+s.name)); err != nil {
			return false, err
		}
		return false, c.String(http.StatusOK, s.name+" for "+attempt.Account.Email)
	}
	if c.FormValue("code") != "right" || (c.FormValue("shown") != "" && string(attempt.Data) != c.FormValue("shown")) {
		return false, c.String(http.StatusUnprocessableEntity, "wrong")
	}
	return true, nil
}

// withSteps returns an application whose log-in has these steps, with the account ada@example.com.
func withSteps(t *testing.T, steps []login.Step, opts ...apptest.Option) *apptest.App {
	t.Helper()
	opts = append([]apptest.Option{onSQLite(t)}, opts...)
	a := apptest.New(t, custom(auth.Options[person]{Layout: layout, Steps: steps}), opts...)
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})
	return a
}

// stepsEverywhere runs a test on every database.
func stepsEverywhere(t *testing.T, steps []login.Step, test func(*testing.T, *apptest.App), opts ...apptest.Option) {
	t.Helper()
	for name, open := range map[string]func(testing.TB) string{
		"sqlite": plain.SQLite, "postgres": plain.Postgres, "mysql": plain.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, withSteps(t, steps, append(opts, apptest.Set("database.url", open(t)))...))
		})
	}
}

// begin passes the first step, and returns the browser that waits for the next.
func begin(t *testing.T, a *apptest.App, next string) *bare {
	t.Helper()
	form := url.Values{"email": {"ada@example.com"}, "password": {authtest.Password}, "next": {next}, "remember": {"true"}}
	got := bareOf(t, a).post("/login", form).must(http.StatusSeeOther)
	return bareOf(t, a, got.cookie("login"))
}

// mustBeginAgain fails the test unless the response leads to the beginning of the log-in, and no session has begun.
func mustBeginAgain(t *testing.T, a *apptest.App, got *answer) {
	t.Helper()
	if got.must(http.StatusSeeOther).location() != "/login" {
		t.Errorf("%s %s leads to %s", got.Request.Method, got.Request.URL, got.location())
	}
	if n := count(t, a, &covetmodels.Session{}); n != 0 {
		t.Errorf("%d sessions have begun", n)
	}
}

var right = url.Values{"code": {"right"}}

// The steps follow one another in their order, what the first was sent travels along, and the session begins after the
// last.
func TestSteps(t *testing.T) {
	t.Parallel()
	skipped := codeStep{name: "skipped", skip: func(a *login.Attempt) bool { return a.Method == "password" }}
	steps := []login.Step{codeStep{name: "code"}, skipped, codeStep{name: "terms"}}
	stepsEverywhere(t, steps, func(t *testing.T, a *apptest.App) {
		form := url.Values{"email": {"ada@example.com"}, "password": {authtest.Password}, "next": {"/health?x=1"}, "remember": {"true"}}
		first := bareOf(t, a).post("/login", form).must(http.StatusSeeOther)
		waiting := first.cookie("login")
		if first.location() != "/login/code" || len(first.Cookies()) != 1 || !waiting.HttpOnly || waiting.MaxAge != 600 {
			t.Fatalf("the password leads to %s with %v", first.location(), first.Cookies())
		}
		browser := bareOf(t, a, waiting)
		if body := browser.get("/login/code").must(http.StatusOK).body; body != "code for ada@example.com" {
			t.Errorf("the page of the step is %q", body)
		}
		for _, path := range []string{"/login/terms", "/login/skipped"} { // not yet, and never
			if got := browser.get(path).must(http.StatusSeeOther).location(); got != "/login/code" {
				t.Errorf("GET %s leads to %s", path, got)
			}
			if got := browser.post(path, right).must(http.StatusSeeOther).location(); got != "/login/code" {
				t.Errorf("POST %s leads to %s", path, got)
			}
		}
		browser.post("/login/code", url.Values{"code": {"wrong"}}).must(http.StatusUnprocessableEntity)
		second := browser.post("/login/code", url.Values{"code": {"right"}, "shown": {"shown code"}}).must(http.StatusSeeOther)
		if second.location() != "/login/terms" || len(second.Cookies()) != 0 {
			t.Errorf("the second step leads to %s with %v", second.location(), second.Cookies())
		}
		browser.get("/account").must(http.StatusSeeOther)
		if n := count(t, a, &covetmodels.Session{}); n != 0 {
			t.Errorf("%d sessions have begun before the last step", n)
		}
		var row covetmodels.PendingLogin
		if err := a.DB.With(t.Context()).Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		if row.TokenHash == waiting.Value || row.Data != "" || row.ExpiresAt.Sub(row.CreatedAt) != 10*time.Minute {
			t.Errorf("the row is %+v", row)
		}
		if got := browser.post("/login/code", right).must(http.StatusSeeOther).location(); got != "/login/terms" {
			t.Errorf("a step that was passed leads to %s", got) // replay
		}
		last := browser.post("/login/terms", right).must(http.StatusSeeOther)
		session := last.cookie("session")
		if last.location() != "/health?x=1" || session.MaxAge < 3600*24*100 || last.cookie("login").MaxAge >= 0 {
			t.Errorf("the last step leads to %s with %v", last.location(), last.Cookies())
		}
		bareOf(t, a, session).get("/account").must(http.StatusOK)
		if n := count(t, a, &covetmodels.PendingLogin{}); n != 0 {
			t.Errorf("%d log-ins are left", n)
		}
		if got := browser.post("/login/terms", right).must(http.StatusSeeOther).location(); got != "/login" {
			t.Errorf("a replay of the last step leads to %s", got)
		}
		if n := count(t, a, &covetmodels.Session{}); n != 1 {
			t.Errorf("%d sessions after a replay", n)
		}
		if n := count(t, a, &covetmodels.AuditEntry{}, "action = ? AND detail LIKE ?", "auth.login_failed", `%"code"%`); n != 1 {
			t.Errorf("the audit log has %d failures of the step", n)
		}
		if n := count(t, a, &covetmodels.AuditEntry{}, "action = ? AND actor_name = ?", "auth.login", "ada@example.com"); n != 1 {
			t.Errorf("the audit log has %d log-ins", n)
		}
	})
}

// A log-in of one step stores nothing in between, and asks for nothing.
func TestOneStepCostsNoQuery(t *testing.T) {
	t.Parallel()
	a := withSteps(t, nil)
	var mu sync.Mutex
	var statements []string
	record := func(tx *gorm.DB) {
		mu.Lock()
		defer mu.Unlock()
		statements = append(statements, tx.Statement.SQL.String())
	}
	callbacks := a.DB.With(t.Context()).Callback()
	for _, register := range []func() error{
		func() error { return callbacks.Query().After("gorm:query").Register("test", record) },
		func() error { return callbacks.Create().After("gorm:create").Register("test", record) },
		func() error { return callbacks.Update().After("gorm:update").Register("test", record) },
		func() error { return callbacks.Delete().After("gorm:delete").Register("test", record) },
		func() error { return callbacks.Row().After("gorm:row").Register("test", record) },
		func() error { return callbacks.Raw().After("gorm:raw").Register("test", record) },
	} {
		if err := register(); err != nil {
			t.Fatal(err)
		}
	}
	bareOf(t, a).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther).cookie("session")
	mu.Lock()
	defer mu.Unlock()
	// The account by its address, the account with a lock, the session, the audit entry.
	if len(statements) != 4 || strings.Contains(strings.Join(statements, "\n"), "pending") {
		t.Errorf("a log-in has %d statements:\n%s", len(statements), strings.Join(statements, "\n"))
	}
}

// Threat: a stolen cookie of a log-in that was never completed is used later.
func TestStepsExpire(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code"}})
	browser := begin(t, a, "/health")
	err := a.DB.With(t.Context()).Model(&covetmodels.PendingLogin{}).Where("1 = 1").
		Update("expires_at", time.Now().UTC().Add(-time.Second)).Error
	if err != nil {
		t.Fatal(err)
	}
	mustBeginAgain(t, a, browser.post("/login/code", right))
	mustBeginAgain(t, a, browser.get("/login/code"))
}

// Threat: an attacker who knows the password, or reads the database, passes the step that a victim waits at, or skips
// it.
func TestStepsInAnotherBrowser(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code"}})
	victims := begin(t, a, "/health").cookies[0]
	var row covetmodels.PendingLogin
	if err := a.DB.With(t.Context()).Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	for name, cookies := range map[string][]*http.Cookie{
		"no cookie":          nil,
		"an empty cookie":    {{Name: victims.Name}},
		"a made-up cookie":   {{Name: victims.Name, Value: strings.Repeat("A", 43)}},
		"the stored hash":    {{Name: victims.Name, Value: row.TokenHash}},
		"as a session":       {{Name: a.Cookies().Name("session"), Value: victims.Value}},
		"a very long cookie": {{Name: victims.Name, Value: strings.Repeat("A", 4000)}},
	} {
		t.Log(name)
		mustBeginAgain(t, a, bareOf(t, a, cookies...).post("/login/code", right))
		if bareOf(t, a, cookies...).get("/account").StatusCode == http.StatusOK {
			t.Error("the page of the account is open")
		}
	}
	bareOf(t, a, victims).post("/login/code", right).must(http.StatusSeeOther).cookie("session")
}

// Threat: an attacker has passed the first step, and the owner or an administrator changes the account to keep them
// out.
func TestStepsOfAChangedAccount(t *testing.T) {
	t.Parallel()
	byAPI := func(change func(context.Context, *auth.Module, *covetmodels.User) error) func(*testing.T, *apptest.App, *person) error {
		return func(t *testing.T, a *apptest.App, user *person) error {
			t.Helper()
			return change(t.Context(), moduleOf(t, a), &user.User)
		}
	}
	bySQL := func(column string, value any) func(*testing.T, *apptest.App, *person) error {
		return func(t *testing.T, a *apptest.App, user *person) error {
			t.Helper()
			return a.DB.With(t.Context()).Exec("UPDATE users SET "+column+" = ? WHERE id = ?", value, user.ID).Error
		}
	}
	for name, change := range map[string]func(*testing.T, *apptest.App, *person) error{
		"disabled": byAPI(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error { return m.Disable(ctx, u) }),
		"password": byAPI(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.SetPassword(ctx, u, "a wholly new password")
		}),
		"address": byAPI(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.SetEmail(ctx, u, "new@example.com")
		}),
		"deleted":         byAPI(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error { return m.DeleteAccount(ctx, u) }),
		"disabled by SQL": bySQL("disabled_at", time.Now()),
		"password by SQL": bySQL("password_hash", "x"),
		"address by SQL":  bySQL("email", "new@example.com"),
		"deleted by SQL": func(t *testing.T, a *apptest.App, user *person) error {
			t.Helper()
			return a.DB.With(t.Context()).Exec("DELETE FROM users WHERE id = ?", user.ID).Error
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := withSteps(t, []login.Step{codeStep{name: "code"}})
			var user person
			if err := a.DB.With(t.Context()).Take(&user).Error; err != nil {
				t.Fatal(err)
			}
			browser := begin(t, a, "/health")
			browser.get("/login/code").must(http.StatusOK)
			if err := change(t, a, &user); err != nil {
				t.Fatal(err)
			}
			mustBeginAgain(t, a, browser.get("/login/code"))
			mustBeginAgain(t, a, browser.post("/login/code", right))
		})
	}
}

// Threat: an attacker who knows the password tries codes, in one log-in or in many.
func TestStepsAreThrottled(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code"}}, apptest.Set("auth.logins_per_account", "5"))
	known := begin(t, a, "/health").post("/login/code", right).must(http.StatusSeeOther).cookie("device")
	if err := a.DB.With(t.Context()).Where("1 = 1").Delete(&covetmodels.Session{}).Error; err != nil {
		t.Fatal(err)
	}
	one, another := begin(t, a, "/health"), begin(t, a, "/health")
	wrong := url.Values{"code": {"wrong"}}
	for i := range 4 {
		browser := []*bare{one, another}[i%2]
		browser.post("/login/code", wrong).must(http.StatusUnprocessableEntity)
	}
	for _, browser := range []*bare{one, another} {
		got := browser.post("/login/code", right).must(http.StatusTooManyRequests)
		if got.Header.Get("Retry-After") == "" {
			t.Error("there is no Retry-After")
		}
	}
	if n := count(t, a, &covetmodels.Session{}); n != 0 {
		t.Errorf("%d sessions have begun", n)
	}
	// The attacker does not keep the owner out of a browser in which they have signed in before.
	form := url.Values{"email": {"ada@example.com"}, "password": {authtest.Password}}
	waiting := bareOf(t, a, known).post("/login", form).must(http.StatusSeeOther).cookie("login")
	bareOf(t, a, known, waiting).post("/login/code", right).must(http.StatusSeeOther).cookie("session")
}

// Threat: a browser that prefetches pages passes a step.
func TestStepsAreNotPassedByGET(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code", byGET: true}})
	browser := begin(t, a, "/health")
	browser.get("/login/code").must(http.StatusInternalServerError)
	if n := count(t, a, &covetmodels.Session{}); n != 0 {
		t.Errorf("%d sessions have begun", n)
	}
}

// Threat: a step is passed twice at the same moment, and two sessions begin, one of them unseen.
func TestStepsArePassedOnce(t *testing.T) {
	t.Parallel()
	stepsEverywhere(t, []login.Step{codeStep{name: "code"}}, func(t *testing.T, a *apptest.App) {
		browser := begin(t, a, "/health")
		var begun atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got := browser.post("/login/code", right)
				if got.StatusCode == http.StatusSeeOther && got.location() == "/health" {
					begun.Add(1)
				} else if got.StatusCode != http.StatusSeeOther {
					t.Errorf("status %d: %s", got.StatusCode, got.body)
				}
			})
		}
		wg.Wait()
		if n := count(t, a, &covetmodels.Session{}); n != 1 || begun.Load() != 1 {
			t.Errorf("%d sessions have begun, and %d requests say so", n, begun.Load())
		}
	})
}

// Threat: who reads the mailbox gets around the second factor.
func TestStepsFollowMailedLinks(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code"}})
	session := begin(t, a, "/health").post("/login/code", right).cookie("session")
	asked := map[string]asked{"reset": askReset(t, a, "ada@example.com")}
	form := url.Values{"email": {"new@example.com"}, "password": {authtest.Password}}
	bareOf(t, a, session).post("/account/email", form).must(http.StatusSeeOther)
	asked["email"] = linkOf(t, a, "/account/email/confirm", authtest.Password)
	form = url.Values{"email": {"bob@example.com"}, "password": {password}}
	bareOf(t, a).post("/signup", form).must(http.StatusSeeOther)
	asked["signup"] = linkOf(t, a, "/signup/confirm", password)
	for _, kind := range []string{"email", "signup"} {
		q := asked[kind]
		if err := a.DB.With(t.Context()).Where("1 = 1").Delete(&covetmodels.Session{}).Error; err != nil {
			t.Fatal(err)
		}
		got := bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
		if got.location() != "/login/code" || count(t, a, &covetmodels.Session{}) != 0 {
			t.Errorf("%s: the link leads to %s and signs in", kind, got.location())
		}
		bareOf(t, a, got.cookie("login")).post("/login/code", right).must(http.StatusSeeOther).cookie("session")
	}
}

// The mailed link for a new password sets it, and then the other steps follow.
func TestStepsFollowAReset(t *testing.T) {
	t.Parallel()
	a := withSteps(t, []login.Step{codeStep{name: "code"}})
	q := askReset(t, a, "ada@example.com")
	got := bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
	if got.location() != "/login/code" || count(t, a, &covetmodels.Session{}) != 0 {
		t.Fatalf("the link leads to %s and signs in", got.location())
	}
	last := bareOf(t, a, got.cookie("login")).post("/login/code", right).must(http.StatusSeeOther)
	if last.location() != "/" {
		t.Errorf("the last step leads to %s", last.location())
	}
	bareOf(t, a, last.cookie("session")).get("/account").must(http.StatusOK)
	form := url.Values{"email": {"ada@example.com"}, "password": {"a wholly new password"}}
	bareOf(t, a).post("/login", form).must(http.StatusSeeOther)
}
