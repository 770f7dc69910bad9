package authtest_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	a.Echo.GET("/reports", func(c echo.Context) error {
		user, _, err := auth.Current[models.User](c.Request().Context())
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, user.DisplayName)
	}, auth.RequiredTo("reports.read"))
	admin, guest := a.Client(), a.Client()

	ada := models.User{User: covetmodels.User{Email: "ada@example.com"}, DisplayName: "Ada"}
	authtest.SignIn(t, a, admin, &ada, "admin", "editor")
	authtest.SignIn(t, a, guest, &models.User{User: covetmodels.User{Email: "bob@example.com"}})

	if body := admin.Get("/reports").MustStatus(http.StatusOK).Body(); body != "Ada" || ada.ID == 0 {
		t.Errorf("the admin is %q, %d", body, ada.ID)
	}
	guest.Get("/reports").MustStatus(http.StatusForbidden)
}
