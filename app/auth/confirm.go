package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

type confirmForm struct {
	Token    string `form:"token"`
	Password string `form:"password" trim:"false" required:"true"`
}

// confirmRoutes adds the page that a link leads to which confirms an address.
//
// Threats: a mail scanner or a browser that looks ahead follows the link, so GET changes nothing; somebody who follows the
// link of what another began, with an address that was never theirs, would finish it for them, so POST asks for the
// password that it was begun with.
func (m *Module) confirmRoutes(e *echo.Echo, path, purpose string) {
	e.GET(path, func(c echo.Context) error {
		secretive(c)
		row, err := m.findLink(c.Request().Context(), purpose, c.QueryParam("token"))
		if errors.Is(err, errStale) {
			return m.stale(c)
		}
		if err != nil {
			return err
		}
		return m.show(c, m.views.Confirm, m.confirmPage(row, c.QueryParam("token"), nil))
	})
	e.POST(path, func(c echo.Context) error { return m.confirm(c, purpose) })
}

func (m *Module) confirmPage(row *covetmodels.Token, token string, errs validate.Errors) page.Form {
	return page.Form{
		Action: links[row.Purpose], Email: row.Email, Signup: row.Purpose == purposeSignup && !m.cfg.SignupClosed,
		Hidden: []page.Hidden{{Name: "token", Value: token}},
		Inputs: []ui.Input{m.confirmInput(row.Purpose, errs)},
	}
}

func (m *Module) confirmInput(purpose string, errs validate.Errors) ui.Input {
	in := m.currentInput("password.label", errs)
	in.Hint = m.text("confirm." + purpose)
	return in
}

func (m *Module) confirm(c echo.Context, purpose string) error {
	secretive(c)
	var form confirmForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	row, err := m.findLink(ctx, purpose, form.Token)
	if errors.Is(err, errStale) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Confirm, m.confirmPage(row, form.Token, errs))
	}
	tries := perSubject("confirm", strconv.FormatInt(row.ID, 10), m.cfg.LoginsPerAccount, loginPeriod)
	if err := m.throttle(ctx, tries); err != nil {
		return err
	}
	user, p, err := m.begun(ctx, row)
	if err != nil {
		return err
	}
	ok, err := m.verify(ctx, user, form.Password)
	if err != nil {
		return err
	}
	if !ok {
		errs.Add("password", m.text("wrong_password"))
		return m.show(c, m.views.Confirm, m.confirmPage(row, form.Token, errs))
	}
	return m.finish(c, row, p)
}

// begun returns whose password finishes what a link began: that of the account, or of the account to be.
func (m *Module) begun(ctx context.Context, row *covetmodels.Token) (*covetmodels.User, pending, error) {
	var p pending
	if row.Purpose != purposeSignup {
		if row.UserID == nil {
			return nil, p, nil
		}
		user, err := m.accountByID(ctx, *row.UserID)
		return user, p, err
	}
	if err := json.Unmarshal([]byte(row.Payload), &p); err != nil {
		return nil, p, fmt.Errorf("reading a sign-up: %w", err)
	}
	return &covetmodels.User{PasswordHash: p.PasswordHash}, p, nil
}

// finish uses the link up and does what it is for, in one transaction.
func (m *Module) finish(c echo.Context, row *covetmodels.Token, p pending) error {
	var user *covetmodels.User
	var cookie *http.Cookie
	err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		err := m.useLink(ctx, row)
		if err != nil {
			return err
		}
		if user, err = m.fulfil(ctx, row, p); err != nil {
			return err
		}
		if cookie, err = m.signIn(ctx, c, user.ID, false); err != nil {
			return err
		}
		return m.record(identity.With(ctx, actorOf(user)), "auth.login", user, nil)
	})
	switch {
	case errors.Is(err, errStale):
		return m.stale(c)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return m.say(c, http.StatusConflict, "taken")
	case err != nil:
		return fmt.Errorf("confirming an address: %w", err)
	}
	flash, path := "", m.afterLogin
	switch row.Purpose {
	case purposeSignup:
		flash = "signup.done"
	case purposeEmail:
		flash, path = "email.done", accountPath
	}
	return m.welcome(c, user, cookie, path, flash)
}

// fulfil does what a link is for, and returns the account that it is about.
func (m *Module) fulfil(ctx context.Context, row *covetmodels.Token, p pending) (*covetmodels.User, error) {
	switch row.Purpose {
	case purposeSignup:
		return m.createAccount(ctx, row, p)
	case purposeVerify:
		return m.verifyAddress(ctx, *row.UserID)
	default:
		return m.moveAddress(ctx, *row.UserID, row.Email)
	}
}

func (m *Module) verifyAddress(ctx context.Context, userID int64) (*covetmodels.User, error) {
	if err := m.update(ctx, userID, map[string]any{"email_verified_at": now()}); err != nil {
		return nil, err
	}
	user, err := m.accountByID(ctx, userID)
	if err != nil || user == nil {
		return nil, errors.Join(err, errStale)
	}
	return user, m.record(identity.With(ctx, actorOf(user)), "auth.email_verify", user, nil)
}

// moveAddress gives an account its new address: everybody who is signed in with the old one is signed out, and the owner
// of the old one is told.
func (m *Module) moveAddress(ctx context.Context, userID int64, email string) (*covetmodels.User, error) {
	user, err := m.accountByID(ctx, userID)
	if err != nil || user == nil {
		return nil, errors.Join(err, errStale)
	}
	old := user.Email
	if err := m.update(ctx, userID, map[string]any{"email": email, "email_verified_at": now()}); err != nil {
		return nil, err
	}
	user.Email = email
	if _, err := m.endSessions(ctx, userID, 0); err != nil {
		return nil, err
	}
	if err := m.forgetLinks(ctx, userID, purposeReset, purposeEmail, purposeVerify); err != nil {
		return nil, err
	}
	if err := m.notify(ctx, "moved", old); err != nil {
		return nil, err
	}
	detail := map[string]any{"before": old, "after": email}
	return user, m.record(identity.With(ctx, actorOf(user)), "auth.email_change", user, detail)
}

func actorOf(user *covetmodels.User) identity.Actor {
	return identity.Actor{ID: strconv.FormatInt(user.ID, 10), Email: user.Email}
}
