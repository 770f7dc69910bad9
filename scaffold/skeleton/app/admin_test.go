// covet:file admin

package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

var confirmation = regexp.MustCompile(`/signup/confirm\?token=\S+`)

// Who has the role admin reads the messages of the contact form; who has none is kept out.
func TestAdmin(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()
	if got := client.Get("/admin").URL().RequestURI(); got != "/login?next=%2Fadmin" {
		t.Errorf("a visitor is sent to %s", got)
	}
	client.Get("/signup").Form("/signup").
		Fill("display_name", "Ada").Fill("email", "ada@example.com").Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)
	a.DrainJobs()
	client.Get(confirmation.FindString(a.Mails()[0].Text)).Form("/signup/confirm").
		Fill("password", "correct horse battery").
		Submit().MustStatus(http.StatusOK)
	client.Get("/admin").MustStatus(http.StatusForbidden)

	db := a.DB.With(t.Context())
	var user covetmodels.User
	var role covetmodels.Role
	for _, err := range []error{
		db.First(&user).Error,
		db.Where("name = ?", "admin").First(&role).Error,
		db.Create(&covetmodels.UserRole{UserID: user.ID, RoleID: role.ID}).Error,
		db.Create(&models.Message{Name: "Grace", Email: "grace@example.com", Body: "Hello there"}).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if page := client.Get("/").MustStatus(http.StatusOK); page.Find(`.account a[href="/admin"]`).Length() != 1 {
		t.Error("the header does not lead to the admin")
	}
	page := client.Get("/admin").MustStatus(http.StatusOK).Click("Messages").Click("Grace").MustStatus(http.StatusOK)
	if got := page.Text("textarea[name=body]"); !strings.Contains(got, "Hello there") {
		t.Errorf("the message is %q", got)
	}
}
