// covet:file api
// covet:file auth

package about_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
)

var link = regexp.MustCompile(`/signup/confirm\?token=\S+`)

// The endpoint returns the signed-in user, and rejects other requests.
func TestMe(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()
	if got := client.Get("/api/me").MustStatus(http.StatusUnauthorized).Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate = %q", got)
	}

	client.Get("/signup").Form("/signup").
		Fill("display_name", "Ada").
		Fill("email", "ada@example.com").
		Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)
	a.DrainJobs()
	client.Get(link.FindString(a.Mails()[0].Text)).Form("/signup/confirm").
		Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)

	var me struct{ ID, Name, Email string }
	client.Get("/api/me").MustStatus(http.StatusOK).JSON(&me)
	if me.ID == "" || me.Email != "ada@example.com" {
		t.Errorf("me = %+v", me)
	}
	a.Client().Get("/api/me").MustStatus(http.StatusUnauthorized)
}
