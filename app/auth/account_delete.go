package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

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
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		return m.keepLed(ctx, func() error { return m.remove(ctx, p) })
	})
	if errors.Is(err, errLast) {
		refused := m.deletePage(p, form, nil)
		refused.Alert = m.text("delete.last")
		return m.show(c, m.views.Delete, refused)
	}
	if err != nil {
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
