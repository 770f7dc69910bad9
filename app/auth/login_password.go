package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
)

const passwordName = "password"

// passwordStep is the first step of a log-in: the page /login with e-mail address and password.
type passwordStep struct{ m *Module }

var _ login.Step = passwordStep{}

// Name implements [login.Step].
func (passwordStep) Name() string { return passwordName }

// Required implements [login.Step].
func (passwordStep) Required(context.Context, *login.Attempt) (bool, error) { return true, nil }

type loginForm struct {
	Email    string `form:"email" required:"true" maxLength:"254"`
	Password string `form:"password" trim:"false" required:"true"`
	Remember bool   `form:"remember"`
	Next     string `form:"next"`
}

// Serve implements [login.Step]: it identifies the account.
func (s passwordStep) Serve(c echo.Context, attempt *login.Attempt) (passed bool, err error) {
	m, ctx := s.m, c.Request().Context()
	if c.Request().Method != http.MethodPost {
		next := m.next(c.QueryParam("next"))
		if _, ok := identity.From(ctx); !ok {
			return false, m.show(c, m.views.Login, s.page(ctx, loginForm{Next: next}, nil))
		}
		if next == "" {
			next = m.afterLogin
		}
		return false, web.Redirect(c, next)
	}
	var form loginForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return false, err
	}
	if len(errs) > 0 {
		return false, m.show(c, m.views.Login, s.page(ctx, form, errs))
	}
	user, err := m.authenticate(ctx, Credentials{
		Email: form.Email, Password: form.Password, Device: m.cookies.Device(c.Request()),
	})
	switch {
	case errors.Is(err, ErrCredentials):
		p := s.page(ctx, form, nil)
		p.Alert = texts.T(ctx, "login.wrong")
		return false, m.show(c, m.views.Login, p)
	case errors.Is(err, ErrUnconfirmed):
		if err := m.SendConfirmation(ctx, form.Email); err != nil {
			return false, m.refuse(c, err, m.views.Login, s.page(ctx, form, nil))
		}
		return false, m.sent(c, texts.T(ctx, "sent.verify"))
	case err != nil:
		return false, m.refuse(c, err, m.views.Login, s.page(ctx, form, nil))
	}
	attempt.Account, attempt.Method, attempt.Remember, attempt.Next = user, passwordName, form.Remember, m.next(form.Next)
	return true, nil
}

func (s passwordStep) page(ctx context.Context, form loginForm, errs validate.Errors) page.Form {
	m := s.m
	remember := ui.Input{Label: texts.T(ctx, "login.remember"), Name: "remember", Type: "checkbox"}
	if form.Remember {
		remember.Value = "true"
	}
	p := page.Form{
		Action: loginPath, Signup: !m.cfg.SignupClosed,
		Inputs: []ui.Input{
			emailInput(texts.T(ctx, "email.label"), form.Email, errs),
			currentInput(texts.T(ctx, "password.label"), errs),
			remember,
		},
	}
	if next := m.next(form.Next); next != "" {
		p.Hidden = []page.Hidden{{Name: "next", Value: next}}
	}
	for _, a := range m.authenticators {
		p.Providers = append(p.Providers, page.Provider{Title: a.Title(), Action: loginPath + "/with/" + a.Name()})
	}
	return p
}
