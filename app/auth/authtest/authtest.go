// Package authtest signs people in, in the tests of an application:
//
//	a := apptest.New(t, app.New)
//	client := a.Client()
//	ada := models.User{User: covetmodels.User{Email: "ada@example.com"}, DisplayName: "Ada"}
//	authtest.SignIn(t, a, client, &ada, "admin")
//	client.Get("/admin").MustStatus(http.StatusOK)
package authtest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/internal/fortest"
	covetmodels "github.com/covetgo/covet/models"
)

// Password is the password of every account that this package makes.
const Password = "correct horse battery staple"

// Person is a pointer to an application's model, which embeds covetmodels.User.
type Person interface {
	Account() *covetmodels.User
}

// Create stores an account with a confirmed address, the password [Password] and these roles, which exist or are made
// without permissions. Its e-mail address has to be set; its key is set here.
func Create(t testing.TB, a *apptest.App, person Person, roles ...string) {
	t.Helper()
	hash, err := password.Cheap(fortest.Only{}).Hash(t.Context(), Password)
	if err != nil {
		t.Fatalf("hashing the password: %v", err)
	}
	verified := time.Now().UTC().Truncate(time.Microsecond)
	account := person.Account()
	account.PasswordHash, account.EmailVerifiedAt = hash, &verified
	for _, name := range roles {
		role := covetmodels.Role{Name: name}
		if err := a.DB.With(t.Context()).Where("name = ?", name).FirstOrCreate(&role).Error; err != nil {
			t.Fatalf("finding the role %q: %v", name, err)
		}
		account.Roles = append(account.Roles, role)
	}
	if err := a.DB.With(t.Context()).Create(person).Error; err != nil {
		t.Fatalf("creating %s: %v", account.Email, err)
	}
}

// SignIn creates an account, as [Create] does, and signs the client in by POST /login.
func SignIn(t testing.TB, a *apptest.App, client *apptest.Client, person Person, roles ...string) {
	t.Helper()
	Create(t, a, person, roles...)
	email := person.Account().Email
	page := client.Post("/login", url.Values{"email": {email}, "password": {Password}, "next": {"/health"}})
	if page.Status() != http.StatusOK || page.URL().Path != "/health" {
		t.Fatalf("signing %s in: status %d at %s", email, page.Status(), page.URL())
	}
}
