package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// Person is a pointer to an application's model of a user, which embeds covetmodels.User.
type Person interface {
	// Account is promoted from the embedded covetmodels.User.
	Account() *covetmodels.User
}

// SignUpRequest is what a visitor asks for an account with.
type SignUpRequest struct {
	Email, Password string
	// Values are those of the fields of Options.Signup.
	Values Values
}

// SignUp requests an account, as the sign-up page does: the account is created when its owner follows the mailed link,
// so that nobody learns whether the address has one already. It returns a problem (422) with what is wrong with the
// request, and a problem (429) if the client of ctx asks too often.
//
// [Module.CreateAccount] creates an account at once.
func (m *Module) SignUp(ctx context.Context, request SignUpRequest) error {
	if err := m.limits.Signup(ctx); err != nil {
		return err
	}
	errs := validate.Errors{}
	if !account.IsEmail(account.Normalize(request.Email)) {
		errs.Add("email", invalidEmail(ctx))
	}
	if err := m.checkSignup(ctx, request, errs); err != nil {
		return err
	}
	if err := errs.Err(); err != nil {
		return err
	}
	return m.requestAccount(ctx, request)
}

// checkPassword returns why a password may not be chosen, or "". Personal is what others know of the user. Nor may it be
// made of the name or the host of the application.
func (m *Module) checkPassword(ctx context.Context, plain string, personal ...string) string {
	cfg := m.app.Config
	personal = append(personal, cfg.App.Name)
	if u, err := url.Parse(cfg.BaseURL()); err == nil {
		personal = append(personal, u.Hostname())
	}
	return password.Check(ctx, plain, personal...)
}

// invalidEmail is the message for an address that is not valid.
func invalidEmail(ctx context.Context) string { return validate.Texts().T(ctx, "format.email") }

// nameOf returns the name of a user, as the application's model has it.
func nameOf(person Person) string {
	if named, ok := person.(Named); ok {
		return named.ActorName()
	}
	return ""
}

// checkSignup adds to errs what is wrong with the password, and with the values of the application.
func (m *Module) checkSignup(ctx context.Context, request SignUpRequest, errs validate.Errors) error {
	personal := []string{request.Email}
	for _, value := range request.Values {
		personal = append(personal, value)
	}
	if message := m.checkPassword(ctx, request.Password, personal...); message != "" {
		errs.Add("password", message)
	}
	faults, err := m.users.Check(ctx, request.Values)
	if err != nil {
		return err
	}
	for field, message := range faults {
		errs.Add(field, message)
	}
	return nil
}

// pendingSignup is what a sign-up leaves until its address is confirmed.
type pendingSignup struct {
	PasswordHash string `json:"password_hash"`
	Values       Values `json:"values"`
	Language     string `json:"language,omitempty"`
}

// requestAccount stores a valid sign-up until its address is confirmed, and has the link mailed.
func (m *Module) requestAccount(ctx context.Context, request SignUpRequest) error {
	email := account.Normalize(request.Email)
	mail, err := m.limits.Mail(ctx, "", email)
	if err != nil || !mail {
		return err
	}
	hash, err := m.accounts.Hash(ctx, request.Password)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(pendingSignup{
		PasswordHash: hash, Values: request.Values, Language: m.signupLanguage(ctx),
	})
	if err != nil {
		return fmt.Errorf("storing a sign-up: %w", err)
	}
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		err := m.requestLink(ctx, covetmodels.Token{Purpose: token.Signup, Email: email, Payload: string(payload)})
		if err != nil {
			return err
		}
		return m.accounts.Record(ctx, "auth.signup_requested", nil, map[string]any{"email": email})
	})
}

// CreateAccount creates an account at once, with a password, in the transaction that ctx carries, if any. Person
// points to the application's model, whose e-mail address is set; its ID is set here. With EmailVerifiedAt set, the
// caller vouches for the address; without it the log-in asks for a confirmation first.
//
//	now := time.Now()
//	user := models.User{User: covetmodels.User{Email: form.Email, EmailVerifiedAt: &now}, DisplayName: form.Name}
//	err := accounts.CreateAccount(ctx, &user, form.Password)
//
// It returns a problem (422) for an address or a password that is not valid, [ErrEmailTaken], which tells a visitor
// that the address has an account, and a problem (429) if ctx is that of a request by a visitor whose address has sent
// too many sign-ups. The language of such a request becomes that of the account if it has none. Roles of the model are not written; see [Module.GrantRole].
func (m *Module) CreateAccount(ctx context.Context, person Person, plain string) error {
	user := person.Account()
	if _, known := identity.From(ctx); !known && middleware.ClientIP(ctx) != "" {
		if err := m.limits.Signup(ctx); err != nil {
			return err
		}
		if user.Language == "" {
			user.Language = m.signupLanguage(ctx)
		}
	}
	user.Email = account.Normalize(user.Email)
	errs := validate.Errors{}
	if !account.IsEmail(user.Email) {
		errs.Add("email", invalidEmail(ctx))
	}
	if message := m.checkPassword(ctx, plain, user.Email, nameOf(person)); message != "" {
		errs.Add("password", message)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	hash, err := m.accounts.Hash(ctx, plain)
	if err != nil {
		return err
	}
	user.PasswordHash = hash
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error { return m.accounts.Create(ctx, person) })
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return emailTaken(ctx)
	}
	return err
}

// FindAccount returns the account with an e-mail address, however it is written, and [ErrNotFound] if there is none.
func (m *Module) FindAccount(ctx context.Context, email string) (*covetmodels.User, error) {
	user, err := m.accounts.ByEmail(ctx, email)
	if err == nil && user == nil {
		err = problem.NotFound("").WithCause(ErrNotFound)
	}
	return user, err
}

// Credentials are what a user logs in with.
type Credentials struct {
	Email, Password string
	// Device is the value of the cookie by which a browser is known in which the user has signed in before; such a browser
	// has attempts of its own. Empty for programs.
	Device string
}

// Authenticate returns the account with these credentials. Attempts are limited as those of the log-in page are, by the
// client of ctx, and failed ones are recorded in the audit log. It changes nothing: what follows is usually
// [Module.IssueToken], or [Module.SignIn] in a browser.
//
// Its errors are [ErrCredentials], [ErrUnconfirmed], [ErrStepRequired] if the account has to pass another step of
// Options.Steps, and a problem (429) with Retry-After.
func (m *Module) Authenticate(ctx context.Context, credentials Credentials) (*covetmodels.User, error) {
	user, err := m.authenticate(ctx, credentials)
	if err != nil {
		return nil, err
	}
	next, err := m.flow.Next(ctx, &login.Attempt{Account: user, Method: passwordName}, passwordName)
	if err != nil {
		return nil, err
	}
	if next != nil {
		return nil, stepRequired(ctx)
	}
	return user, nil
}

// authenticate is Authenticate for the first step of a log-in.
func (m *Module) authenticate(ctx context.Context, credentials Credentials) (*covetmodels.User, error) {
	email := account.Normalize(credentials.Email)
	user, err := m.accounts.Authenticate(ctx, email, credentials.Password, func(user *covetmodels.User) error {
		device := ""
		if user != nil {
			device = m.cookies.DeviceOf(credentials.Device, user.ID)
		}
		return m.limits.Login(ctx, device, email)
	})
	switch {
	case err != nil:
		return nil, err
	case user == nil:
		return nil, wrongCredentials(ctx)
	case user.EmailVerifiedAt == nil:
		return nil, unconfirmed(ctx)
	}
	return user, nil
}

// createConfirmed creates the account that a confirmed sign-up asked for, in the transaction of ctx.
func (m *Module) createConfirmed(
	ctx context.Context, row *covetmodels.Token, p pendingSignup,
) (*covetmodels.User, error) {
	verified := token.Now()
	user, errs, err := m.users.Create(ctx, covetmodels.User{
		Email: row.Email, PasswordHash: p.PasswordHash, EmailVerifiedAt: &verified, Language: p.Language,
	}, p.Values)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, emailTaken(ctx)
	}
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs.Err() // what was valid when the form was sent no longer is, such as a name that is taken now
	}
	if err := m.links.RevokeSignups(ctx, row.Email); err != nil {
		return nil, err
	}
	return &user, m.accounts.Record(identity.With(ctx, account.Actor(&user)), "auth.signup", &user, nil)
}
