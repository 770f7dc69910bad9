package auth_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web/ui"
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

type post struct{ Author string }

// Accounts with a name that is asked for at the sign-up, and a rule of the application.
func ExampleNew() {
	policies := identity.NewPolicies()
	identity.Allow(policies, "posts.update", func(_ context.Context, actor identity.Actor, p post) bool {
		return p.Author == actor.ID
	})
	module := auth.New[models.User](auth.Config{}, auth.Options[models.User]{
		Layout:   views.Layout,
		Policies: policies,
		Signup: auth.Signup[models.User]{
			Inputs: func(context.Context) []ui.Input {
				return []ui.Input{{Label: "Your name", Name: "display_name"}}
			},
			Fill: func(_ context.Context, user *models.User, values auth.Values, errs validate.Errors) error {
				user.DisplayName = values["display_name"]
				if user.DisplayName == "" {
					errs.Add("display_name", "Please fill this in.")
				}
				return nil
			},
		},
	})
	fmt.Println(module.Name())
	// Output: auth
}

// A page for those who are signed in, and what it knows of them.
func ExampleRequired() {
	e := echo.New()
	e.GET("/posts/new", func(c echo.Context) error {
		user, ok, err := auth.Current[models.User](c.Request().Context())
		if err != nil || !ok {
			return err
		}
		return c.String(http.StatusOK, "Hello, "+user.DisplayName)
	}, auth.Required())
	fmt.Println(len(e.Routes()))
	// Output: 1
}
