package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// accountPages are the pages on which users manage their account, password and address.
type accountPages struct{ *Module }

func (m accountPages) routes(g *echo.Group) {
	g.GET("", m.showAccount)
	g.GET("/password", m.showPassword)
	g.POST("/password", m.changePassword)
	g.GET("/email", m.showEmail)
	g.POST("/email", m.changeEmail)
	g.GET("/delete", m.showDelete)
	g.POST("/delete", m.deleteAccount)
}

const accountPath = "/account"

// me returns whose session a request belongs to, and a copy of the account. Its routes are guarded by RequiredSession.
func me(c echo.Context) (*identify.Holder, *covetmodels.User, error) {
	holder, err := identify.From(c.Request().Context())
	if err != nil {
		return nil, nil, err
	}
	if holder == nil || holder.Session == nil {
		return nil, nil, problem.Unauthorized("")
	}
	user := *holder.Account
	return holder, &user, nil
}

// mine is me, and the number in the address.
func mine(c echo.Context) (*identify.Holder, *covetmodels.User, int64, error) {
	holder, user, err := me(c)
	if err != nil {
		return nil, nil, 0, err
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, nil, 0, problem.NotFound("").WithCause(err)
	}
	return holder, user, id, nil
}

// reenter verifies the password of the user again, and adds to errs that it is wrong.
//
// Threat: a browser left alone, or a stolen session, becomes a stolen account.
func (m *Module) reenter(ctx context.Context, user *covetmodels.User, plain string, errs validate.Errors) error {
	if len(errs) > 0 {
		return nil // the rest has to be corrected first, and costs no attempt
	}
	if err := m.limits.Password(ctx, user.ID); err != nil {
		return err
	}
	current, err := m.accounts.ByID(ctx, user.ID)
	if err != nil {
		return err
	}
	ok, err := m.accounts.Verify(ctx, current, plain)
	if err != nil {
		return err
	}
	if !ok {
		errs.Add("password", texts.T(ctx, "wrong_password"))
		return m.accounts.Record(ctx, "auth.password_wrong", user, nil)
	}
	return nil
}

func (m accountPages) showAccount(c echo.Context) error {
	holder, user, err := me(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, m.views.Account(page.Account{
		Base: m.base(), Email: user.Email, Name: holder.Name, Since: user.CreatedAt,
		Links: m.pages(c.Request().Context()),
	}))
}

type passwordForm struct {
	Current string `form:"password" trim:"false" required:"true"`
	New     string `form:"new_password" trim:"false"`
	Tokens  tokenChoice
}

func (m accountPages) showPassword(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Password, m.passwordPage(c.Request().Context(), user, passwordForm{}, nil))
}

func (m accountPages) passwordPage(ctx context.Context, user *covetmodels.User, form passwordForm, errs validate.Errors) page.Form {
	p := page.Form{
		Action: accountPath + "/password", Email: user.Email,
		Inputs: []ui.Input{
			currentInput(texts.T(ctx, "current.label"), errs),
			newInput(ctx, texts.T(ctx, "new_password.label"), "new_password", errs),
		},
	}
	addTokenChoice(ctx, &p, form.Tokens)
	return p
}

// changePassword handles POST /account/password: it ends every session, and begins a new one for this browser.
func (m accountPages) changePassword(c echo.Context) error {
	holder, user, err := me(c)
	if err != nil {
		return err
	}
	var form passwordForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if message := m.checkPassword(ctx, form.New, user.Email, holder.Name); message != "" {
		errs.Add("new_password", message)
	}
	if err := m.reenter(ctx, user, form.Current, errs); err != nil {
		return m.refuse(c, err, m.views.Password, m.passwordPage(ctx, user, form, nil))
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Password, m.passwordPage(ctx, user, form, errs))
	}
	hash, err := m.accounts.Hash(ctx, form.New)
	if err != nil {
		return err
	}
	var secret string
	var maxAge int
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		change := account.Change{
			Kind: account.PasswordChanged, Account: user, PasswordHash: hash, KeepTokens: form.Tokens.keeps(),
		}
		if err := m.apply(ctx, change); err != nil {
			return err
		}
		secret, maxAge, err = m.sessions.Begin(ctx, session.Start{UserID: user.ID, Remember: holder.Session.Remember})
		return err
	})
	if err != nil {
		return fmt.Errorf("changing a password: %w", err)
	}
	m.setCookies(c, user, m.cookies.NewSession(secret, maxAge))
	return m.done(c, texts.T(ctx, "password.done"), accountPath)
}

type emailForm struct {
	Email   string `form:"email" required:"true" format:"email" maxLength:"254"`
	Current string `form:"password" trim:"false" required:"true"`
}

func (m accountPages) showEmail(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Email, m.emailPage(c.Request().Context(), user, emailForm{}, nil))
}

func (m accountPages) emailPage(ctx context.Context, user *covetmodels.User, form emailForm, errs validate.Errors) page.Form {
	email := emailInput(texts.T(ctx, "email.new"), form.Email, errs)
	email.Autocomplete = "email"
	return page.Form{
		Action: accountPath + "/email", Email: user.Email,
		Inputs: []ui.Input{email, currentInput(texts.T(ctx, "current.label"), errs)},
	}
}

// changeEmail handles POST /account/email. The address changes when the new one is confirmed; until then nobody learns
// whether it belongs to another account.
func (m accountPages) changeEmail(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	var form emailForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx, email := c.Request().Context(), account.Normalize(form.Email)
	if email == user.Email {
		errs.Add("email", texts.T(ctx, "email.same"))
	}
	if err := m.reenter(ctx, user, form.Current, errs); err != nil {
		return m.refuse(c, err, m.views.Email, m.emailPage(ctx, user, form, nil))
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Email, m.emailPage(ctx, user, form, errs))
	}
	mail, err := m.limits.Mail(ctx, "", email)
	if err != nil {
		return m.refuse(c, err, m.views.Email, m.emailPage(ctx, user, form, nil))
	}
	if mail {
		err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
			err := m.requestLink(m.WithLocaleOf(ctx, user), covetmodels.Token{Purpose: token.Email, UserID: &user.ID, Email: email})
			if err != nil {
				return err
			}
			if err := m.notify(ctx, account.Notice{Letter: "asked", To: user.Email, Account: user}); err != nil {
				return err
			}
			return m.accounts.Record(ctx, "auth.email_change_requested", user, map[string]any{"email": email})
		})
	}
	if err != nil {
		return err
	}
	return m.done(c, texts.T(ctx, "sent.email"), accountPath)
}

type deleteForm struct {
	Confirm string `form:"confirm" required:"true" maxLength:"254"`
	Current string `form:"password" trim:"false" required:"true"`
}

func (m accountPages) showDelete(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	return m.show(c, m.views.Delete, m.deletePage(c.Request().Context(), user, deleteForm{}, nil))
}

func (m accountPages) deletePage(ctx context.Context, user *covetmodels.User, form deleteForm, errs validate.Errors) page.Form {
	confirm := ui.Input{
		Label: texts.T(ctx, "delete.confirm"), Name: "confirm", Type: "email", Value: form.Confirm, Autocomplete: "off",
		Required: true, Error: errs["confirm"],
	}
	return page.Form{
		Action: accountPath + "/delete", Email: user.Email,
		Inputs: []ui.Input{confirm, currentInput(texts.T(ctx, "current.label"), errs)},
	}
}

// deleteAccount handles POST /account/delete.
func (m accountPages) deleteAccount(c echo.Context) error {
	holder, user, err := me(c)
	if err != nil {
		return err
	}
	var form deleteForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if subtle.ConstantTimeCompare([]byte(account.Normalize(form.Confirm)), []byte(user.Email)) != 1 {
		errs.Add("confirm", texts.T(ctx, "delete.wrong"))
	}
	if err := m.reenter(ctx, user, form.Current, errs); err != nil {
		return m.refuse(c, err, m.views.Delete, m.deletePage(ctx, user, form, nil))
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Delete, m.deletePage(ctx, user, form, errs))
	}
	err = m.DeleteAccount(identity.With(ctx, holder.Actor()), user)
	if errors.Is(err, ErrLastAdmin) {
		refused := m.deletePage(ctx, user, form, nil)
		refused.Alert = texts.T(ctx, "delete.last")
		return m.show(c, m.views.Delete, refused)
	}
	if err != nil {
		return err
	}
	m.forget(c)
	c.SetCookie(m.cookies.EndDevice())
	return m.done(c, texts.T(ctx, "delete.done"), "/")
}
