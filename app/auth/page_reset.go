package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/flow"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// resetPages are the pages of forgotten passwords.
type resetPages struct{ *Module }

func (m resetPages) routes(e *echo.Echo) {
	e.GET("/password/forgot", m.showForgot)
	e.POST("/password/forgot", m.forgot)
	e.GET("/password/sent", m.showSent)
	e.GET(linkPath(token.Reset), m.showReset)
	e.POST(linkPath(token.Reset), m.reset)
}

type forgotForm struct {
	Email string `form:"email" required:"true" format:"email" maxLength:"254"`
}

func (m resetPages) showForgot(c echo.Context) error {
	return m.show(c, m.views.Forgot, m.forgotPage(c.Request().Context(), forgotForm{}, nil))
}

func (m resetPages) forgotPage(ctx context.Context, form forgotForm, errs validate.Errors) page.Form {
	email := emailInput(texts.T(ctx, "email.label"), form.Email, errs)
	return page.Form{Action: "/password/forgot", Inputs: []ui.Input{email}}
}

// forgot handles POST /password/forgot, for every address alike: the job finds out whether there is an account.
func (m resetPages) forgot(c echo.Context) error {
	var form forgotForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx, email := c.Request().Context(), account.Normalize(form.Email)
	if len(errs) > 0 {
		return m.show(c, m.views.Forgot, m.forgotPage(ctx, form, errs))
	}
	device, err := m.deviceOf(c.Request(), email)
	if err != nil {
		return err
	}
	mail, err := m.limits.Mail(ctx, device, email)
	if err != nil {
		return m.refuse(c, err, m.views.Forgot, m.forgotPage(ctx, form, nil))
	}
	if mail {
		err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
			if err := m.requestLink(ctx, covetmodels.Token{Purpose: token.Reset, Email: email}); err != nil {
				return err
			}
			return m.accounts.Record(ctx, "auth.password_forgotten", nil, map[string]any{"email": email})
		})
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, "/password/sent")
}

// showSent answers GET /password/sent.
func (m resetPages) showSent(c echo.Context) error {
	expiry := time.Now().Add(m.cfg.ResetLink)
	return m.sent(c, texts.T(c.Request().Context(), "sent.reset", "at", expiry))
}

// deviceOf returns the id of a browser in which the account with an address has signed in before, or "". A browser in
// which no account has costs no query.
func (m resetPages) deviceOf(r *http.Request, email string) (string, error) {
	device := m.cookies.Device(r)
	if device == "" {
		return "", nil
	}
	user, err := m.accounts.ByEmail(r.Context(), email)
	if err != nil || user == nil {
		return "", err
	}
	return m.cookies.DeviceOf(device, user.ID), nil
}

type resetForm struct {
	Token    string `form:"token"`
	Password string `form:"password" trim:"false"`
	Tokens   tokenChoice
}

func (m resetPages) showReset(c echo.Context) error {
	secretive(c)
	secret := c.QueryParam("token")
	ctx := c.Request().Context()
	row, err := m.links.Find(ctx, token.Reset, secret)
	if errors.Is(err, token.ErrInvalid) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	return m.show(c, m.views.Reset, m.resetPage(ctx, row, resetForm{Token: secret}, nil))
}

func (m resetPages) resetPage(ctx context.Context, row *covetmodels.Token, form resetForm, errs validate.Errors) page.Form {
	p := page.Form{
		Action: "/password/reset", Email: row.Email,
		Hidden: []page.Hidden{{Name: "token", Value: form.Token}},
		Inputs: []ui.Input{newInput(ctx, texts.T(ctx, "new_password.label"), "password", errs)},
	}
	addTokenChoice(ctx, &p, form.Tokens)
	return p
}

// reset handles POST /password/reset: it sets the password and signs in.
//
// Threat: the mailbox stands in for the password and for no other step of the log-in.
func (m resetPages) reset(c echo.Context) error {
	secretive(c)
	var form resetForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.limits.Reset(ctx); err != nil {
		return m.refuse(c, err, m.views.Reset, m.resetPage(ctx, &covetmodels.Token{}, form, nil))
	}
	row, err := m.links.Find(ctx, token.Reset, form.Token)
	if errors.Is(err, token.ErrInvalid) || (err == nil && row.UserID == nil) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	name, err := m.accounts.NameOf(ctx, *row.UserID)
	if err != nil {
		return err
	}
	if message := m.checkPassword(ctx, form.Password, row.Email, name); message != "" {
		errs.Add("password", message)
		return m.show(c, m.views.Reset, m.resetPage(ctx, row, form, errs))
	}
	hash, err := m.accounts.Hash(ctx, form.Password)
	if err != nil {
		return err
	}
	attempt := &flow.Pending{Attempt: login.Attempt{Method: "link"}}
	err = m.admit(c, attempt, texts.T(ctx, "reset.done"), func(ctx context.Context) (*covetmodels.User, error) {
		if err := m.links.Use(ctx, row); err != nil {
			return nil, err
		}
		user, err := m.accounts.ByID(ctx, *row.UserID)
		if err != nil || user == nil || user.DisabledAt != nil {
			return nil, errors.Join(err, token.ErrInvalid)
		}
		change := account.Change{Kind: account.PasswordReset, Account: user, PasswordHash: hash, ByOwner: true}
		change.KeepTokens = form.Tokens.keeps()
		return user, m.apply(ctx, change)
	})
	if errors.Is(err, token.ErrInvalid) {
		return m.stale(c)
	}
	if err != nil {
		return fmt.Errorf("setting a password: %w", err)
	}
	return nil
}
