package auth

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
)

// signupPages are the pages on which visitors ask for an account.
type signupPages struct{ *Module }

func (m signupPages) routes(e *echo.Echo) {
	if m.cfg.SignupClosed {
		e.GET("/signup", m.showClosed)
		return
	}
	e.GET("/signup", m.showSignup)
	e.POST("/signup", m.signup)
	e.GET("/signup/sent", m.showSent)
}

// maxValue is how long the value of a field of the application may be, in characters.
const maxValue = 1000

type signupForm struct {
	Email    string `form:"email" required:"true" format:"email" maxLength:"254"`
	Password string `form:"password" trim:"false"`
}

func (m signupPages) showClosed(c echo.Context) error {
	ctx := c.Request().Context()
	return m.say(c, http.StatusForbidden, texts.T(ctx, "closed.title"), texts.T(ctx, "closed.text"))
}

func (m signupPages) showSent(c echo.Context) error {
	return m.sent(c, texts.T(c.Request().Context(), "sent.signup"))
}

func (m signupPages) showSignup(c echo.Context) error {
	ctx := c.Request().Context()
	if _, ok := identity.From(ctx); ok {
		return web.Redirect(c, m.afterLogin)
	}
	return m.show(c, m.views.Signup, m.signupPage(ctx, signupForm{}, nil, nil))
}

func (m signupPages) signupPage(
	ctx context.Context, form signupForm, values Values, errs validate.Errors,
) page.Form {
	inputs := slices.Clone(m.inputs(ctx)) // the application's fields with what was entered
	for i := range inputs {
		if inputs[i].Type != "password" {
			inputs[i].Value = values[inputs[i].Name]
		}
		inputs[i].Error = errs[inputs[i].Name]
	}
	inputs = append(inputs,
		emailInput(texts.T(ctx, "email.label"), form.Email, errs),
		newInput(ctx, texts.T(ctx, "password.label"), "password", errs),
	)
	return page.Form{Action: "/signup", Signup: true, Inputs: inputs}
}

// values reads the application's fields of a form that has been bound.
func (m signupPages) values(c echo.Context, errs validate.Errors) Values {
	values, ctx := Values{}, c.Request().Context()
	for _, in := range m.inputs(ctx) {
		value := strings.TrimSpace(c.Request().PostFormValue(in.Name))
		if utf8.RuneCountInString(value) > maxValue {
			errs.Add(in.Name, validate.Texts().T(ctx, "max_length", "n", maxValue))
			continue
		}
		values[in.Name] = value
	}
	return values
}

// signup handles POST /signup. No account is created: the request waits for the address to be confirmed.
//
// Threat: an attacker who tries addresses learns which have an account. The response and the work are the same for
// each; the difference is mailed.
func (m signupPages) signup(c echo.Context) error {
	var form signupForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	request := SignUpRequest{Email: form.Email, Password: form.Password, Values: m.values(c, errs)}
	if err := m.limits.Signup(ctx); err != nil {
		return m.refuse(c, err, m.views.Signup, m.signupPage(ctx, form, request.Values, nil))
	}
	if err := m.checkSignup(ctx, request, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Signup, m.signupPage(ctx, form, request.Values, errs))
	}
	if err := m.requestAccount(ctx, request); err != nil {
		return m.refuse(c, err, m.views.Signup, m.signupPage(ctx, form, request.Values, nil))
	}
	return web.Redirect(c, "/signup/sent")
}
