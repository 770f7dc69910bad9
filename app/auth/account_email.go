package auth

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

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
	mail, err := m.mayMail(ctx, "", email)
	if err != nil {
		return err
	}
	if mail {
		err = m.requestMove(ctx, p.account, email)
	}
	if err != nil {
		return err
	}
	return m.done(c, "sent.email", accountPath)
}

// requestMove leaves it to jobs to mail a link to a new address, and a notice to the old one.
func (m *Module) requestMove(ctx context.Context, user *covetmodels.User, email string) error {
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		err := m.requestLink(ctx, covetmodels.Token{Purpose: purposeEmail, UserID: &user.ID, Email: email})
		if err != nil {
			return err
		}
		if err := m.notify(ctx, "asked", user.Email); err != nil {
			return err
		}
		return m.record(ctx, "auth.email_change_requested", user, map[string]any{"email": email})
	})
}
