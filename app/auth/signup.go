package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// maxValue is how long the value of a field of the application may be, in characters.
const maxValue = 1000

// maxSignups is how many forms one address may send in 15 minutes, with whatever faults, and at least as many as mails.
//
// Threat: the application says which names are taken, and somebody asks it for all of them.
const maxSignups = 100

type signupForm struct {
	Email    string `form:"email" required:"true" format:"email" maxLength:"254"`
	Password string `form:"password" trim:"false"`
}

// pending is what a sign-up leaves until its address is confirmed.
type pending struct {
	PasswordHash string `json:"password_hash"`
	Values       Values `json:"values"`
}

func (m *Module) showSignup(c echo.Context) error {
	if _, ok := identity.From(c.Request().Context()); ok {
		return web.Redirect(c, m.afterLogin)
	}
	return m.show(c, m.views.Signup, m.signupPage(signupForm{}, nil, nil))
}

func (m *Module) signupPage(form signupForm, values Values, errs validate.Errors) page.Form {
	email := m.emailInput("email.label", form.Email, errs)
	inputs := []ui.Input{email, m.newInput("password.label", "password", errs)}
	return page.Form{Action: "/signup", Signup: true, Inputs: append(m.extraInputs(values, errs), inputs...)}
}

// extraInputs are the application's fields with what was entered.
func (m *Module) extraInputs(values Values, errs validate.Errors) []ui.Input {
	inputs := slices.Clone(m.inputs)
	for i := range inputs {
		if inputs[i].Type != "password" {
			inputs[i].Value = values[inputs[i].Name]
		}
		inputs[i].Error = errs[inputs[i].Name]
	}
	return inputs
}

// values reads the application's fields of a form that has been bound.
func (m *Module) values(c echo.Context, errs validate.Errors) Values {
	values := Values{}
	for _, in := range m.inputs {
		value := strings.TrimSpace(c.Request().PostFormValue(in.Name))
		if utf8.RuneCountInString(value) > maxValue {
			errs.Add(in.Name, fmt.Sprintf("This is too long: at most %d characters.", maxValue))
			continue
		}
		values[in.Name] = value
	}
	return values
}

// signup answers POST /signup. No account is made: the request waits for the address to be confirmed.
//
// Threat: whoever tries addresses learns which have an account. The answer and the work are the same for each; what there
// is to say goes to the mailbox.
func (m *Module) signup(c echo.Context) error {
	var form signupForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.throttle(ctx, perAddress(ctx, "signup", max(maxSignups, m.cfg.MailsPerAddress), loginPeriod)...); err != nil {
		return err
	}
	values := m.values(c, errs)
	if err := m.judge(ctx, form, values, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Signup, m.signupPage(form, values, errs))
	}
	email := normalize(form.Email)
	mail, err := m.mayMail(ctx, "", email)
	if err != nil {
		return err
	}
	if mail {
		err = m.requestAccount(ctx, email, form.Password, values)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c, "/signup/sent")
}

// requestAccount keeps a sign-up until its address is confirmed.
func (m *Module) requestAccount(ctx context.Context, email, plain string, values Values) error {
	hash, err := password.Hash(ctx, plain)
	if err != nil {
		return fmt.Errorf("hashing a password: %w", busy(err))
	}
	payload, err := json.Marshal(pending{PasswordHash: hash, Values: values})
	if err != nil {
		return fmt.Errorf("keeping a sign-up: %w", err)
	}
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		token := covetmodels.Token{Purpose: purposeSignup, Email: email, Payload: string(payload)}
		if err := m.requestLink(ctx, token); err != nil {
			return err
		}
		return m.record(ctx, "auth.signup_requested", nil, map[string]any{"email": email})
	})
}

// judge adds to errs what is wrong with the password, and with what the application asked for.
func (m *Module) judge(ctx context.Context, form signupForm, values Values, errs validate.Errors) error {
	personal := []string{form.Email}
	for _, value := range values {
		personal = append(personal, value)
	}
	if message := password.Check(form.Password, personal...); message != "" {
		errs.Add("password", message)
	}
	faults, err := m.users.check(ctx, values)
	if err != nil {
		return err
	}
	for field, message := range faults {
		errs.Add(field, message)
	}
	return nil
}

// createAccount makes the account that a confirmed sign-up asked for, in the transaction of ctx.
func (m *Module) createAccount(ctx context.Context, row *covetmodels.Token, p pending) (*covetmodels.User, error) {
	verified := now()
	user, errs, err := m.users.create(ctx, covetmodels.User{
		Email: row.Email, PasswordHash: p.PasswordHash, EmailVerifiedAt: &verified,
	}, p.Values)
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs.Err() // what was right when the form was sent is no longer, such as a name that is taken now
	}
	err = m.app.DB.With(ctx).Where("email = ? AND purpose = ? AND used_at IS NULL", row.Email, purposeSignup).
		Delete(&covetmodels.Token{}).Error
	if err != nil {
		return nil, fmt.Errorf("forgetting other sign-ups: %w", err)
	}
	return &user, m.record(identity.With(ctx, actorOf(&user)), "auth.signup", &user, nil)
}
