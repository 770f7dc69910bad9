package auth

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
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
