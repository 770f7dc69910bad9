package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/flow"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	covetmodels "github.com/covetgo/covet/models"
)

const (
	loginPath   = "/login"
	loginCookie = "login"
)

func stepPath(name string) string {
	if name == passwordName {
		return loginPath
	}
	return loginPath + "/" + name
}

func (m *Module) loginRoutes(e *echo.Echo) {
	for _, step := range m.flow.Steps {
		e.GET(stepPath(step.Name()), m.serveStep(step))
		e.POST(stepPath(step.Name()), m.serveStep(step))
	}
	for _, a := range m.authenticators {
		e.POST(loginPath+"/with/"+a.Name(), m.beginWith(a))
		e.GET(loginPath+"/with/"+a.Name()+"/callback", m.finishWith(a))
	}
	e.POST("/logout", m.logout)
}

// serveStep answers GET and POST of the page of one step. The password is the first and begins a log-in; the others
// resume the one that is stored for the browser.
func (m *Module) serveStep(step login.Step) echo.HandlerFunc {
	first := step.Name() == passwordName
	return func(c echo.Context) error {
		ctx, post := c.Request().Context(), c.Request().Method == http.MethodPost
		attempt := &flow.Pending{}
		if !first {
			c.Response().Header().Set("Cache-Control", "no-store")
			var err error
			if attempt, err = m.flow.Resume(ctx, m.cookies.Value(c.Request(), loginCookie), step.Name()); err != nil {
				return m.elsewhere(c, err)
			}
			if attempt.Account == nil { // of a provider that had this name in an earlier release
				return m.elsewhere(c, flow.ErrNone)
			}
		}
		if post && !first {
			device := m.cookies.DeviceOf(m.cookies.Device(c.Request()), attempt.Account.ID)
			if err := m.limits.Step(ctx, device, step.Name(), attempt.Account.ID); err != nil {
				return err
			}
		}
		passed, err := step.Serve(c, &attempt.Attempt)
		switch {
		case err != nil:
			return err
		case passed && !post:
			// Threat: a browser or a scanner that prefetches pages passes a step.
			return fmt.Errorf("serving step %q of a log-in: it was passed by %s", step.Name(), c.Request().Method)
		case !passed && post && !first:
			detail := map[string]any{"step": step.Name()}
			return m.accounts.Record(identity.With(ctx, identity.Actor{}), "auth.login_failed", attempt.Account, detail)
		case !passed:
			return nil
		}
		var next entry
		err = m.app.DB.Transaction(ctx, func(ctx context.Context) (err error) {
			next, err = m.enter(ctx, c, attempt, step.Name())
			return err
		})
		if errors.Is(err, flow.ErrNone) {
			return m.elsewhere(c, err)
		}
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		return m.proceed(c, attempt, next, "")
	}
}

// elsewhere sends the browser to the step that is waiting, or to the beginning of the log-in if none is.
func (m *Module) elsewhere(c echo.Context, err error) error {
	var other *flow.StepError
	if errors.As(err, &other) && m.hasStep(other.Waiting) {
		return web.Redirect(c, stepPath(other.Waiting))
	}
	if other == nil && !errors.Is(err, flow.ErrNone) {
		return err
	}
	c.SetCookie(m.cookies.New(loginCookie, "", -1))
	return m.done(c, texts.T(c.Request().Context(), "login.expired"), loginPath)
}

func (m *Module) hasStep(name string) bool {
	for _, step := range m.flow.Steps {
		if step.Name() == name {
			return true
		}
	}
	return false
}

// entry is what follows a step that was passed: a session has begun, or the log-in waits for another step.
type entry struct {
	session *http.Cookie
	waiting *http.Cookie // nil if the browser has it already
	step    string       // the step that the log-in waits for, or empty
}

// enter begins a session, in the transaction of ctx, if the step named passed was the last that the account has to
// pass, and stores the log-in otherwise. It is the only way from an authenticated account to a session, whatever
// authenticated it.
func (m *Module) enter(ctx context.Context, c echo.Context, attempt *flow.Pending, passed string) (entry, error) {
	next, err := m.flow.Next(ctx, &attempt.Attempt, passed)
	if err != nil {
		return entry{}, err
	}
	if next != nil {
		secret, err := m.flow.Wait(ctx, attempt, next.Name())
		if err != nil || secret == "" {
			return entry{step: next.Name()}, err
		}
		return entry{step: next.Name(), waiting: m.cookies.New(loginCookie, secret, int(flow.Lifetime.Seconds()))}, nil
	}
	if err := m.flow.Complete(ctx, attempt); err != nil {
		return entry{}, err
	}
	session, err := m.beginSession(ctx, c, attempt.Account, attempt.Remember, attempt.Method)
	return entry{session: session}, err
}

// proceed sends the cookies that enter made, and the browser on: to the next step, or to where it was on the way to.
func (m *Module) proceed(c echo.Context, attempt *flow.Pending, next entry, flash string) error {
	path := attempt.Next
	switch {
	case next.step != "":
		path = stepPath(next.step)
		if next.waiting != nil {
			c.SetCookie(next.waiting)
		}
	default:
		if path == "" {
			path = m.afterLogin
		}
		m.setCookies(c, attempt.Account, next.session)
		if m.cookies.Value(c.Request(), loginCookie) != "" {
			c.SetCookie(m.cookies.New(loginCookie, "", -1))
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if flash == "" {
		return web.Redirect(c, path)
	}
	return m.done(c, flash, path)
}

// beginWith answers POST /login/with/NAME.
func (m *Module) beginWith(a login.Authenticator) echo.HandlerFunc {
	return func(c echo.Context) error {
		var form struct {
			Remember bool   `form:"remember"`
			Next     string `form:"next"`
		}
		if _, err := web.Bind(c, &form); err != nil {
			return err
		}
		if err := m.limits.Provider(c.Request().Context()); err != nil {
			return err
		}
		attempt := &flow.Pending{Attempt: login.Attempt{
			Method: a.Name(), Remember: form.Remember, Next: m.next(form.Next),
		}}
		secret, err := m.flow.Wait(c.Request().Context(), attempt, a.Name())
		if err != nil {
			return err
		}
		c.SetCookie(m.cookies.New(loginCookie, secret, int(flow.Lifetime.Seconds())))
		c.Response().Header().Set("Cache-Control", "no-store")
		return a.Begin(c, &attempt.Attempt)
	}
}

// finishWith answers GET /login/with/NAME/callback.
//
// Threats: an attacker sends the address of their own callback to a victim, who is signed in as the attacker (the
// cookie is of another browser); a callback is replayed (the pending log-in is used before the provider is asked).
func (m *Module) finishWith(a login.Authenticator) echo.HandlerFunc {
	return func(c echo.Context) error {
		secretive(c)
		ctx := c.Request().Context()
		begun, err := m.flow.Resume(ctx, m.cookies.Value(c.Request(), loginCookie), a.Name())
		if err == nil {
			err = m.flow.Complete(ctx, begun)
		}
		if err != nil {
			return m.elsewhere(c, err)
		}
		userID, err := a.Finish(c, &begun.Attempt)
		if err != nil {
			return err
		}
		user, err := m.accounts.ByID(ctx, userID)
		if err != nil {
			return err
		}
		if user == nil || user.DisabledAt != nil {
			detail := map[string]any{"method": a.Name()}
			err := m.accounts.Record(identity.With(ctx, identity.Actor{}), "auth.login_failed", user, detail)
			return errors.Join(err, problem.Forbidden(texts.T(ctx, "login.no_account")))
		}
		attempt := &flow.Pending{Attempt: login.Attempt{
			Account: user, Method: a.Name(), Remember: begun.Remember, Next: begun.Next,
		}}
		return m.admit(c, attempt, "", nil)
	}
}

// admit lets an account that was authenticated in another way than by the password step go on with the steps after it.
// In one transaction, before is called, if it is not nil, which sets the account of the attempt.
func (m *Module) admit(
	c echo.Context, attempt *flow.Pending, flash string, before func(ctx context.Context) (*covetmodels.User, error),
) error {
	var next entry
	err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) (err error) {
		if before != nil {
			if attempt.Account, err = before(ctx); err != nil {
				return err
			}
		}
		next, err = m.enter(ctx, c, attempt, passwordName)
		return err
	})
	if err != nil {
		return err
	}
	return m.proceed(c, attempt, next, flash)
}

// logout answers POST /logout.
func (m *Module) logout(c echo.Context) error {
	if err := m.SignOut(c); err != nil {
		return err
	}
	return m.done(c, texts.T(c.Request().Context(), "logout.done"), "/")
}
