package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// maxPassword is how many characters of a password are looked at.
//
// Threat: hashing megabytes keeps a server busy. What is longer is refused, or wrong after the work for a short one.
const maxPassword = 128

type loginForm struct {
	Email    string `form:"email" required:"true" maxLength:"254"`
	Password string `form:"password" trim:"false" required:"true"`
	Remember bool   `form:"remember"`
	Next     string `form:"next"`
}

func (m *Module) showLogin(c echo.Context) error {
	next := m.next(c.QueryParam("next"))
	if _, ok := identity.From(c.Request().Context()); ok {
		return web.Redirect(c, m.orHome(next))
	}
	return m.show(c, m.views.Login, m.loginPage(loginForm{Next: next}, nil))
}

func (m *Module) orHome(next string) string {
	if next == "" {
		return m.afterLogin
	}
	return next
}

func (m *Module) loginPage(form loginForm, errs validate.Errors) page.Form {
	remember := ui.Input{Label: m.text("login.remember"), Name: "remember", Type: "checkbox"}
	if form.Remember {
		remember.Value = "true"
	}
	p := page.Form{
		Action: loginPath, Signup: !m.cfg.SignupClosed,
		Inputs: []ui.Input{m.emailInput("email.label", form.Email, errs), m.currentInput("password.label", errs), remember},
	}
	if next := m.next(form.Next); next != "" {
		p.Hidden = []page.Hidden{{Name: "next", Value: next}}
	}
	return p
}

// login answers POST /login.
//
// Threat: whoever tries addresses learns which have an account, by the answer or by how long it takes. Unknown, disabled
// and wrong are answered alike, after the same work.
func (m *Module) login(c echo.Context) error {
	var form loginForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Login, m.loginPage(form, errs))
	}
	ctx := c.Request().Context()
	email := normalize(form.Email)
	user, err := m.accountByEmail(ctx, email)
	if err != nil {
		return err
	}
	var device string
	if user != nil {
		device = m.device(c.Request(), user.ID)
	}
	if err := m.throttle(ctx, m.loginLimits(ctx, device, email)...); err != nil {
		return err
	}
	ok, err := m.verify(ctx, user, form.Password)
	if err != nil {
		return err
	}
	if !ok {
		if err := m.recordFailure(ctx, email, user); err != nil {
			return err
		}
		p := m.loginPage(form, nil)
		p.Alert = m.text("login.wrong")
		return m.show(c, m.views.Login, p)
	}
	if user.EmailVerifiedAt == nil {
		return m.askToVerify(c, user)
	}
	return m.enter(c, user, form.Remember, m.orHome(m.next(form.Next)), "")
}

// verify reports whether an account that is there, and not disabled, has this password. It takes as long when not.
func (m *Module) verify(ctx context.Context, user *covetmodels.User, plain string) (bool, error) {
	if utf8.RuneCountInString(plain) > maxPassword {
		if err := password.VerifyDummy(ctx, ""); err != nil {
			return false, fmt.Errorf("verifying a password: %w", busy(err))
		}
		return false, nil
	}
	var hash string
	if user != nil {
		hash = user.PasswordHash // empty: nothing matches, after the usual time
	}
	ok, rehash, err := password.Verify(ctx, hash, plain)
	if errors.Is(err, password.ErrMalformed) {
		m.app.Log.ErrorContext(ctx, "the password of an account cannot be verified", "user_id", user.ID, "error", err)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("verifying a password: %w", busy(err))
	}
	if !ok || user.DisabledAt != nil {
		return false, nil
	}
	if rehash {
		if err := m.rehash(ctx, user, plain); err != nil {
			return false, err
		}
	}
	return true, nil
}

// rehash stores a password as it is stored today, unless it was changed in the meantime.
func (m *Module) rehash(ctx context.Context, user *covetmodels.User, plain string) error {
	hash, err := password.Hash(ctx, plain)
	if err != nil {
		return fmt.Errorf("hashing a password anew: %w", busy(err))
	}
	updated := m.app.DB.With(ctx).Model(&covetmodels.User{}).
		Where("id = ? AND password_hash = ?", user.ID, user.PasswordHash).Update("password_hash", hash)
	if updated.Error != nil {
		return fmt.Errorf("storing a password anew: %w", updated.Error)
	}
	user.PasswordHash = hash
	return nil
}

func (m *Module) recordFailure(ctx context.Context, email string, user *covetmodels.User) error {
	detail := map[string]any{}
	if isEmail(email) {
		detail["email"] = email // anything else may be a password in the wrong field
	}
	return m.record(identity.With(ctx, identity.Actor{}), "auth.login_failed", user, detail)
}

// askToVerify mails a link to somebody who gave the right password and has never shown that the address is theirs.
func (m *Module) askToVerify(c echo.Context, user *covetmodels.User) error {
	ctx := c.Request().Context()
	mail, err := m.mayMail(ctx, "", user.Email)
	if err != nil {
		return err
	}
	if mail {
		err = m.requestLink(ctx, covetmodels.Token{Purpose: purposeVerify, UserID: &user.ID, Email: user.Email})
	}
	if err != nil {
		return err
	}
	return m.showSent(c, "sent.verify")
}

// enter signs somebody in who has proved who they are.
func (m *Module) enter(c echo.Context, user *covetmodels.User, remember bool, path, flash string) error {
	var cookie *http.Cookie
	err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		err := m.unchanged(ctx, user)
		if err != nil {
			return err
		}
		if cookie, err = m.signIn(ctx, c, user.ID, remember); err != nil {
			return err
		}
		return m.record(identity.With(ctx, actorOf(user)), "auth.login", user, map[string]any{"remember": remember})
	})
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	return m.welcome(c, user, cookie, path, flash)
}

// unchanged holds an account as it was when its password was verified, until the transaction of ctx ends.
//
// Threat: a log-in with the old password that is under way while a new one is set would begin a session after all others
// have been ended.
func (m *Module) unchanged(ctx context.Context, user *covetmodels.User) error {
	var current covetmodels.User
	err := m.app.DB.With(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Take(&current, user.ID).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return fmt.Errorf("locking user %d: %w", user.ID, err)
	}
	if err != nil || current.PasswordHash != user.PasswordHash || current.DisabledAt != nil {
		return problem.Conflict("")
	}
	return nil
}

// welcome sends the cookies of a session that has begun, and the browser on.
func (m *Module) welcome(c echo.Context, user *covetmodels.User, session *http.Cookie, path, flash string) error {
	c.SetCookie(session)
	c.SetCookie(m.deviceCookie(c.Request(), user.ID))
	c.Response().Header().Set("Cache-Control", "no-store")
	if flash == "" {
		return web.Redirect(c, path)
	}
	return m.done(c, flash, path)
}

// logout answers POST /logout: the session ends in the database, so that its cookie is of no use to anybody.
func (m *Module) logout(c echo.Context) error {
	ctx := c.Request().Context()
	if token := m.sessionCookie(c.Request()); token != "" {
		err := m.app.DB.Transaction(ctx, func(ctx context.Context) error {
			p, err := m.findSession(ctx, hashToken(token))
			if err != nil || p == nil {
				return err
			}
			if err := m.app.DB.With(ctx).Delete(p.session).Error; err != nil {
				return err
			}
			return m.record(identity.With(ctx, p.actor()), "auth.logout", p.account, nil)
		})
		if err != nil {
			return fmt.Errorf("signing out: %w", err)
		}
	}
	c.SetCookie(m.expired(sessionName))
	return m.done(c, "logout.done", "/")
}
