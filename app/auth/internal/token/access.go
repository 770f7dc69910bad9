package token

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// An access token is accessPrefix, accessLength random characters of base32 (260 bits), and a checksum of both:
// scanners of source code recognize it for sure, and a typing error costs no query.
const (
	accessPrefix = "covet_pat_"
	accessLength = 52
)

// MaxAccess is how many valid access tokens one account may have.
const MaxAccess = 50

// maxListed bounds the access tokens that List returns.
const maxListed = 100

// NewAccess returns a new access token.
func NewAccess() string {
	body := accessPrefix + rand.Text() + rand.Text()
	return body + checksum(body)
}

func checksum(text string) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], crc32.ChecksumIEEE([]byte(text)))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// WellFormed reports whether text can be an access token.
func WellFormed(text string) bool {
	const body = len(accessPrefix) + accessLength
	return len(text) == body+7 && strings.HasPrefix(text, accessPrefix) && checksum(text[:body]) == text[body:]
}

// Access stores access tokens. It is safe for concurrent use.
type Access struct{ db *database.DB }

// NewAccessStore returns the access tokens stored in db.
func NewAccessStore(db *database.DB) *Access { return &Access{db: db} }

// Create stores row with the hash of a new token, sets its ID, and returns the token, which is not stored.
func (a *Access) Create(ctx context.Context, row *covetmodels.AccessToken) (secret string, err error) {
	secret = NewAccess()
	row.TokenHash, row.Hint, row.CreatedAt = Hash(secret), secret[:len(accessPrefix)+4], Now()
	if err := a.db.With(ctx).Create(row).Error; err != nil {
		return "", fmt.Errorf("storing an access token: %w", err)
	}
	return secret, nil
}

// List returns the access tokens of a user that are not revoked, expired ones too, the newest first, at most 100.
func (a *Access) List(ctx context.Context, userID int64) ([]covetmodels.AccessToken, error) {
	var rows []covetmodels.AccessToken
	err := a.db.With(ctx).Where("user_id = ? AND revoked_at IS NULL", userID).
		Order("created_at DESC, id DESC").Limit(maxListed).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("listing access tokens: %w", err)
	}
	return rows, nil
}

// Revoke revokes one access token of a user, and reports whether the user has it.
func (a *Access) Revoke(ctx context.Context, userID, id int64) (bool, error) {
	revoked := a.db.With(ctx).Model(&covetmodels.AccessToken{}).
		Where("id = ? AND user_id = ? AND revoked_at IS NULL", id, userID).Update("revoked_at", Now())
	if revoked.Error != nil {
		return false, fmt.Errorf("revoking access token %d: %w", id, revoked.Error)
	}
	return revoked.RowsAffected > 0, nil
}

// RevokeAll revokes the access tokens of a user, and returns how many.
func (a *Access) RevokeAll(ctx context.Context, userID int64) (int64, error) {
	revoked := a.db.With(ctx).Model(&covetmodels.AccessToken{}).
		Where("user_id = ? AND revoked_at IS NULL", userID).Update("revoked_at", Now())
	if revoked.Error != nil {
		return 0, fmt.Errorf("revoking access tokens of user %d: %w", userID, revoked.Error)
	}
	return revoked.RowsAffected, nil
}

// Used records when an access token was last used.
func (a *Access) Used(ctx context.Context, id int64, at time.Time) error {
	err := a.db.With(ctx).Model(&covetmodels.AccessToken{}).Where("id = ?", id).UpdateColumn("last_used_at", at).Error
	if err != nil {
		return fmt.Errorf("recording the use of access token %d: %w", id, err)
	}
	return nil
}
