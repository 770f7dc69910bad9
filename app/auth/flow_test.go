package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

func TestSignUpLogOutLogIn(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		client := a.Client()
		signUp(t, a, client, "Ada@Example.com")
		page := client.Get("/account").MustStatus(http.StatusOK)
		if got := page.Text(".lead"); got != "Ada, ada@example.com" {
			t.Errorf("the account page says %q", got)
		}
		var user models.User
		if err := a.DB.With(t.Context()).Where("email = ?", "ada@example.com").Take(&user).Error; err != nil {
			t.Fatal(err)
		}
		if user.DisplayName != "Ada" || user.EmailVerifiedAt == nil || user.PasswordHash == "" {
			t.Errorf("the user is %+v", user)
		}
		client.Post("/logout", nil).MustStatus(http.StatusOK)
		page = client.Get("/account").MustStatus(http.StatusOK)
		if page.URL().Path != "/login" || page.URL().Query().Get("next") != "/account" {
			t.Errorf("signed out, /account leads to %s", page.URL())
		}
		page = page.Form("/login").Fill("email", "ADA@example.com").Fill("password", password).Submit().MustStatus(http.StatusOK)
		if page.URL().Path != "/account" {
			t.Errorf("the log-in leads to %s", page.URL())
		}
	})
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		first, second := a.Client(), a.Client()
		signUp(t, a, first, "ada@example.com")
		second.Get("/password/forgot").Form("/password/forgot").Fill("email", "ADA@example.com").Submit().MustStatus(http.StatusOK)
		link := mailedLink(t, a, "/password/reset")
		page := second.Get(link).MustStatus(http.StatusOK).Form("/password/reset").Fill("password", "short").Submit().
			MustStatus(http.StatusUnprocessableEntity)
		page = page.Form("/password/reset").Fill("password", "another long password").Submit().MustStatus(http.StatusOK)
		if got := page.Text("[role=status]"); !strings.Contains(got, "changed") {
			t.Errorf("the page says %q", got)
		}
		second.Get("/account").MustStatus(http.StatusOK)
		if got := first.Get("/account").URL().Path; got != "/login" {
			t.Errorf("the other browser is still signed in: %s", got)
		}
		second.Get(link).MustStatus(http.StatusGone)
		second.Post("/password/reset", url.Values{"token": {strings.TrimPrefix(link, "/password/reset?token=")}, "password": {"yet another password"}}).
			MustStatus(http.StatusGone)
		a.DrainJobs()
		if mails := a.Mails(); !strings.Contains(mails[len(mails)-1].Subject, "was changed") {
			t.Errorf("the last mail is %q", mails[len(mails)-1].Subject)
		}
	})
}
