package identify

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/middleware"
	covetmodels "github.com/covetgo/covet/models"
)

// Model reads columns of the table users into the application's model. *account.Model implements it.
type Model interface {
	// Scan returns targets for the values of columns, and a function that turns them into a model once they are scanned.
	Scan(ctx context.Context, columns []string) (targets []any, read func(context.Context) (User, error), err error)
}

// User is a row of the table users.
type User struct {
	// Model points to the application's model, in which Account is embedded. Name may be empty.
	Model   any
	Account *covetmodels.User
	Name    string
}

// Resolver finds holders. It is safe for concurrent use.
type Resolver struct {
	db       *database.DB
	log      *slog.Logger
	model    Model
	sessions *session.Store
	access   *token.Access
	cache    *cache
}

// NewResolver returns a resolver whose cache lasts for ttl; 0 switches the cache off.
func NewResolver(
	db *database.DB, log *slog.Logger, model Model, sessions *session.Store, access *token.Access, ttl time.Duration,
) (*Resolver, error) {
	r := &Resolver{db: db, log: log, model: model, sessions: sessions, access: access, cache: newCache(ttl)}
	if err := r.cache.watch(db.With(context.Background())); err != nil {
		return nil, fmt.Errorf("watching writes: %w", err)
	}
	return r, nil
}

// BySession returns the holder of a valid session, or nil. The session is extended, at most once a minute.
func (r *Resolver) BySession(ctx context.Context, secret string) (*Holder, error) {
	h, err := r.cached(ctx, token.Hash(secret), r.findSession)
	if err != nil || h == nil || h.Session == nil { // the cache may have it as an access token
		return nil, err
	}
	now := time.Now()
	if h.Account.DisabledAt != nil || !r.sessions.Valid(h.Session, now) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	if now.Sub(h.Session.LastSeenAt) < session.TouchInterval || r.inTransaction(ctx) {
		return h, nil
	}
	touched, row := *h, *h.Session
	row.LastSeenAt, row.Address = now.UTC().Truncate(time.Microsecond), middleware.ClientIP(ctx)
	touched.Session = &row
	if err := r.sessions.Touch(harmless(ctx), &row); err != nil {
		r.log.WarnContext(ctx, "session not extended", slog.String("error", err.Error())) // the request goes on
		return h, nil
	}
	r.cache.replace(row.TokenHash, h, &touched)
	return &touched, nil
}

// ByAccessToken returns the holder of a valid access token, or nil. Its last use is recorded, at most once a minute.
func (r *Resolver) ByAccessToken(ctx context.Context, secret string) (*Holder, error) {
	if !token.WellFormed(secret) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	h, err := r.cached(ctx, token.Hash(secret), r.findToken)
	if err != nil || h == nil || h.Token == nil {
		return nil, err
	}
	now := time.Now()
	expired := h.Token.ExpiresAt != nil && !now.Before(*h.Token.ExpiresAt)
	if h.Account.DisabledAt != nil || h.Token.RevokedAt != nil || expired {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	if (h.Token.LastUsedAt != nil && now.Sub(*h.Token.LastUsedAt) < session.TouchInterval) || r.inTransaction(ctx) {
		return h, nil
	}
	touched, row := *h, *h.Token
	used := now.UTC().Truncate(time.Microsecond)
	row.LastUsedAt = &used
	touched.Token = &row
	if err := r.access.Used(harmless(ctx), row.ID, used); err != nil {
		r.log.WarnContext(ctx, "use of access token not recorded", slog.String("error", err.Error()))
		return h, nil
	}
	r.cache.replace(row.TokenHash, h, &touched)
	return &touched, nil
}

// FindSession returns the holder of a session from the database, whether or not the session is valid. It returns nil
// when there is no such session.
func (r *Resolver) FindSession(ctx context.Context, secret string) (*Holder, error) {
	return r.findSession(ctx, token.Hash(secret))
}

// cached returns the holder with this hash from the cache, or else by find.
func (r *Resolver) cached(
	ctx context.Context, hash string, find func(context.Context, string) (*Holder, error),
) (*Holder, error) {
	if h, ok := r.cache.get(hash); ok {
		return h, nil // committed, even when ctx carries a transaction
	}
	if r.inTransaction(ctx) {
		return find(ctx, hash)
	}
	seen := r.cache.generation()
	h, err := find(ctx, hash)
	if err == nil && h != nil {
		r.cache.put(hash, h, seen)
	}
	return h, err
}

// inTransaction reports whether statements under ctx would read what is not committed yet, which no cache may hold.
func (r *Resolver) inTransaction(ctx context.Context) bool {
	_, ok := r.db.With(ctx).Statement.ConnPool.(gorm.TxCommitter)
	return ok
}

// The end of both queries: one row for each permission, or one without. The columns of users come last, whatever the
// application added to them.
const holderOf = ` rp.permission, u.* FROM %s x JOIN users u ON u.id = x.user_id
LEFT JOIN covet_user_roles ur ON ur.user_id = u.id
LEFT JOIN covet_role_permissions rp ON rp.role_id = ur.role_id
WHERE x.token_hash = ?`

var (
	sessionQuery = `SELECT x.id, x.user_id, x.remember, x.address, x.user_agent, x.created_at, x.signed_in_at, ` +
		`x.last_seen_at, x.expires_at,` + fmt.Sprintf(holderOf, "covet_sessions")
	tokenQuery = `SELECT x.id, x.user_id, x.name, x.scopes, x.created_at, x.last_used_at, x.expires_at, x.revoked_at,` +
		fmt.Sprintf(holderOf, "covet_access_tokens")
)

func (r *Resolver) findSession(ctx context.Context, hash string) (*Holder, error) {
	s := &covetmodels.Session{TokenHash: hash}
	own := []any{
		&s.ID, &s.UserID, &s.Remember, &s.Address, &s.UserAgent, &s.CreatedAt, &s.SignedInAt, &s.LastSeenAt, &s.ExpiresAt,
	}
	h, err := r.find(ctx, sessionQuery, hash, own)
	if h != nil {
		h.Session = s
	}
	return h, err
}

func (r *Resolver) findToken(ctx context.Context, hash string) (*Holder, error) {
	t := &covetmodels.AccessToken{TokenHash: hash}
	own := []any{&t.ID, &t.UserID, &t.Name, &t.Scopes, &t.CreatedAt, &t.LastUsedAt, &t.ExpiresAt, &t.RevokedAt}
	h, err := r.find(ctx, tokenQuery, hash, own)
	if h != nil {
		h.Token = t
	}
	return h, err
}

// find runs one query for the row that own points into, its user and all permissions. It returns nil for none.
func (r *Resolver) find(ctx context.Context, query, hash string, own []any) (_ *Holder, err error) {
	rows, err := r.db.With(ctx).Raw(query, hash).Rows()
	if err != nil {
		return nil, fmt.Errorf("identifying the account: %w", err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("identifying the account: %w", closeErr)
		}
	}()
	h, err := r.scan(ctx, rows, own)
	if err != nil {
		return nil, fmt.Errorf("identifying the account: %w", err)
	}
	return h, nil
}

func (r *Resolver) scan(ctx context.Context, rows *sql.Rows, own []any) (*Holder, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var h *Holder
	for rows.Next() {
		targets, read, err := r.model.Scan(ctx, columns[len(own)+1:])
		if err != nil {
			return nil, err
		}
		var permission sql.NullString
		if err := rows.Scan(append(append(own[:len(own):len(own)], &permission), targets...)...); err != nil {
			return nil, err
		}
		if h == nil {
			user, err := read(ctx)
			if err != nil {
				return nil, err
			}
			h = &Holder{Model: user.Model, Account: user.Account, Name: user.Name}
		}
		if permission.Valid {
			h.Permissions = append(h.Permissions, permission.String)
		}
	}
	return h, rows.Err()
}
