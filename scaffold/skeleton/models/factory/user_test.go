// covet:file auth

package factory_test

import (
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
	"github.com/covetgo/covet/scaffold/skeleton/models/factory"
)

func TestUser(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)

	first, err := factory.User(t.Context(), a.DB)
	if err != nil {
		t.Fatal(err)
	}
	second, err := factory.User(t.Context(), a.DB, func(user *models.User) { user.DisplayName = "Ada" })
	if err != nil {
		t.Fatal(err)
	}
	if first.ID == second.ID || first.Email == second.Email || second.DisplayName != "Ada" {
		t.Errorf("stored are %+v and %+v", first, second)
	}
}
