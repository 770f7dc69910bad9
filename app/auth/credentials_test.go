package auth_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// victim is an account whose access token and session an attacker has.
type victim struct {
	user    *models.User
	browser *bare // the owner's
	stolen  *bare // another session
	program *bare // an access token with the scope *
}

// rob makes an account, and steals its credentials.
func rob(t *testing.T, a *apptest.App, email string) *victim {
	t.Helper()
	user := account(t, a, email)
	secret, err := moduleOf(t, a).IssueToken(t.Context(), &user.User, auth.NewToken{Name: "stolen", Scopes: []string{"*"}, LogIn: true})
	if err != nil {
		t.Fatal(err)
	}
	session := func() *bare {
		return bareOf(t, a, bareOf(t, a).logIn(email, password).must(http.StatusSeeOther).cookie("session"))
	}
	v := &victim{&user, session(), session(), bareOf(t, a).with("Authorization", "Bearer "+secret).with("Accept", "application/json")}
	v.program.get("/api/me").must(http.StatusOK)
	return v
}

// door is one way to change the state of an account.
type door struct {
	name   string
	keeps  bool // the access token, as the owner wants or because the change is of another kind
	change func(*testing.T, *apptest.App, *victim)
}

const another = "a wholly new password"

// inGo changes an account by the functions of package auth.
func inGo(change func(context.Context, *auth.Module, *covetmodels.User) error) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, a *apptest.App, v *victim) {
		t.Helper()
		if err := change(t.Context(), moduleOf(t, a), &v.user.User); err != nil {
			t.Fatal(err)
		}
	}
}

// byPassword changes the password on the account page.
func byPassword(choice url.Values) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, _ *apptest.App, v *victim) {
		t.Helper()
		form := url.Values{"password": {password}, "new_password": {another}}
		v.browser.post("/account/password", with(form, choice)).must(http.StatusSeeOther)
	}
}

func byReset(choice url.Values) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, a *apptest.App, v *victim) {
		t.Helper()
		q := askReset(t, a, v.user.Email)
		bareOf(t, a).post(q.path(), with(q.form, choice)).must(http.StatusSeeOther)
	}
}

func byAddress(choice url.Values) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, a *apptest.App, v *victim) {
		t.Helper()
		form := url.Values{"email": {"new-" + v.user.Email}, "password": {password}}
		v.browser.post("/account/email", form).must(http.StatusSeeOther)
		q := linkOf(t, a, "/account/email/confirm", password)
		bareOf(t, a).post(q.path(), with(q.form, choice)).must(http.StatusSeeOther)
	}
}

func with(form, more url.Values) url.Values {
	for name, values := range more {
		form[name] = values
	}
	return form
}

// administrator is a browser in which an administrator is signed in.
func administrator(t *testing.T, a *apptest.App) *bare {
	t.Helper()
	root := account(t, a, "root@example.com")
	giveAdmin(t, a, root.ID)
	return bareOf(t, a, bareOf(t, a).logIn("root@example.com", password).must(http.StatusSeeOther).cookie("session"))
}

// inAdmin does actions of the admin to an account.
func inAdmin(root *bare, actions ...string) func(*testing.T, *apptest.App, *victim) {
	return func(_ *testing.T, _ *apptest.App, v *victim) {
		for _, action := range actions {
			form := url.Values{"_action": {action}, "_confirmed": {"1"}, "id": {fmt.Sprint(v.user.ID)}}
			root.post("/admin/users/bulk", form).must(http.StatusSeeOther)
		}
	}
}

var version = regexp.MustCompile(`name="_version" value="([^"]*)"`)

// edited changes the form of an account in the admin.
func edited(root *bare, field string, value func(*victim) string) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, _ *apptest.App, v *victim) {
		t.Helper()
		path := fmt.Sprintf("/admin/users/%d", v.user.ID)
		match := version.FindStringSubmatch(root.get(path).must(http.StatusOK).body)
		if match == nil {
			t.Fatal("the form has no version")
		}
		root.post(path, url.Values{"_version": {html.UnescapeString(match[1])}, field: {value(v)}}).must(http.StatusSeeOther)
	}
}

// byCommand runs commands on an account.
func byCommand(database string, verbs ...string) func(*testing.T, *apptest.App, *victim) {
	return func(t *testing.T, _ *apptest.App, v *victim) {
		t.Helper()
		for _, verb := range verbs {
			if _, err := command(t, database, "", "user", verb, v.user.Email); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func doors(database string, root *bare) []door {
	checked := url.Values{"_present": {"revoke_tokens"}, "revoke_tokens": {"true"}}
	unchecked := url.Values{"_present": {"revoke_tokens"}}
	return []door{
		{"password page", false, byPassword(checked)},
		{"password page, unchecked", true, byPassword(unchecked)},
		{"password page, without the checkbox", false, byPassword(nil)},
		{"reset page", false, byReset(checked)},
		{"reset page, unchecked", true, byReset(unchecked)},
		{"reset page, without the checkbox", false, byReset(nil)},
		{"address page", false, byAddress(checked)},
		{"address page, unchecked", true, byAddress(unchecked)},
		{"SetPassword", false, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.SetPassword(ctx, u, another)
		})},
		{"SetPassword, KeepTokens", true, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.SetPassword(ctx, u, another, auth.KeepTokens())
		})},
		{"SetEmail", false, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.SetEmail(ctx, u, "go-"+u.Email)
		})},
		{"Disable", false, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error { return m.Disable(ctx, u) })},
		{"Disable, Enable", false, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return errors.Join(m.Disable(ctx, u), m.Enable(ctx, u))
		})},
		{"DeleteAccount", false, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error { return m.DeleteAccount(ctx, u) })},
		{"RevokeSessions", true, inGo(func(ctx context.Context, m *auth.Module, u *covetmodels.User) error {
			return m.RevokeSessions(ctx, u, 0)
		})},
		{"disabled by a statement, enabled", false, func(t *testing.T, a *apptest.App, v *victim) {
			t.Helper()
			if err := a.DB.With(t.Context()).Exec("UPDATE users SET disabled_at = ? WHERE id = ?", v.user.CreatedAt, v.user.ID).Error; err != nil {
				t.Fatal(err)
			}
			inAdmin(root, "enable")(t, a, v)
		}},
		{"sign out everywhere else", true, func(_ *testing.T, _ *apptest.App, v *victim) {
			v.browser.post("/account/sessions/end-others", nil).must(http.StatusSeeOther)
		}},
		{"admin: disable", false, inAdmin(root, "disable")},
		{"admin: disable, enable", false, inAdmin(root, "disable", "enable")},
		{"admin: delete", false, inAdmin(root, "delete")},
		{"admin: address", false, edited(root, "email", func(v *victim) string { return "admin-" + v.user.Email })},
		{"command: disable", false, byCommand(database, "disable")},
		{"command: disable, enable", false, byCommand(database, "disable", "enable")},
	}
}

// Threat: an attacker has an access token, a session, and a link in a mail; the account changes to lock them out.
func TestCredentialsEnd(t *testing.T) {
	t.Parallel()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := url(t)
			opts := append(unlimited(), apptest.Set("database.url", database), apptest.Set("auth.session_cache", "0s"))
			a := start(t, opts...)
			root := administrator(t, a)
			for i, d := range doors(database, root) {
				if name != "sqlite" && strings.Contains(d.name, ",") {
					continue // what the database has no part in
				}
				endsAt(t, a, d, rob(t, a, fmt.Sprintf("victim%d@example.com", i)))
			}
		})
	}
}

// endsAt goes through a door, and tries what the attacker has.
func endsAt(t *testing.T, a *apptest.App, d door, v *victim) {
	t.Helper()
	d.change(t, a, v)
	if got := v.program.get("/api/me").StatusCode; (got == http.StatusOK) != d.keeps {
		t.Errorf("%s: the access token gets %d", d.name, got)
	}
	if got := v.stolen.get("/account").StatusCode; got != http.StatusSeeOther {
		t.Errorf("%s: the session gets %d", d.name, got)
	}
	var entries []covetmodels.AuditEntry
	subject := fmt.Sprintf("users:%d", v.user.ID)
	if err := a.DB.With(t.Context()).Where("subject = ?", subject).Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	recorded := false
	for _, entry := range entries {
		recorded = recorded || strings.Contains(entry.Detail, `"access_tokens":1`)
	}
	if recorded == d.keeps {
		t.Errorf("%s: the audit log has %+v", d.name, entries)
	}
}

// The owner is notified of a change, and of what it has revoked.
func TestOwnerIsNotified(t *testing.T) {
	t.Parallel()
	a := start(t, unlimited()...)
	root := administrator(t, a)
	for name, tt := range map[string]struct {
		change  func(*testing.T, *apptest.App, *victim)
		subject string
		tokens  bool
	}{
		"password":            {byPassword(nil), "Your password", true},
		"password, unchecked": {byPassword(url.Values{"_present": {"revoke_tokens"}}), "Your password", false},
		"disable":             {inAdmin(root, "disable"), "is disabled", true},
		"delete":              {inAdmin(root, "delete"), "is deleted", true},
		"address":             {edited(root, "email", func(v *victim) string { return "admin-" + v.user.Email }), "Your address", true},
	} {
		v := rob(t, a, strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-")+"@example.com")
		tt.change(t, a, v)
		a.DrainJobs()
		var sent []string
		for _, mail := range a.Mails() {
			if mail.To[0].Address == v.user.Email {
				sent = append(sent, mail.Subject+": "+mail.Text)
			}
		}
		if len(sent) != 1 || !strings.Contains(sent[0], tt.subject) || strings.Contains(sent[0], "One access token was revoked") != tt.tokens {
			t.Errorf("%s: the mails are %q", name, sent)
		}
	}
}

// The pages offer to keep access tokens, and revoke them unless the user keeps them.
func TestRevokeTokensIsChecked(t *testing.T) {
	t.Parallel()
	a := start(t, unlimited()...)
	v := rob(t, a, "ada@example.com")
	const checked = `<input id="revoke_tokens" name="revoke_tokens" type="checkbox" value="true" checked`
	for name, page := range map[string]*answer{
		"password": v.browser.get("/account/password"),
		"reset":    bareOf(t, a).get(askReset(t, a, "ada@example.com").link),
	} {
		if body := page.must(http.StatusOK).body; !strings.Contains(body, checked) || !strings.Contains(body, "Also revoke access tokens") {
			t.Errorf("%s has no checked checkbox: %s", name, body)
		}
	}
	unchecked := url.Values{"password": {"wrong"}, "new_password": {another}, "_present": {"revoke_tokens"}}
	page := v.browser.post("/account/password", unchecked).must(http.StatusUnprocessableEntity)
	if strings.Contains(page.body, checked) {
		t.Error("the form that is shown again is checked, which the user had unchecked")
	}
}

// Threat: an attacker with a session makes an access token at the moment in which the password changes.
func TestNoTokenForAChangedAccount(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		user := account(t, a, "ada@example.com")
		m, before := moduleOf(t, a), user.User
		issue := func(u *covetmodels.User) error {
			_, err := m.IssueToken(t.Context(), u, auth.NewToken{Name: "CI", Scopes: []string{"*"}})
			return err
		}
		if err := m.SetPassword(t.Context(), &user.User, another); err != nil {
			t.Fatal(err)
		}
		if err := issue(&before); !errors.Is(err, auth.ErrChanged) {
			t.Errorf("a token of the account as it was: %v", err)
		}
		if err := issue(&user.User); err != nil {
			t.Errorf("a token of the account as it is: %v", err)
		}
		if err := m.Disable(t.Context(), &user.User); err != nil {
			t.Fatal(err)
		}
		if err := issue(&user.User); !errors.Is(err, auth.ErrChanged) {
			t.Errorf("a token of a disabled account: %v", err)
		}
		if n := count(t, a, &covetmodels.AccessToken{}, "revoked_at IS NULL"); n != 0 {
			t.Errorf("%d valid tokens", n)
		}
	})
}
