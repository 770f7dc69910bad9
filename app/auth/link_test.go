package auth_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// asked is a link that was asked for, and the form that uses it.
type asked struct {
	link string
	form url.Values
}

func (q asked) path() string { path, _, _ := strings.Cut(q.link, "?"); return path }

// signUpForm asks for an account.
func askSignUp(t *testing.T, a *apptest.App, email, plain string) asked {
	t.Helper()
	bareOf(t, a).post("/signup", url.Values{"display_name": {"Ada"}, "email": {email}, "password": {plain}}).must(http.StatusSeeOther)
	return linkOf(t, a, "/signup/confirm", plain)
}

func askReset(t *testing.T, a *apptest.App, email string) asked {
	t.Helper()
	bareOf(t, a).post("/password/forgot", url.Values{"email": {email}}).must(http.StatusSeeOther)
	return linkOf(t, a, "/password/reset", "a wholly new password")
}

func linkOf(t *testing.T, a *apptest.App, path, plain string) asked {
	t.Helper()
	link := mailedLink(t, a, path)
	_, token, _ := strings.Cut(link, "?token=")
	return asked{link, url.Values{"token": {token}, "password": {plain}}}
}

// every asks for a link of each kind.
func every(t *testing.T, a *apptest.App) map[string]asked {
	t.Helper()
	account(t, a, "reset@example.com")
	account(t, a, "verify@example.com", func(u *models.User) { u.EmailVerifiedAt = nil })
	account(t, a, "old@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("old@example.com", password).cookie("session"))
	browser.post("/account/email", url.Values{"email": {"new@example.com"}, "password": {password}}).must(http.StatusSeeOther)
	links := map[string]asked{"email": linkOf(t, a, "/account/email/confirm", password)}
	if got := bareOf(t, a).logIn("verify@example.com", password).must(http.StatusOK); len(got.Cookies()) != 0 {
		t.Errorf("an unconfirmed account is signed in: %v", got.Cookies())
	}
	links["verify"] = linkOf(t, a, "/login/confirm", password)
	links["reset"] = askReset(t, a, "reset@example.com")
	links["signup"] = askSignUp(t, a, "signup@example.com", password)
	return links
}

// Threat: a mail scanner, or a browser that looks ahead, follows the link before its reader does.
func TestPrefetchedLinks(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		for kind, q := range every(t, a) {
			users, sessions := count(t, a, &models.User{}), count(t, a, &covetmodels.Session{})
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
				got := bareOf(t, a).send(method, q.link, nil).must(http.StatusOK)
				if got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: the page may leak its address: %v", kind, got.Header)
				}
				if len(got.Cookies()) != 0 {
					t.Errorf("%s: %s sets %v", kind, method, got.Cookies())
				}
			}
			if used := count(t, a, &covetmodels.Token{}, "used_at IS NOT NULL"); used != 0 {
				t.Errorf("%s: looking at the link used it", kind)
			}
			if count(t, a, &models.User{}) != users || count(t, a, &covetmodels.Session{}) != sessions {
				t.Errorf("%s: looking at the link did something", kind)
			}
			bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther).cookie("session")
			if err := a.DB.With(t.Context()).Where("used_at IS NOT NULL").Delete(&covetmodels.Token{}).Error; err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, a, &models.User{}, "email = ?", "new@example.com"); n != 1 {
			t.Errorf("%d users have the new address", n)
		}
	})
}

// Threat: a link is used twice, also by two at the same moment.
func TestLinksAreGoodOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		for kind, q := range every(t, a) {
			var done atomic.Int32
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					switch got := bareOf(t, a).post(q.path(), q.form); got.StatusCode {
					case http.StatusSeeOther:
						done.Add(1)
					case http.StatusGone, http.StatusConflict, http.StatusTooManyRequests:
					default:
						t.Errorf("%s: status %d: %s", kind, got.StatusCode, got.body)
					}
				})
			}
			wg.Wait()
			if n := done.Load(); n != 1 {
				t.Errorf("%s: the link was good %d times", kind, n)
			}
			bareOf(t, a).post(q.path(), q.form).must(http.StatusGone)
			bareOf(t, a).get(q.link).must(http.StatusGone)
		}
	})
}

// Two sign-ups for one address are finished at the same moment: there is one account.
func TestOneAccountAnAddress(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		links := []asked{
			askSignUp(t, a, "ada@example.com", password), askSignUp(t, a, "ADA@example.com", "another good password"),
		}
		var done atomic.Int32
		var wg sync.WaitGroup
		for _, q := range links {
			wg.Go(func() {
				if bareOf(t, a).post(q.path(), q.form).StatusCode == http.StatusSeeOther {
					done.Add(1)
				}
			})
		}
		wg.Wait()
		if n := count(t, a, &models.User{}); n != 1 || done.Load() != 1 {
			t.Errorf("%d accounts, %d sign-ups finished", n, done.Load())
		}
	})
}

// Threat: pre-hijacking. An attacker signs up with the address of a victim, who follows the link in good faith; then
// the attacker knows the password of the victim's account.
func TestPreHijacking(t *testing.T) {
	t.Parallel()
	a := start(t)
	attackers := askSignUp(t, a, "victim@example.com", "known to the attacker")
	victims := askSignUp(t, a, "victim@example.com", password)

	// The victim follows the attacker's link, and enters their own password.
	attackers.form.Set("password", password)
	bareOf(t, a).post(attackers.path(), attackers.form).must(http.StatusUnprocessableEntity)
	if n := count(t, a, &models.User{}); n != 0 {
		t.Fatalf("%d accounts were made", n)
	}
	bareOf(t, a).post(victims.path(), victims.form).must(http.StatusSeeOther)
	bareOf(t, a).logIn("victim@example.com", "known to the attacker").must(http.StatusUnprocessableEntity)
	bareOf(t, a).logIn("victim@example.com", password).must(http.StatusSeeOther)
	attackers.form.Set("password", "known to the attacker")
	bareOf(t, a).post(attackers.path(), attackers.form).must(http.StatusGone)
}

// Threat: a user moves their account to the address of a victim, who follows the link in good faith.
func TestAddressIsMovedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	a := start(t)
	q := every(t, a)["email"]
	q.form.Set("password", "the victim's own password")
	bareOf(t, a).post(q.path(), q.form).must(http.StatusUnprocessableEntity)
	if n := count(t, a, &models.User{}, "email = ?", "new@example.com"); n != 0 {
		t.Error("the address was moved")
	}
}

// Threat: the address of an account is changed because an attacker reads the mailbox. The attacker has a link from it,
// or the page of a link open.
func TestLinksEndWithTheAddress(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		links := every(t, a)
		for _, kind := range []string{"reset", "verify"} {
			q, old := links[kind], kind+"@example.com"
			move := func(from, to string) {
				t.Helper()
				if err := a.DB.With(t.Context()).Exec("UPDATE users SET email = ? WHERE email = ?", to, from).Error; err != nil {
					t.Fatal(err)
				}
			}
			move(old, "moved@example.com")
			bareOf(t, a).get(q.link).must(http.StatusGone)
			bareOf(t, a).post(q.path(), q.form).must(http.StatusGone)
			move("moved@example.com", old)
			bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
		}
		q := links["email"]
		bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
	})
}

func TestOnlyTheNewestResetLinkIsGood(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	older, newer := askReset(t, a, "ada@example.com"), askReset(t, a, "ada@example.com")
	bareOf(t, a).get(older.link).must(http.StatusGone)
	bareOf(t, a).get(newer.link).must(http.StatusOK)
	if err := a.DB.With(t.Context()).Model(&covetmodels.Token{}).Where("1 = 1").
		Update("expires_at", time.Now().Add(-time.Second)).Error; err != nil {
		t.Fatal(err)
	}
	bareOf(t, a).post(newer.path(), newer.form).must(http.StatusGone)
}

// Mails go to the address of the account, not to another way of writing it.
func TestResetGoesToTheStoredAddress(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	askReset(t, a, " ADA@EXAMPLE.com ")
	if to := a.Mails()[0].To[0].Address; to != "ada@example.com" {
		t.Errorf("the mail went to %s", to)
	}
}

func TestDisabledAccountsGetNoLink(t *testing.T) {
	t.Parallel()
	a := start(t)
	disabled := time.Now()
	account(t, a, "ada@example.com", func(u *models.User) { u.DisabledAt = &disabled })
	bareOf(t, a).post("/password/forgot", url.Values{"email": {"ada@example.com"}}).must(http.StatusSeeOther)
	a.DrainJobs()
	if n := len(a.Mails()); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}

// The table of jobs, and that of links, hold nothing that opens anything.
func TestTablesHoldNoToken(t *testing.T) {
	t.Parallel()
	a := start(t)
	for kind, q := range every(t, a) {
		token := q.form.Get("token")
		var rows []map[string]any
		for _, table := range []string{"covet_outbox", "covet_tokens", "covet_audit"} {
			if err := a.DB.With(t.Context()).Table(table).Find(&rows).Error; err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				text := fmt.Sprint(row)
				if strings.Contains(text, token) || strings.Contains(text, password) {
					t.Errorf("%s: %s holds a secret: %s", kind, table, text)
				}
			}
			rows = nil
		}
	}
}

// Everybody who was signed in with the old password, or the old address, is signed out.
func TestChangesEndOtherSessions(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	here := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	there := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	form := url.Values{"password": {"wrong"}, "new_password": {"a wholly new password"}}
	here.post("/account/password", form).must(http.StatusUnprocessableEntity)
	there.get("/account").must(http.StatusOK)
	form.Set("password", password)
	changed := here.post("/account/password", form).must(http.StatusSeeOther)
	there.get("/account").must(http.StatusSeeOther)
	here.get("/account").must(http.StatusSeeOther)
	here = bareOf(t, a, changed.cookie("session"))
	here.get("/account").must(http.StatusOK)

	here.post("/account/email", url.Values{"email": {"new@example.com"}, "password": {"a wholly new password"}}).must(http.StatusSeeOther)
	q := linkOf(t, a, "/account/email/confirm", "a wholly new password")
	moved := bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
	here.get("/account").must(http.StatusSeeOther)
	bareOf(t, a, moved.cookie("session")).get("/account").must(http.StatusOK)
	a.DrainJobs()
	var told []string
	for _, mail := range a.Mails() {
		told = append(told, mail.To[0].Address+": "+mail.Subject)
	}
	for _, part := range []string{"ada@example.com: Your password", "ada@example.com: Your address at  is about to change", "new@example.com: Confirm", "ada@example.com: Your address"} {
		if !strings.Contains(strings.Join(told, "\n"), part) {
			t.Errorf("no mail %q among\n%s", part, strings.Join(told, "\n"))
		}
	}
}
