package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// SignIn begins a session of an account in the browser that sends the request of c, and ends the session that it had.
// Remember makes the session outlive the browser. The caller has authenticated the account: SignIn asks for no
// password and no step. It returns [ErrChanged] if the account was changed or disabled since it was read.
//
// SignIn sets cookies, also those of the user's language and time zone, so that it is called before the response is written, and not in a transaction that may be
// rolled back.
func (m *Module) SignIn(c echo.Context, user *covetmodels.User, remember bool) error {
	var cookie *http.Cookie
	err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		var err error
		cookie, err = m.beginSession(ctx, c, user, remember, "")
		return err
	})
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	m.setCookies(c, user, cookie)
	return nil
}

// beginSession begins the session of an authenticated account, in the transaction of ctx. The cookie goes out with the
// response when the transaction is committed. Method is recorded if it is not empty.
func (m *Module) beginSession(
	ctx context.Context, c echo.Context, user *covetmodels.User, remember bool, method string,
) (*http.Cookie, error) {
	secret, maxAge, err := m.sessions.Begin(ctx, session.Start{
		UserID: user.ID, Remember: remember, Replaces: m.cookies.Session(c.Request()), Authenticated: user,
	})
	if errors.Is(err, session.ErrChanged) {
		return nil, problem.Conflict("").WithCause(ErrChanged)
	}
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"remember": remember}
	if method != "" {
		detail["method"] = method
	}
	err = m.accounts.Record(identity.With(ctx, account.Actor(user)), "auth.login", user, detail)
	return m.cookies.NewSession(secret, maxAge), err
}

// setCookies sends the cookies of a session that has begun, and those of the settings of its user.
func (m *Module) setCookies(c echo.Context, user *covetmodels.User, session *http.Cookie) {
	c.SetCookie(session)
	c.SetCookie(m.cookies.NewDevice(m.cookies.Device(c.Request()), user.ID))
	if user.Language != "" { // else what the visitor has chosen stays
		m.app.RememberLanguage(c, user.Language)
	}
	if user.TimeZone != "" {
		m.app.RememberTimeZone(c, user.TimeZone)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
}

// SignOut ends the session of the browser that sends the request of c, also in the database, so that a copy of its
// cookie is useless. Without a session it does nothing.
func (m *Module) SignOut(c echo.Context) error {
	if secret := m.cookies.Session(c.Request()); secret != "" {
		err := m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
			holder, err := m.resolver.FindSession(ctx, secret)
			if err != nil || holder == nil {
				return err
			}
			if _, err := m.sessions.End(ctx, holder.Account.ID, holder.Session.ID); err != nil {
				return err
			}
			return m.accounts.Record(identity.With(ctx, holder.Actor()), "auth.logout", holder.Account, nil)
		})
		if err != nil {
			return fmt.Errorf("signing out: %w", err)
		}
	}
	m.forget(c)
	return nil
}

// forget has the browser delete what it keeps of a user: the cookies of the session and of a log-in that waits, cached
// pages, and what scripts have stored. The cookie of the device stays, so that the user has attempts of their own at the
// next log-in, and so do those of the application, and the language and the time zone.
//
// Threat: the next user of the browser goes back to the pages of the one before.
func (m *Module) forget(c echo.Context) {
	c.SetCookie(m.cookies.EndSession())
	c.SetCookie(m.cookies.New(loginCookie, "", -1))
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	c.Response().Header().Set("Cache-Control", "no-store")
}

// Sessions returns the valid sessions of an account, the latest first, at most 100.
func (m *Module) Sessions(ctx context.Context, user *covetmodels.User) ([]covetmodels.Session, error) {
	return m.sessions.List(ctx, user.ID)
}

// RevokeSession ends one session of an account. It returns [ErrNotFound] for a session of another account.
func (m *Module) RevokeSession(ctx context.Context, user *covetmodels.User, id int64) error {
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		found, err := m.sessions.End(ctx, user.ID, id)
		if err != nil {
			return err
		}
		if !found {
			return problem.NotFound(texts.T(ctx, "sessions.not_found")).WithCause(ErrNotFound)
		}
		return m.accounts.Record(ctx, "auth.session_end", user, map[string]any{"session": id})
	})
}

// RevokeSessions ends the sessions of an account, except the one with the id except; 0 ends all. Pending log-ins and
// mailed links end as well; access tokens stay.
func (m *Module) RevokeSessions(ctx context.Context, user *covetmodels.User, except int64) error {
	return m.apply(ctx, account.Change{Kind: account.SignedOut, Account: user, Session: except})
}

// NewToken is an access token to be issued.
type NewToken struct {
	// Name is what the user calls the token, at most 100 characters.
	Name string
	// Scopes are the actions that the token is for, written as permissions are: "posts.read", "posts.*", or "*" for all
	// that the user may do.
	Scopes []string
	// ExpiresAt is when the token expires. The zero time means never.
	ExpiresAt time.Time
	// LogIn issues the token as the answer to a log-in by a program: no mail goes to the user, and if the account has 50
	// valid tokens, the oldest with this name is revoked. Without it such a token returns ErrTooManyTokens.
	LogIn bool
}

// IssueToken issues an access token, with which a program acts for an account by the header "Authorization: Bearer".
// The token is returned this once; the database holds its hash. The user is mailed, unless it is the answer to a
// log-in. It returns [ErrChanged] if the account was changed or disabled since it was read, so that no token is issued
// while a change revokes them.
func (m *Module) IssueToken(ctx context.Context, user *covetmodels.User, t NewToken) (secret string, err error) {
	if err := t.check(ctx); err != nil {
		return "", err
	}
	row := covetmodels.AccessToken{UserID: user.ID, Name: t.Name, Scopes: strings.Join(t.Scopes, " ")}
	if !t.ExpiresAt.IsZero() {
		end := t.ExpiresAt.UTC().Truncate(time.Microsecond)
		row.ExpiresAt = &end
	}
	err = m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := m.unchanged(ctx, user); err != nil {
			return err
		}
		if err := m.makeRoom(ctx, user, t); err != nil {
			return err
		}
		if secret, err = m.access.Create(ctx, &row); err != nil {
			return err
		}
		if !t.LogIn {
			if err := m.notify(ctx, account.Notice{Letter: "token", To: user.Email, Account: user}); err != nil {
				return err
			}
		}
		return m.recordToken(ctx, "token.create", user, row.ID, map[string]any{"name": row.Name, "scopes": row.Scopes})
	})
	return secret, err
}

// unchanged locks an account, in the transaction of ctx. It returns [ErrChanged] if it is not as user says any more.
func (m *Module) unchanged(ctx context.Context, user *covetmodels.User) error {
	err := m.sessions.Lock(ctx, user)
	if errors.Is(err, session.ErrChanged) {
		return problem.Conflict("").WithCause(ErrChanged)
	}
	return err
}

// The maximum lengths of a token's name and scopes, in characters.
const (
	maxTokenName = 100
	maxScopes    = 1000
)

func (t NewToken) check(ctx context.Context) error {
	errs := validate.Errors{}
	if n := len([]rune(t.Name)); n == 0 || n > maxTokenName {
		errs.Add("name", texts.T(ctx, "tokens.name_length", "n", maxTokenName))
	}
	for _, scope := range t.Scopes {
		if err := identity.CheckPermission(scope); err != nil {
			errs.Add("scopes", texts.T(ctx, "tokens.scopes_invalid"))
		}
	}
	if n := len(strings.Join(t.Scopes, " ")); n == 0 || n > maxScopes {
		errs.Add("scopes", texts.T(ctx, "tokens.scopes_length", "n", maxScopes))
	}
	return errs.Err()
}

// makeRoom keeps the access tokens of an account within their limit, of which expired ones are not a part.
func (m *Module) makeRoom(ctx context.Context, user *covetmodels.User, t NewToken) error {
	rows, err := m.access.List(ctx, user.ID)
	if err != nil {
		return err
	}
	valid, oldest, now := 0, int64(0), time.Now()
	for _, row := range rows { // the newest first
		if row.ExpiresAt == nil || now.Before(*row.ExpiresAt) {
			valid++
			if row.Name == t.Name {
				oldest = row.ID
			}
		}
	}
	switch {
	case valid < token.MaxAccess:
		return nil
	case t.LogIn && oldest != 0:
		_, err := m.access.Revoke(ctx, user.ID, oldest)
		return err
	}
	return problem.New(http.StatusConflict, "too_many_tokens", texts.T(ctx, "tokens.too_many")).WithCause(ErrTooManyTokens)
}

// Tokens returns the access tokens of an account that are not revoked, expired ones too, the newest first, at most 100.
func (m *Module) Tokens(ctx context.Context, user *covetmodels.User) ([]covetmodels.AccessToken, error) {
	return m.access.List(ctx, user.ID)
}

// RevokeToken revokes one access token of an account. It returns [ErrNotFound] for a token of another account.
func (m *Module) RevokeToken(ctx context.Context, user *covetmodels.User, id int64) error {
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		found, err := m.access.Revoke(ctx, user.ID, id)
		if err != nil {
			return err
		}
		if !found {
			return problem.NotFound(texts.T(ctx, "tokens.not_found")).WithCause(ErrNotFound)
		}
		return m.recordToken(ctx, "token.revoke", user, id, nil)
	})
}

// RevokeCurrent ends the session or the access token that the request of ctx was sent with: a log-out by a program. In
// a browser, [Module.SignOut] removes the cookie as well. It returns a problem (401) if nobody is signed in.
func (m *Module) RevokeCurrent(ctx context.Context) error {
	holder, err := identify.From(ctx)
	switch {
	case err != nil:
		return err
	case holder == nil:
		return problem.Unauthorized("")
	case holder.Token != nil:
		return m.RevokeToken(ctx, holder.Account, holder.Token.ID)
	}
	return m.RevokeSession(ctx, holder.Account, holder.Session.ID)
}

// recordToken records what happened to an access token. The owner acts unless ctx says who does.
func (m *Module) recordToken(
	ctx context.Context, action string, user *covetmodels.User, id int64, detail map[string]any,
) error {
	event := audit.Event{Action: action, Subject: audit.Subject("covet_access_tokens", id), Detail: detail}
	if _, ok := identity.From(ctx); !ok {
		event.Actor = account.Actor(user)
	}
	return m.app.Audit.Record(ctx, event)
}
