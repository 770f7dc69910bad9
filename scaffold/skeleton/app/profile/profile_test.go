// covet:file auth

package profile_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
)

var link = regexp.MustCompile(`/signup/confirm\?token=\S+`)

// A person signs up with the pages, confirms the address, and changes their name.
func TestSignUpAndProfile(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()

	client.Get("/signup").Form("/signup").
		Fill("display_name", "Ada").
		Fill("email", "ada@example.com").
		Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)
	a.DrainJobs()
	if len(a.Mails()) != 1 {
		t.Fatalf("%d mails, want 1", len(a.Mails()))
	}
	client.Get(link.FindString(a.Mails()[0].Text)).Form("/signup/confirm").
		Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)

	page := client.Get("/profile").Form("/profile").Fill("display_name", "").Submit().MustStatus(http.StatusUnprocessableEntity)
	page = page.Form("/profile").Fill("display_name", "Ada Lovelace").Submit().MustStatus(http.StatusOK)
	if got := page.Text(".site-header"); !strings.Contains(got, "Ada Lovelace") {
		t.Errorf("the header says %q", got)
	}
}

func TestProfileNeedsAnAccount(t *testing.T) {
	t.Parallel()
	page := apptest.New(t, app.New).Client().Get("/profile").MustStatus(http.StatusOK)

	if got := page.URL().RequestURI(); got != "/login?next=%2Fprofile" {
		t.Errorf("a guest is redirected to %s", got)
	}
}
