package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

type forgotForm struct {
	Email string `form:"email" required:"true" format:"email" maxLength:"254"`
}

func (m *Module) showForgot(c echo.Context) error {
	return m.show(c, m.views.Forgot, m.forgotPage(forgotForm{}, nil))
}

func (m *Module) forgotPage(form forgotForm, errs validate.Errors) page.Form {
	return page.Form{Action: "/password/forgot", Inputs: []ui.Input{m.emailInput("email.label", form.Email, errs)}}
}

// forgot answers POST /password/forgot, for every address alike: whether there is an account is found out by the job.
func (m *Module) forgot(c echo.Context) error {
	var form forgotForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Forgot, m.forgotPage(form, errs))
	}
	ctx, email := c.Request().Context(), normalize(form.Email)
	device, err := m.deviceOf(c.Request(), email)
	if err != nil {
		return err
	}
	mail, err := m.mayMail(ctx, device, email)
	if err != nil {
		return err
	}
	if mail {
		err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
			if err := m.requestLink(ctx, covetmodels.Token{Purpose: purposeReset, Email: email}); err != nil {
				return err
			}
			return m.record(ctx, "auth.password_forgotten", nil, map[string]any{"email": email})
		})
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, "/password/sent")
}

// deviceOf returns the id of a browser in which the account with an address has signed in before, or "". A browser in
// which nobody has costs no look-up.
func (m *Module) deviceOf(r *http.Request, email string) (string, error) {
	if m.cookieValue(r, deviceName) == "" {
		return "", nil
	}
	user, err := m.accountByEmail(r.Context(), email)
	if err != nil || user == nil {
		return "", err
	}
	return m.device(r, user.ID), nil
}

type resetForm struct {
	Token    string `form:"token"`
	Password string `form:"password" trim:"false"`
}

func (m *Module) showReset(c echo.Context) error {
	secretive(c)
	token := c.QueryParam("token")
	row, err := m.findLink(c.Request().Context(), purposeReset, token)
	if errors.Is(err, errStale) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	return m.show(c, m.views.Reset, m.resetPage(row, token, nil))
}

func (m *Module) resetPage(row *covetmodels.Token, token string, errs validate.Errors) page.Form {
	return page.Form{
		Action: "/password/reset", Email: row.Email,
		Hidden: []page.Hidden{{Name: "token", Value: token}},
		Inputs: []ui.Input{m.newInput("new_password.label", "password", errs)},
	}
}

// reset answers POST /password/reset.
func (m *Module) reset(c echo.Context) error {
	secretive(c)
	var form resetForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.throttle(ctx, perAddress(ctx, "reset", m.cfg.LoginsPerAddress, loginPeriod)...); err != nil {
		return err
	}
	row, err := m.findLink(ctx, purposeReset, form.Token)
	if errors.Is(err, errStale) || (err == nil && row.UserID == nil) {
		return m.stale(c)
	}
	if err != nil {
		return err
	}
	if message := password.Check(form.Password, row.Email); message != "" {
		errs.Add("password", message)
		return m.show(c, m.views.Reset, m.resetPage(row, form.Token, errs))
	}
	hash, err := password.Hash(ctx, form.Password)
	if err != nil {
		return fmt.Errorf("hashing a password: %w", busy(err))
	}
	return m.finishReset(c, row, hash)
}

func (m *Module) finishReset(c echo.Context, row *covetmodels.Token, hash string) error {
	var user *covetmodels.User
	var cookie *http.Cookie
	err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		err := m.useLink(ctx, row)
		if err != nil {
			return err
		}
		if user, err = m.resetAccount(ctx, *row.UserID, hash); err != nil {
			return err
		}
		cookie, err = m.signIn(ctx, c, user.ID, false)
		return err
	})
	if errors.Is(err, errStale) {
		return m.stale(c)
	}
	if err != nil {
		return fmt.Errorf("setting a password: %w", err)
	}
	return m.welcome(c, user, cookie, m.afterLogin, "reset.done")
}

// resetAccount gives an account a new password. Whoever may have had the old one loses all: sessions, links, access tokens.
func (m *Module) resetAccount(ctx context.Context, userID int64, hash string) (*covetmodels.User, error) {
	user, err := m.accountByID(ctx, userID)
	if err != nil {
		return nil, err
	}
	if user == nil || user.DisabledAt != nil {
		return nil, errStale
	}
	columns := map[string]any{"password_hash": hash}
	if user.EmailVerifiedAt == nil {
		columns["email_verified_at"] = now() // they have read what was sent there
	}
	if err := m.update(ctx, userID, columns); err != nil {
		return nil, err
	}
	if _, err := m.endSessions(ctx, userID, 0); err != nil {
		return nil, err
	}
	if err := m.forgetLinks(ctx, userID, purposeReset, purposeEmail, purposeVerify); err != nil {
		return nil, err
	}
	revoked := m.app.DB.With(ctx).Model(&covetmodels.AccessToken{}).
		Where("user_id = ? AND revoked_at IS NULL", userID).Update("revoked_at", now())
	if revoked.Error != nil {
		return nil, fmt.Errorf("revoking access tokens: %w", revoked.Error)
	}
	if err := m.notify(ctx, "password", user.Email); err != nil {
		return nil, err
	}
	return user, m.record(identity.With(ctx, actorOf(user)), "auth.password_reset", user, nil)
}
