package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

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

// confirmPages are the pages of mailed links that confirm an address.
type confirmPages struct{ *Module }

type confirmForm struct {
	Token    string `form:"token"`
	Password string `form:"password" trim:"false" required:"true"`
	Tokens   tokenChoice
}

// routes adds the page of links with a purpose.
//
// Threats: a mail scanner, or a browser that prefetches, follows the link, so GET changes nothing; a victim follows
// the link of what an attacker began with the victim's address, and would finish it for them, so POST asks for the
// password that it was begun with.
func (m confirmPages) routes(e *echo.Echo, purpose string) {
	path := linkPath(purpose)
	e.GET(path, func(c echo.Context) error {
		secretive(c)
		ctx := c.Request().Context()
		row, err := m.links.Find(ctx, purpose, c.QueryParam("token"))
		if errors.Is(err, token.ErrInvalid) {
			return m.stale(c)
		}
		if err != nil {
			return err
		}
		return m.show(c, m.views.Confirm, m.confirmPage(ctx, row, confirmForm{Token: c.QueryParam("token")}, nil))
	})
	e.POST(path, func(c echo.Context) error { return m.confirm(c, purpose) })
}

func (m confirmPages) confirmPage(ctx context.Context, row *covetmodels.Token, form confirmForm, errs validate.Errors) page.Form {
	in := currentInput(texts.T(ctx, "password.label"), errs)
	in.Hint = texts.T(ctx, "confirm."+row.Purpose)
	p := page.Form{
		Action: linkPath(row.Purpose), Email: row.Email, Signup: row.Purpose == token.Signup && !m.cfg.SignupClosed,
		Hidden: []page.Hidden{{Name: "token", Value: form.Token}},
		Inputs: []ui.Input{in},
	}
	if row.Purpose == token.Email {
		addTokenChoice(ctx, &p, form.Tokens)
	}
	return p
}

// confirm handles POST of the page of a link that confirms an address.
func (m confirmPages) confirm(c echo.Context, purpose string) error {
	secretive(c)
	var form confirmForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	row, err := m.links.Find(ctx, purpose, form.Token)
	if errors.Is(err, token.ErrInvalid) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Confirm, m.confirmPage(ctx, row, form, errs))
	}
	if err := m.limits.Link(ctx, row.ID); err != nil {
		return m.refuse(c, err, m.views.Confirm, m.confirmPage(ctx, row, form, nil))
	}
	user, signup, err := m.requester(ctx, row)
	if err != nil {
		return err
	}
	ok, err := m.accounts.Verify(ctx, user, form.Password)
	if err != nil {
		return err
	}
	if !ok {
		errs.Add("password", texts.T(ctx, "wrong_password"))
		return m.show(c, m.views.Confirm, m.confirmPage(ctx, row, form, errs))
	}
	return m.finish(c, row, signup, form.Tokens)
}

// requester returns whose password confirms a link: that of the account, or of the sign-up, which has no account yet.
func (m confirmPages) requester(ctx context.Context, row *covetmodels.Token) (*covetmodels.User, pendingSignup, error) {
	var signup pendingSignup
	if row.Purpose != token.Signup {
		if row.UserID == nil {
			return nil, signup, nil
		}
		user, err := m.accounts.ByID(ctx, *row.UserID)
		return user, signup, err
	}
	if err := json.Unmarshal([]byte(row.Payload), &signup); err != nil {
		return nil, signup, fmt.Errorf("reading a sign-up: %w", err)
	}
	return &covetmodels.User{PasswordHash: signup.PasswordHash}, signup, nil
}

// finish uses the link, does what it is for, and signs in, in one transaction.
func (m confirmPages) finish(
	c echo.Context, row *covetmodels.Token, signup pendingSignup, tokens tokenChoice,
) error {
	ctx := c.Request().Context()
	attempt, flash := &flow.Pending{Attempt: login.Attempt{Method: "link"}}, ""
	switch row.Purpose {
	case token.Signup:
		flash = texts.T(ctx, "signup.done")
	case token.Email:
		flash, attempt.Next = texts.T(ctx, "email.done"), accountPath
	}
	err := m.admit(c, attempt, flash, func(ctx context.Context) (*covetmodels.User, error) {
		if err := m.links.Use(ctx, row); err != nil {
			return nil, err
		}
		if row.Purpose == token.Signup {
			return m.createConfirmed(ctx, row, signup)
		}
		user, err := m.accounts.ByID(ctx, *row.UserID)
		if err != nil || user == nil {
			return nil, errors.Join(err, token.ErrInvalid)
		}
		change := account.Change{Kind: account.AddressVerified, Account: user, ByOwner: true}
		if row.Purpose == token.Email {
			change.Kind, change.Email, change.KeepTokens = account.AddressChanged, row.Email, tokens.keeps()
		}
		return user, m.apply(ctx, change)
	})
	switch {
	case errors.Is(err, token.ErrInvalid):
		return m.stale(c)
	case errors.Is(err, ErrEmailTaken):
		return m.say(c, http.StatusConflict, texts.T(ctx, "taken.title"), texts.T(ctx, "taken.text"))
	case err != nil:
		return fmt.Errorf("confirming an address: %w", err)
	}
	return nil
}
