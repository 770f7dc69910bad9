// Package login has the parts of a log-in that can be added: a [Step] after the password, such as a second factor, and
// an [Authenticator] in place of the password, such as a provider. Each is one type, given to auth.New:
//
//	auth.New[models.User](cfg, auth.Options[models.User]{
//		Steps:          []login.Step{totp.New(db)},
//		Authenticators: []login.Authenticator{oidc.New(oidcConfig)},
//		…
//	})
//
// A log-in is a list of steps in a fixed order, of which the password is the first. Between two steps package auth
// keeps the [Attempt] in the database, bound to the browser by a cookie, for at most 10 minutes. A session begins
// after the last step only. If the account changes in between, or is disabled, the log-in has to begin again.
package login

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	covetmodels "github.com/covetgo/covet/models"
)

// Step is a step of a log-in whose account is known: a second factor, or terms to be accepted. It is served at /login/
// and its name. Steps are used by many requests at once.
type Step interface {
	// Name is unique among steps and authenticators: lower-case letters, digits and dashes, at most 64.
	Name() string
	// Required reports whether the account has to pass the step in this log-in. It is called when the step before is
	// passed.
	Required(ctx context.Context, attempt *Attempt) (bool, error)
	// Serve answers GET and POST requests of the step's page. It reports true when a POST has passed the step, and then
	// writes nothing. Otherwise it writes the response: the page, and after a wrong answer the page with an error.
	//
	// The attempts of an account are counted before Serve is called, and a POST that does not pass is recorded in the
	// audit log as a failed log-in.
	Serve(c echo.Context, attempt *Attempt) (passed bool, err error)
}

// Authenticator identifies the account in another way than by a password: it sends the browser to a provider, and
// finds the account when the browser is back. The steps after the password follow. Authenticators are used by many
// requests at once.
type Authenticator interface {
	// Name is unique among steps and authenticators: lower-case letters, digits and dashes, at most 64.
	Name() string
	// Title is what users call the provider: "Google". The log-in page has a button with it.
	Title() string
	// Begin answers POST /login/with/NAME, usually by a redirect to the provider. What Finish has to compare, such as
	// state, nonce and code verifier, it keeps with [Attempt.Keep] first.
	Begin(c echo.Context, attempt *Attempt) error
	// Finish answers GET /login/with/NAME/callback in the same browser, within 10 minutes and once. It returns the id of
	// the account, or 0 if the provider identifies none, and then writes nothing.
	Finish(c echo.Context, attempt *Attempt) (userID int64, err error)
}

// Attempt is one log-in in progress.
type Attempt struct {
	// Account is the account, or nil while an Authenticator is asked for it. It is not to be changed.
	Account *covetmodels.User
	// Method is how the account was identified: "password", "link", or the name of an Authenticator.
	Method string
	// Remember reports that the session will outlive the browser.
	Remember bool
	// Next is the path of the application to go to after the log-in, or empty for the default.
	Next string
	// Data is what the step has kept. It is empty when the step begins.
	Data []byte
	// Store stores Data. Package auth sets it; so do tests that call a step.
	Store func(ctx context.Context, data []byte) error
}

// MaxData is how many bytes a step can keep.
const MaxData = 16 << 10

var errData = errors.New("the data of a log-in step must be UTF-8 text of at most 16 KiB")

// Keep stores data, such as a challenge, for the next request of the same step in the same browser. It is text, at most
// [MaxData] bytes. Call it before the response is written.
func (a *Attempt) Keep(ctx context.Context, data []byte) error {
	if len(data) > MaxData || !utf8.Valid(data) {
		return errData
	}
	if err := a.Store(ctx, data); err != nil {
		return fmt.Errorf("keeping data of a log-in step: %w", err)
	}
	a.Data = data
	return nil
}
