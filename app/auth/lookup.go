package auth

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// person is who a session or an access token belongs to, as it was when it was looked up.
type person struct {
	model       any // pointer to the application's model, not to be changed
	account     *covetmodels.User
	name        string
	permissions []string

	session *covetmodels.Session     // of a browser, or nil
	token   *covetmodels.AccessToken // of a program, or nil
}

func (p *person) actor() identity.Actor {
	actor := identity.Actor{
		ID: strconv.FormatInt(p.account.ID, 10), Name: p.name, Email: p.account.Email, Permissions: p.permissions,
	}
	if p.token != nil {
		actor.Token, actor.Scopes = true, strings.Fields(p.token.Scopes)
		if actor.Scopes == nil {
			actor.Scopes = []string{} // none: nil would mean all
		}
	}
	if p.session != nil {
		actor.SignedInAt = p.session.SignedInAt
	}
	return actor
}

// The tail of each query: one row for each permission, or one without. The columns of users come last, whatever the
// application added to them.
const whoseTail = ` rp.permission, u.* FROM %s x JOIN users u ON u.id = x.user_id
LEFT JOIN covet_user_roles ur ON ur.user_id = u.id
LEFT JOIN covet_role_permissions rp ON rp.role_id = ur.role_id
WHERE x.token_hash = ?`

var (
	sessionQuery = `SELECT x.id, x.user_id, x.remember, x.address, x.user_agent, x.created_at, x.signed_in_at, x.last_seen_at, x.expires_at,` +
		fmt.Sprintf(whoseTail, "covet_sessions")
	tokenQuery = `SELECT x.id, x.user_id, x.name, x.scopes, x.created_at, x.last_used_at, x.expires_at, x.revoked_at,` +
		fmt.Sprintf(whoseTail, "covet_access_tokens")
)

// findSession looks up whose session a token is, whether or not it is still good.
func (m *Module) findSession(ctx context.Context, hash string) (*person, error) {
	s := &covetmodels.Session{TokenHash: hash}
	own := []any{&s.ID, &s.UserID, &s.Remember, &s.Address, &s.UserAgent, &s.CreatedAt, &s.SignedInAt, &s.LastSeenAt, &s.ExpiresAt}
	p, err := m.find(ctx, sessionQuery, hash, own)
	if p != nil {
		p.session = s
	}
	return p, err
}

// findToken looks up whose access token a token is, whether or not it is still good.
func (m *Module) findToken(ctx context.Context, hash string) (*person, error) {
	t := &covetmodels.AccessToken{TokenHash: hash}
	own := []any{&t.ID, &t.UserID, &t.Name, &t.Scopes, &t.CreatedAt, &t.LastUsedAt, &t.ExpiresAt, &t.RevokedAt}
	p, err := m.find(ctx, tokenQuery, hash, own)
	if p != nil {
		p.token = t
	}
	return p, err
}

// find runs one query for the row that own points into, its user and all permissions. It returns nil for none.
func (m *Module) find(ctx context.Context, query, hash string, own []any) (_ *person, err error) {
	rows, err := m.app.DB.With(ctx).Raw(query, hash).Rows()
	if err != nil {
		return nil, fmt.Errorf("finding out who acts: %w", err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("finding out who acts: %w", closeErr)
		}
	}()
	found, err := m.scanPerson(ctx, rows, own)
	if err != nil {
		return nil, fmt.Errorf("finding out who acts: %w", err)
	}
	return found, nil
}

func (m *Module) scanPerson(ctx context.Context, rows *sql.Rows, own []any) (*person, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var p *person
	for rows.Next() {
		user, err := m.users.scan(ctx, columns[len(own)+1:])
		if err != nil {
			return nil, err
		}
		var permission sql.NullString
		if err := rows.Scan(append(append(own[:len(own):len(own)], &permission), user.targets...)...); err != nil {
			return nil, err
		}
		if p == nil {
			p = &person{}
			if p.model, p.account, p.name, err = user.finish(ctx); err != nil {
				return nil, err
			}
		}
		if permission.Valid {
			p.permissions = append(p.permissions, permission.String)
		}
	}
	return p, rows.Err()
}

// inTransaction reports whether statements under ctx would see what is not committed yet, which no cache may keep.
func (m *Module) inTransaction(ctx context.Context) bool {
	_, ok := m.app.DB.With(ctx).Statement.ConnPool.(gorm.TxCommitter)
	return ok
}

// sessionPerson returns who is signed in with a session token, or nil.
func (m *Module) sessionPerson(ctx context.Context, token string) (*person, error) {
	p, err := m.cached(ctx, hashToken(token), m.findSession)
	if err != nil || p == nil {
		return nil, err
	}
	now := time.Now()
	if p.account.DisabledAt != nil || !m.sessionGood(p.session, now) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	return m.touchSession(ctx, p, now), nil
}

// tokenPerson returns whom an access token acts for, or nil.
func (m *Module) tokenPerson(ctx context.Context, token string) (*person, error) {
	if !wellFormed(token) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	p, err := m.cached(ctx, hashToken(token), m.findToken)
	if err != nil || p == nil {
		return nil, err
	}
	now := time.Now()
	if p.account.DisabledAt != nil || p.token.RevokedAt != nil || (p.token.ExpiresAt != nil && !now.Before(*p.token.ExpiresAt)) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	return m.touchToken(ctx, p, now), nil
}

// cached looks a hash up in the cache, and with find otherwise.
func (m *Module) cached(ctx context.Context, hash string, find func(context.Context, string) (*person, error)) (*person, error) {
	if p, ok := m.cache.get(hash); ok {
		return p, nil // committed, even when ctx carries a transaction
	}
	if m.inTransaction(ctx) {
		return find(ctx, hash)
	}
	seen := m.cache.generation()
	p, err := find(ctx, hash)
	if err == nil && p != nil {
		m.cache.put(hash, p, seen)
	}
	return p, err
}
