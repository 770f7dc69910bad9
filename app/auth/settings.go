package auth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

const accountPath = "/account"

// me returns whose session a request belongs to. Its routes are guarded by RequiredSession.
func me(c echo.Context) (*person, error) {
	p, err := personOf(c.Request().Context())
	if err != nil {
		return nil, err
	}
	if p == nil || p.session == nil {
		return nil, problem.Unauthorized("")
	}
	return p, nil
}

func (m *Module) showAccount(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, m.views.Account(page.Account{
		Base: m.base(), Email: p.account.Email, Name: p.name, Since: p.account.CreatedAt, Links: m.links,
	}))
}

// reenter holds the person to their password. It notes in errs when it is wrong.
//
// Threat: a browser left alone, or a stolen session, becomes a stolen account.
func (m *Module) reenter(ctx context.Context, p *person, plain string, errs validate.Errors) error {
	if len(errs) > 0 {
		return nil // the rest is to be mended first, and costs no attempt
	}
	if err := m.throttle(ctx, m.passwordLimits(p.account.ID)...); err != nil {
		return err
	}
	user, err := m.accountByID(ctx, p.account.ID)
	if err != nil {
		return err
	}
	ok, err := m.verify(ctx, user, plain)
	if err != nil {
		return err
	}
	if !ok {
		errs.Add("password", m.text("wrong_password"))
		return m.record(ctx, "auth.password_wrong", p.account, nil)
	}
	return nil
}

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
	hash, err := password.Hash(ctx, form.New)
	if err != nil {
		return fmt.Errorf("hashing a password: %w", err)
	}
	var cookie *http.Cookie
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
	if err != nil {
		return fmt.Errorf("changing a password: %w", err)
	}
	return m.welcome(c, p.account, cookie, accountPath, "password.done")
}

type emailForm struct {
	Email   string `form:"email" required:"true" format:"email" maxLength:"254"`
	Current string `form:"password" trim:"false" required:"true"`
}

func (m *Module) showEmail(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Email, m.emailPage(p, emailForm{}, nil))
}

func (m *Module) emailPage(p *person, form emailForm, errs validate.Errors) page.Form {
	email := m.emailInput("email.new", form.Email, errs)
	email.Autocomplete = "email"
	return page.Form{
		Action: accountPath + "/email", Email: p.account.Email,
		Inputs: []ui.Input{email, m.currentInput("current.label", errs)},
	}
}

// changeEmail answers POST /account/email. The address changes when the new one is confirmed; until then nobody learns
// whether it belongs to another account.
func (m *Module) changeEmail(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	var form emailForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx, email := c.Request().Context(), normalize(form.Email)
	if email == p.account.Email {
		errs.Add("email", m.text("email.same"))
	}
	if err := m.reenter(ctx, p, form.Current, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Email, m.emailPage(p, form, errs))
	}
	if err := m.throttle(ctx, m.mailLimits(ctx, email)...); err != nil {
		return err
	}
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		err := m.requestLink(ctx, covetmodels.Token{Purpose: purposeEmail, UserID: &p.account.ID, Email: email})
		if err != nil {
			return err
		}
		if err := m.notify(ctx, "asked", p.account.Email); err != nil {
			return err
		}
		return m.record(ctx, "auth.email_change_requested", p.account, map[string]any{"email": email})
	})
	if err != nil {
		return err
	}
	return m.done(c, "sent.email", accountPath)
}

type deleteForm struct {
	Confirm string `form:"confirm" required:"true" maxLength:"254"`
	Current string `form:"password" trim:"false" required:"true"`
}

func (m *Module) showDelete(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Delete, m.deletePage(p, deleteForm{}, nil))
}

func (m *Module) deletePage(p *person, form deleteForm, errs validate.Errors) page.Form {
	return page.Form{
		Action: accountPath + "/delete", Email: p.account.Email,
		Inputs: []ui.Input{
			{Label: m.text("delete.confirm"), Name: "confirm", Type: "email", Value: form.Confirm, Autocomplete: "off", Required: true, Error: errs["confirm"]},
			m.currentInput("current.label", errs),
		},
	}
}

// deleteAccount answers POST /account/delete.
func (m *Module) deleteAccount(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	var form deleteForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if subtle.ConstantTimeCompare([]byte(normalize(form.Confirm)), []byte(p.account.Email)) != 1 {
		errs.Add("confirm", m.text("delete.wrong"))
	}
	if err := m.reenter(ctx, p, form.Current, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Delete, m.deletePage(p, form, errs))
	}
	if err := m.app.DB.Transaction(ctx, func(ctx context.Context) error { return m.remove(ctx, p) }); err != nil {
		return err
	}
	c.SetCookie(m.expired(sessionName))
	c.SetCookie(m.expired(deviceName))
	return m.done(c, "delete.done", "/")
}

// remove deletes an account; what refers to it goes by its foreign keys. The audit log keeps what was done by whom.
func (m *Module) remove(ctx context.Context, p *person) error {
	if err := m.users.deleting(ctx, p.account.ID); err != nil {
		return fmt.Errorf("deleting user %d: %w", p.account.ID, err)
	}
	err := m.record(identity.With(ctx, p.actor()), "users.delete", p.account, map[string]any{"email": p.account.Email})
	if err != nil {
		return err
	}
	if err := m.notify(ctx, "deleted", p.account.Email); err != nil {
		return err
	}
	if err := m.app.DB.With(ctx).Where("email = ?", p.account.Email).Delete(&covetmodels.Token{}).Error; err != nil {
		return fmt.Errorf("forgetting links: %w", err)
	}
	if err := m.app.DB.With(ctx).Delete(&covetmodels.User{}, p.account.ID).Error; err != nil {
		return fmt.Errorf("deleting user %d: %w", p.account.ID, err)
	}
	return nil
}
