package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
)

// account has a secret that nobody should see, and another that nobody can.
type account struct {
	Name   string
	Hash   string `secret:"true"`
	Hidden string `json:"-" secret:"true"`
}

// member has it by embedding, and holds itself.
type member struct {
	account
	Boss *member `json:"boss"`
}

// Threat: mass assignment of what an account says about itself.
func TestAccountsAsBodies(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/users", func(context.Context, *struct{ Body covetmodels.User }) (*struct{}, error) { return nil, nil })
	}))
	call(t, a, "POST", "/api/users", "application/json", `{"Email":"ada@example.com"}`).MustStatus(http.StatusNoContent)
	refused(t, call(t, a, "POST", "/api/users", "application/json",
		`{"Email":"ada@example.com","ID":1,"EmailVerifiedAt":"2026-01-02T03:04:05Z",
		"DisabledAt":null,"CreatedAt":"2026-01-02T03:04:05Z","UpdatedAt":"2026-01-02T03:04:05Z","PasswordHash":"x","Roles":[]}`), 422,
		"/CreatedAt", "/DisabledAt", "/EmailVerifiedAt", "/ID", "/PasswordHash", "/Roles", "/UpdatedAt")
}

func TestSecretsOutsideTheMembers(t *testing.T) {
	t.Parallel()
	type user struct {
		covetmodels.User
		DisplayName string
		Keys        []covetmodels.AccessToken
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/users",
			func(_ context.Context, in *struct{ Body struct{ Email string } }) (*struct{ Body user }, error) {
				out := &struct{ Body user }{}
				out.Body.Email, out.Body.PasswordHash = in.Body.Email, "hunter2"
				out.Body.Keys = []covetmodels.AccessToken{{TokenHash: "hunter2"}}
				return out, nil
			})
	}))
	for _, accept := range []string{"application/json", "application/cbor"} {
		page := call(t, a, "POST", "/api/users", "application/json", `{"Email":"ada@example.com"}`,
			"Accept: "+accept).MustStatus(http.StatusOK)
		if strings.Contains(page.Body(), "hunter2") || !strings.Contains(page.Body(), "ada@example.com") {
			t.Errorf("%s: %q", accept, page.Body())
		}
	}
}
