package auth

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
)

type passwordForm struct {
	Current string `form:"password" trim:"false" required:"true"`
	New     string `form:"new_password" trim:"false"`
}

func (m *Module) showPassword(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Password, m.passwordPage(p, nil))
}

func (m *Module) passwordPage(p *person, errs validate.Errors) page.Form {
	return page.Form{
		Action: accountPath + "/password", Email: p.account.Email,
		Inputs: []ui.Input{m.currentInput("current.label", errs), m.newInput("new_password.label", "new_password", errs)},
	}
}

// changePassword answers POST /account/password. Everybody else who is signed in is signed out.
func (m *Module) changePassword(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	var form passwordForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if message := password.Check(form.New, p.account.Email, p.name); message != "" {
		errs.Add("new_password", message)
	}
	if err := m.reenter(ctx, p, form.Current, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Password, m.passwordPage(p, errs))
	}
	cookie, err := m.setPassword(c, p, form.New)
	if err != nil {
		return fmt.Errorf("changing a password: %w", err)
	}
	return m.welcome(c, p.account, cookie, accountPath, "password.done")
}

// setPassword sets a new password, ends every session, and begins a new one for this browser.
func (m *Module) setPassword(c echo.Context, p *person, plain string) (cookie *http.Cookie, err error) {
	ctx := c.Request().Context()
	hash, err := password.Hash(ctx, plain)
	if err != nil {
		return nil, busy(err)
	}
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := m.update(ctx, p.account.ID, map[string]any{"password_hash": hash}); err != nil {
			return err
		}
		if _, err := m.endSessions(ctx, p.account.ID, 0); err != nil {
			return err
		}
		if err := m.forgetLinks(ctx, p.account.ID, purposeReset, purposeEmail); err != nil {
			return err
		}
		if err := m.notify(ctx, "password", p.account.Email); err != nil {
			return err
		}
		if err := m.record(ctx, "auth.password_change", p.account, nil); err != nil {
			return err
		}
		cookie, err = m.signIn(ctx, c, p.account.ID, p.session.Remember)
		return err
	})
	return cookie, err
}
