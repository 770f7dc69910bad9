package auth

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
)

// private keeps pages of an account out of every cache and search engine.
func private(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex")
		return next(c)
	}
}

// secretive marks a page whose address holds a token: no cache and no search engine keeps it, and no link sends it on.
func secretive(c echo.Context) {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
}

// show renders a form: 200 as it is, and 422 when something is wrong with it.
func (m *Module) show(c echo.Context, view func(page.Form) templ.Component, p page.Form) error {
	status := http.StatusOK
	faulty := slices.ContainsFunc(p.Inputs, func(in ui.Input) bool { return in.Error != "" })
	if faulty || p.Alert != "" {
		status = http.StatusUnprocessableEntity
	}
	p.Base = m.base()
	return web.Render(c, status, view(p))
}

// refuse shows a form again that was sent too often, with what was entered. It returns other errors.
func (m *Module) refuse(c echo.Context, err error, view func(page.Form) templ.Component, p page.Form) error {
	return web.RenderRefusal(c, err, func(message string) templ.Component {
		p.Base, p.Alert = m.base(), message
		return view(p)
	})
}

// say renders a page with a message, from which a link leads to the log-in.
func (m *Module) say(c echo.Context, status int, title, message string) error {
	secretive(c)
	return web.Render(c, status, m.views.Message(page.Message{
		Base: m.base(), Title: title, Text: message,
		Link: loginPath, Label: texts.T(c.Request().Context(), "login.button"),
	}))
}

// sent renders the page after a mail was requested: the same whether or not the address has an account.
func (m *Module) sent(c echo.Context, message string) error {
	return web.Render(c, http.StatusOK, m.views.Message(page.Message{
		Base: m.base(), Title: texts.T(c.Request().Context(), "sent.title"), Text: message,
	}))
}

// stale renders the page of a link that is no longer valid.
func (m *Module) stale(c echo.Context) error {
	ctx := c.Request().Context()
	return m.say(c, http.StatusGone, texts.T(ctx, "stale.title"), texts.T(ctx, "stale.text"))
}

// done shows a message on the next page.
func (m *Module) done(c echo.Context, message, path string) error {
	if err := web.Flash(c, message); err != nil {
		return err
	}
	return web.Redirect(c, path)
}

// next is the address to continue at: the page that the visitor requested before signing in, if it is one of ours.
//
// Threat: an open redirect. A link to our log-in leads on to another site that looks like ours.
func (m *Module) next(path string) string {
	if len(path) > 2000 || !web.IsLocal(path) {
		return ""
	}
	return path
}

// emailInput, currentInput and newInput return the fields that several forms have.
func emailInput(label, value string, errs validate.Errors) ui.Input {
	return ui.Input{
		Label: label, Name: "email", Type: "email", Value: value, Autocomplete: "username",
		Required: true, Error: errs["email"],
	}
}

// Threat: a password that was sent back stays in the page. The value of such a field is always empty.
func currentInput(label string, errs validate.Errors) ui.Input {
	return ui.Input{
		Label: label, Name: "password", Type: "password", Autocomplete: "current-password",
		Required: true, Error: errs["password"],
	}
}

// tokenChoice is a part of forms that end the credentials of an account: whether to revoke access tokens as well.
//
// Threat: a form without the checkbox, such as an old page or one of the application's own, keeps them unasked.
type tokenChoice struct {
	Asked  string `form:"_present"`
	Revoke bool   `form:"revoke_tokens"`
}

const revokeTokens = "revoke_tokens"

func (t tokenChoice) keeps() bool { return t.Asked == revokeTokens && !t.Revoke }

// addTokenChoice adds the checkbox to a form. It is checked, unless the user has unchecked it.
func addTokenChoice(ctx context.Context, p *page.Form, choice tokenChoice) {
	in := ui.Input{
		Label: texts.T(ctx, "revoke_tokens.label"), Name: revokeTokens, Type: "checkbox", Value: "true",
		Hint: texts.T(ctx, "revoke_tokens.hint"),
	}
	if choice.keeps() {
		in.Value = ""
	}
	p.Inputs = append(p.Inputs, in)
	p.Hidden = append(p.Hidden, page.Hidden{Name: "_present", Value: revokeTokens})
}

func newInput(ctx context.Context, label, name string, errs validate.Errors) ui.Input {
	return ui.Input{
		Label: label, Name: name, Type: "password", Autocomplete: "new-password", Required: true,
		Hint: texts.T(ctx, "password.hint", "n", password.MinLength), Error: errs[name],
	}
}
