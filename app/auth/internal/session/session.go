package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/middleware"
	covetmodels "github.com/covetgo/covet/models"
)

// TouchInterval is the precision of the time at which a session or an access token was last used.
const TouchInterval = time.Minute

// maxListed bounds the sessions that List returns.
const maxListed = 100

// ErrChanged is returned by [Store.Begin] and [Store.Lock] when the account is not as it was when it was authenticated.
var ErrChanged = errors.New("the account was changed during the log-in")

// Limits are the lifetimes of sessions. Idle and Max are for sessions that end with the browser, the other two for
// sessions that outlive it.
type Limits struct{ Idle, Max, RememberIdle, RememberMax time.Duration }

func (l Limits) of(remember bool) (idle, absolute time.Duration) {
	if remember {
		return l.RememberIdle, l.RememberMax
	}
	return l.Idle, l.Max
}

// Store stores sessions. It is safe for concurrent use.
type Store struct {
	db     *database.DB
	limits Limits
}

// NewStore returns the sessions stored in db.
func NewStore(db *database.DB, limits Limits) *Store { return &Store{db: db, limits: limits} }

// Start says which session begins.
type Start struct {
	UserID   int64
	Remember bool
	// Replaces is the secret of the session that the browser had, which ends. Empty for none.
	//
	// Threat: session fixation. No session outlives a log-in, and no secret is ever taken from the browser.
	Replaces string
	// Authenticated is the account as it was when it was authenticated. Begin locks the account, and returns ErrChanged if
	// its password or address is another by now, or it is disabled or deleted. Nil for an account that the transaction has
	// locked already.
	//
	// Threat: a log-in with the old password that is in progress while a new one is set would begin a session after all
	// others were ended.
	Authenticated *covetmodels.User
}

// Begin begins a session, in the transaction of ctx. It returns the secret for the cookie, and the lifetime of the
// cookie in seconds: 0 ends it with the browser. The client of ctx is recorded.
func (s *Store) Begin(ctx context.Context, start Start) (secret string, maxAge int, err error) {
	if start.Authenticated != nil {
		if err := s.Lock(ctx, start.Authenticated); err != nil {
			return "", 0, err
		}
	}
	if start.Replaces != "" {
		ended := s.db.With(ctx).Where("token_hash = ?", token.Hash(start.Replaces)).Delete(&covetmodels.Session{})
		if ended.Error != nil {
			return "", 0, fmt.Errorf("ending the old session: %w", ended.Error)
		}
	}
	secret, at := token.New(), token.Now()
	_, absolute := s.limits.of(start.Remember)
	row := covetmodels.Session{
		TokenHash: token.Hash(secret), UserID: start.UserID, Remember: start.Remember,
		Address: shorten(middleware.ClientIP(ctx), 45), UserAgent: shorten(middleware.UserAgent(ctx), 255),
		CreatedAt: at, SignedInAt: at, LastSeenAt: at, ExpiresAt: at.Add(absolute),
	}
	if err := s.db.With(ctx).Create(&row).Error; err != nil {
		return "", 0, fmt.Errorf("beginning a session: %w", err)
	}
	if start.Remember {
		maxAge = int(absolute / time.Second)
	}
	return secret, maxAge, nil
}

// Lock locks an account until the transaction of ctx ends. It returns [ErrChanged] if its password or address is not
// that of user any more, or if it is disabled or deleted.
func (s *Store) Lock(ctx context.Context, user *covetmodels.User) error {
	var current covetmodels.User
	err := s.db.With(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Take(&current, user.ID).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return fmt.Errorf("locking user %d: %w", user.ID, err)
	}
	same := current.PasswordHash == user.PasswordHash && current.Email == user.Email
	if err != nil || !same || current.DisabledAt != nil {
		return ErrChanged
	}
	return nil
}

// Valid reports whether a session is within its limits.
func (s *Store) Valid(row *covetmodels.Session, at time.Time) bool {
	idle, _ := s.limits.of(row.Remember)
	return at.Before(row.ExpiresAt) && at.Before(row.LastSeenAt.Add(idle+TouchInterval))
}

// Touch extends a session: it was used at row.LastSeenAt from row.Address.
func (s *Store) Touch(ctx context.Context, row *covetmodels.Session) error {
	err := s.db.With(ctx).Model(&covetmodels.Session{}).Where("id = ? AND last_seen_at < ?", row.ID, row.LastSeenAt).
		UpdateColumns(map[string]any{"last_seen_at": row.LastSeenAt, "address": shorten(row.Address, 45)}).Error
	if err != nil {
		return fmt.Errorf("extending session %d: %w", row.ID, err)
	}
	return nil
}

// List returns the valid sessions of a user, the latest first, at most 100.
func (s *Store) List(ctx context.Context, userID int64) ([]covetmodels.Session, error) {
	var rows, valid []covetmodels.Session
	err := s.db.With(ctx).Where("user_id = ?", userID).Order("last_seen_at DESC, id DESC").Limit(maxListed).
		Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	at := token.Now()
	for _, row := range rows {
		if s.Valid(&row, at) {
			valid = append(valid, row)
		}
	}
	return valid, nil
}

// End ends one session of a user, and reports whether the user had it.
func (s *Store) End(ctx context.Context, userID, id int64) (bool, error) {
	ended := s.db.With(ctx).Where("id = ? AND user_id = ?", id, userID).Delete(&covetmodels.Session{})
	if ended.Error != nil {
		return false, fmt.Errorf("ending session %d: %w", id, ended.Error)
	}
	return ended.RowsAffected > 0, nil
}

// EndAll ends the sessions of a user, except the one with the id except (0 for none), and returns how many.
func (s *Store) EndAll(ctx context.Context, userID, except int64) (int64, error) {
	ended := s.db.With(ctx).Where("user_id = ? AND id <> ?", userID, except).Delete(&covetmodels.Session{})
	if ended.Error != nil {
		return 0, fmt.Errorf("ending sessions of user %d: %w", userID, ended.Error)
	}
	return ended.RowsAffected, nil
}

// Prune deletes the sessions that are beyond their limits at that time.
func (s *Store) Prune(ctx context.Context, at time.Time) error {
	for _, remember := range []bool{false, true} {
		idle, _ := s.limits.of(remember)
		err := s.db.With(ctx).Where("remember = ? AND last_seen_at < ?", remember, at.Add(-idle-TouchInterval)).
			Delete(&covetmodels.Session{}).Error
		if err != nil {
			return fmt.Errorf("deleting idle sessions: %w", err)
		}
	}
	if err := s.db.With(ctx).Where("expires_at < ?", at).Delete(&covetmodels.Session{}).Error; err != nil {
		return fmt.Errorf("deleting expired sessions: %w", err)
	}
	return nil
}

// shorten cuts text to n bytes at most, between characters, and removes what not every database stores.
func shorten(text string, n int) string {
	if len(text) > n {
		text = text[:n]
		for len(text) > 0 && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
