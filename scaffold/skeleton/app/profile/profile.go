// covet:file auth

// Package profile contains the application's own fields of users, which they enter at the sign-up and change on a page.
package profile

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"

	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// Form contains the fields that users can change, and no others.
type Form struct {
	DisplayName string `form:"display_name" required:"true" maxLength:"80" pattern:"^\\PC*$" patternDescription:"one line"`
}

// Signup adds the same fields to the sign-up.
func Signup() auth.Signup[models.User] {
	return auth.Signup[models.User]{
		Inputs: func(context.Context) []ui.Input { return inputs(Form{}, nil) },
		Fill: func(ctx context.Context, user *models.User, values auth.Values, errs validate.Errors) error {
			form := Form{DisplayName: values["display_name"]}
			faults, err := validate.Struct(ctx, &form)
			for field, message := range faults {
				errs.Add(field, message)
			}
			user.DisplayName = form.DisplayName
			return err
		},
	}
}

func inputs(form Form, errs validate.Errors) []ui.Input {
	return []ui.Input{{
		Label: "Your name", Name: "display_name", Value: form.DisplayName, Autocomplete: "name", Required: true,
		Hint: "As others will see it.", Error: errs["display_name"],
	}}
}

// Handler shows and saves the profile.
type Handler struct{ db *database.DB }

// New returns the handler of the profile.
func New(db *database.DB) *Handler { return &Handler{db: db} }

// Show handles GET /profile.
func (h *Handler) Show(c echo.Context) error {
	user, err := current(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, page(Form{DisplayName: user.DisplayName}, nil))
}

// Save handles POST /profile.
func (h *Handler) Save(c echo.Context) error {
	user, err := current(c)
	if err != nil {
		return err
	}
	var form Form
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return web.Render(c, http.StatusUnprocessableEntity, page(form, errs))
	}
	err = h.db.With(c.Request().Context()).Model(&user).Update("display_name", form.DisplayName).Error
	if err != nil {
		return fmt.Errorf("saving a profile: %w", err)
	}
	if err := web.Flash(c, "Your profile is saved."); err != nil {
		return err
	}
	return web.Redirect(c, "/profile")
}

// current returns the signed-in user.
func current(c echo.Context) (models.User, error) {
	user, ok, err := auth.Current[models.User](c.Request().Context())
	if err == nil && !ok {
		err = problem.Unauthorized("")
	}
	return user, err
}
