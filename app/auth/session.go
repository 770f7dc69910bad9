package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	covetmodels "github.com/covetgo/covet/models"
)

// touchEvery is how exactly the time is known at which a session or a token was last used.
const touchEvery = time.Minute

// newToken returns 256 random bits in base64url.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken is what is stored of a token. A token is random, so that nobody can try them all: no salt, no slow hash.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// now is the time as every database stores it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (m *Module) sessionLimits(remember bool) (idle, most time.Duration) {
	if remember {
		return m.cfg.RememberIdle, m.cfg.RememberMax
	}
	return m.cfg.SessionIdle, m.cfg.SessionMax
}

func (m *Module) sessionGood(s *covetmodels.Session, at time.Time) bool {
	idle, _ := m.sessionLimits(s.Remember)
	return at.Before(s.ExpiresAt) && at.Before(s.LastSeenAt.Add(idle+touchEvery))
}

// signIn begins a session for a browser, in the transaction of ctx, and ends the one that it had. The cookie goes out
// with the response; the caller makes none when the transaction fails.
//
// Threat: session fixation. No session outlives a log-in, and no token is ever taken from the browser.
func (m *Module) signIn(ctx context.Context, c echo.Context, userID int64, remember bool) (*http.Cookie, error) {
	if old := m.sessionCookie(c.Request()); old != "" {
		ended := m.app.DB.With(ctx).Where("token_hash = ?", hashToken(old)).Delete(&covetmodels.Session{})
		if ended.Error != nil {
			return nil, fmt.Errorf("ending the old session: %w", ended.Error)
		}
	}
	token, at := newToken(), now()
	_, most := m.sessionLimits(remember)
	session := covetmodels.Session{
		TokenHash: hashToken(token), UserID: userID, Remember: remember,
		Address: shorten(middleware.ClientIP(ctx), 45), UserAgent: shorten(middleware.UserAgent(ctx), 255),
		CreatedAt: at, SignedInAt: at, LastSeenAt: at, ExpiresAt: at.Add(most),
	}
	if err := m.app.DB.With(ctx).Create(&session).Error; err != nil {
		return nil, fmt.Errorf("beginning a session: %w", err)
	}
	maxAge := 0 // with the browser
	if remember {
		maxAge = int(most / time.Second)
	}
	return m.cookies.New(sessionName, token, maxAge), nil
}

// endSessions ends the sessions of a user, except the one with the id keep, and returns how many.
func (m *Module) endSessions(ctx context.Context, userID, keep int64) (int64, error) {
	ended := m.app.DB.With(ctx).Where("user_id = ? AND id <> ?", userID, keep).Delete(&covetmodels.Session{})
	if ended.Error != nil {
		return 0, fmt.Errorf("ending sessions of user %d: %w", userID, ended.Error)
	}
	return ended.RowsAffected, nil
}

// touchSession notes that a session is in use, at most once a minute. It returns p, or a copy of it that knows. A request
// does not fail because of it.
func (m *Module) touchSession(ctx context.Context, p *person, at time.Time) *person {
	if at.Sub(p.session.LastSeenAt) < touchEvery || m.inTransaction(ctx) {
		return p
	}
	touched, session := *p, *p.session
	session.LastSeenAt, session.Address = at.UTC().Truncate(time.Microsecond), shorten(middleware.ClientIP(ctx), 45)
	touched.session = &session
	err := m.app.DB.With(harmless(ctx)).Model(&covetmodels.Session{}).
		Where("id = ? AND last_seen_at < ?", session.ID, session.LastSeenAt).
		UpdateColumns(map[string]any{"last_seen_at": session.LastSeenAt, "address": session.Address}).Error
	if err != nil {
		m.app.Log.WarnContext(ctx, "noting that a session is in use", slog.String("error", err.Error()))
		return p
	}
	m.cache.replace(session.TokenHash, p, &touched)
	return &touched
}

// touchToken is touchSession for access tokens.
func (m *Module) touchToken(ctx context.Context, p *person, at time.Time) *person {
	if (p.token.LastUsedAt != nil && at.Sub(*p.token.LastUsedAt) < touchEvery) || m.inTransaction(ctx) {
		return p
	}
	touched, token := *p, *p.token
	used := at.UTC().Truncate(time.Microsecond)
	token.LastUsedAt = &used
	touched.token = &token
	err := m.app.DB.With(harmless(ctx)).Model(&covetmodels.AccessToken{}).
		Where("id = ?", token.ID).UpdateColumn("last_used_at", used).Error
	if err != nil {
		m.app.Log.WarnContext(ctx, "noting that an access token is in use", slog.String("error", err.Error()))
		return p
	}
	m.cache.replace(token.TokenHash, p, &touched)
	return &touched
}
