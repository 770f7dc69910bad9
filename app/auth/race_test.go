package auth_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
)

// Threat: an attacker who has the old password signs in again and again while its owner sets a new one, so that one
// log-in ends after all sessions have been ended.
func TestLogInsWhileThePasswordChanges(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		account(t, a, "ada@example.com", strong)
		q := askReset(t, a, "ada@example.com")
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					switch got := bareOf(t, a).logIn("ada@example.com", password); got.StatusCode {
					case http.StatusSeeOther, http.StatusConflict, http.StatusUnprocessableEntity:
					default:
						t.Errorf("status %d: %s", got.StatusCode, got.body)
						return
					}
				}
			})
		}
		bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
		close(done)
		wg.Wait()
		if n := count(t, a, &covetmodels.Session{}); n != 1 {
			t.Errorf("%d sessions are left, want that of the owner only", n)
		}
	}, append(unlimited(), apptest.StrongPasswords())...)
}

// A new address that was taken while its link was under way stays with its owner.
func TestAddressTakenMeanwhile(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		account(t, a, "ada@example.com")
		browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
		browser.post("/account/email", url.Values{"email": {"new@example.com"}, "password": {password}}).must(http.StatusSeeOther)
		q := linkOf(t, a, "/account/email/confirm", password)
		account(t, a, "new@example.com")
		bareOf(t, a).post(q.path(), q.form).must(http.StatusConflict)
		browser.get("/account").must(http.StatusOK)
		if n := count(t, a, &covetmodels.User{}, "email = ?", "ada@example.com"); n != 1 {
			t.Error("the old address is gone")
		}
	})
}
