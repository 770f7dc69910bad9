// covet:file admin

package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth/authtest"
	covetmodels "github.com/covetgo/covet/models"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// person returns a user with an address.
func person(name, email string) *models.User {
	return &models.User{User: covetmodels.User{Email: email}, DisplayName: name}
}

func TestAdminKeepsOthersOut(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()

	if got := client.Get("/admin").URL().RequestURI(); got != "/login?next=%2Fadmin" {
		t.Errorf("a guest is redirected to %s", got)
	}
	authtest.SignIn(t, a, client, person("Bob", "bob@example.com"))
	client.Get("/admin").MustStatus(http.StatusForbidden)
}

func TestAdminReadsMessages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()
	authtest.SignIn(t, a, client, person("Ada", "ada@example.com"), "admin")
	message := models.Message{Name: "Grace", Email: "grace@example.com", Body: "Hello there"}
	if err := a.DB.With(t.Context()).Create(&message).Error; err != nil {
		t.Fatal(err)
	}

	if page := client.Get("/").MustStatus(http.StatusOK); page.Find(`.account a[href="/admin"]`).Length() != 1 {
		t.Error("the header does not link to the admin")
	}
	page := client.Get("/admin").MustStatus(http.StatusOK).Click("Messages").Click("Grace").MustStatus(http.StatusOK)
	if got := page.Text("textarea[name=body]"); !strings.Contains(got, "Hello there") {
		t.Errorf("the message is %q", got)
	}
}

// A new address must be confirmed, and the old one is notified.
func TestAdminChangesAnAddress(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	bob := person("Bob", "bob@example.com")
	authtest.Create(t, a, bob)
	client := a.Client()
	authtest.SignIn(t, a, client, person("Ada", "ada@example.com"), "admin")

	page := client.Get("/admin/users").Click("bob@example.com").MustStatus(http.StatusOK)
	page.Form(page.URL().Path).Fill("email", "robert@example.com").Submit().MustStatus(http.StatusOK)
	a.DrainJobs()

	var changed models.User
	if err := a.DB.With(t.Context()).First(&changed, bob.ID).Error; err != nil {
		t.Fatal(err)
	}
	if changed.Email != "robert@example.com" || changed.EmailVerifiedAt != nil {
		t.Errorf("the address is %s, verified %v", changed.Email, changed.EmailVerifiedAt)
	}
	if mails := a.Mails(); len(mails) != 1 || mails[0].To[0].Address != "bob@example.com" {
		t.Errorf("%d mails, want one to the old address", len(mails))
	}
}
