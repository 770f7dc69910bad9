package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// The purposes of mailed links.
const (
	Signup = "signup" // creates an account
	Verify = "verify" // confirms the address of an existing account
	Reset  = "reset"  // sets a new password
	Email  = "email"  // changes the address of an account
)

// ErrInvalid is returned for a link that is used, expired, replaced or made up.
var ErrInvalid = errors.New("the link is invalid, expired or used")

// Links stores mailed links. It is safe for concurrent use.
type Links struct {
	db             *database.DB
	reset, confirm time.Duration
}

// NewLinks returns the links stored in db. Links that set a password expire after reset, all others after confirm.
func NewLinks(db *database.DB, reset, confirm time.Duration) *Links {
	return &Links{db: db, reset: reset, confirm: confirm}
}

func (l *Links) lifetime(purpose string) time.Duration {
	if purpose == Reset {
		return l.reset
	}
	return l.confirm
}

// Request stores the request for a link and sets the ID of row. Nothing opens the link before [Links.Issue]: until then
// the row holds the hash of a secret that nobody has.
func (l *Links) Request(ctx context.Context, row *covetmodels.Token) error {
	row.TokenHash = Hash(New())
	row.CreatedAt = Now()
	row.ExpiresAt = row.CreatedAt.Add(l.lifetime(row.Purpose))
	if err := l.db.With(ctx).Create(row).Error; err != nil {
		return fmt.Errorf("storing the request for a link: %w", err)
	}
	return nil
}

// Issue gives a requested link a new secret and returns it. The lifetime starts now, and older links of the same
// purpose to the same account end. Links of sign-ups stay, because the newest of those may be an attacker's.
func (l *Links) Issue(ctx context.Context, row *covetmodels.Token) (secret string, err error) {
	secret = New()
	err = l.db.With(ctx).Model(row).Updates(map[string]any{
		"token_hash": Hash(secret), "user_id": row.UserID, "email": row.Email,
		"expires_at": Now().Add(l.lifetime(row.Purpose)),
	}).Error
	if err != nil {
		return "", fmt.Errorf("issuing a link: %w", err)
	}
	if row.UserID == nil {
		return secret, nil
	}
	err = l.db.With(ctx).
		Where("user_id = ? AND purpose = ? AND used_at IS NULL AND id < ?", *row.UserID, row.Purpose, row.ID).
		Delete(&covetmodels.Token{}).Error
	if err != nil {
		return "", fmt.Errorf("deleting older links: %w", err)
	}
	return secret, nil
}

// Requested returns the row of a request that is still valid, and [ErrInvalid] otherwise.
func (l *Links) Requested(ctx context.Context, id int64) (*covetmodels.Token, error) {
	var row covetmodels.Token
	err := l.db.With(ctx).Where("used_at IS NULL AND expires_at > ?", Now()).Take(&row, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrInvalid
	}
	if err != nil {
		return nil, fmt.Errorf("loading the request for a link: %w", err)
	}
	return &row, nil
}

// Delete deletes the row of a link.
func (l *Links) Delete(ctx context.Context, row *covetmodels.Token) error {
	if err := l.db.With(ctx).Delete(row).Error; err != nil {
		return fmt.Errorf("deleting the request for a link: %w", err)
	}
	return nil
}

// Find returns the row of a valid link, and [ErrInvalid] otherwise. It changes nothing.
func (l *Links) Find(ctx context.Context, purpose, secret string) (*covetmodels.Token, error) {
	var row covetmodels.Token
	err := l.db.With(ctx).Where("token_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?",
		Hash(secret), purpose, Now()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrInvalid
	}
	if err != nil {
		return nil, fmt.Errorf("finding the link: %w", err)
	}
	return &row, checkAddress(l.db.With(ctx), &row)
}

// Use marks a link as used, in the transaction of ctx, and returns [ErrInvalid] to all but one of those who try at
// once. It locks the account until the transaction ends.
func (l *Links) Use(ctx context.Context, row *covetmodels.Token) error {
	locked := l.db.With(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	if err := checkAddress(locked, row); err != nil {
		return err
	}
	used := l.db.With(ctx).Model(&covetmodels.Token{}).
		Where("id = ? AND token_hash = ? AND used_at IS NULL AND expires_at > ?", row.ID, row.TokenHash, Now()).
		UpdateColumn("used_at", Now())
	if used.Error != nil {
		return fmt.Errorf("using the link: %w", used.Error)
	}
	if used.RowsAffected != 1 {
		return ErrInvalid
	}
	return nil
}

// checkAddress returns [ErrInvalid] unless a link to an account was mailed to the address that the account has now. A
// link to a new address is mailed before the account has it.
//
// Threat: the address of an account is changed because an attacker reads the old mailbox, and they use a link from
// there.
func checkAddress(db *gorm.DB, row *covetmodels.Token) error {
	if row.UserID == nil || row.Purpose == Email {
		return nil
	}
	var user covetmodels.User
	err := db.Take(&user, *row.UserID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && user.Email != row.Email) {
		return ErrInvalid
	}
	if err != nil {
		return fmt.Errorf("finding the account of the link: %w", err)
	}
	return nil
}

// RevokeAll deletes the unused links of an account, whatever they are for, and returns how many.
func (l *Links) RevokeAll(ctx context.Context, userID int64) (int64, error) {
	deleted := l.db.With(ctx).Where("user_id = ? AND used_at IS NULL", userID).Delete(&covetmodels.Token{})
	if deleted.Error != nil {
		return 0, fmt.Errorf("deleting links of user %d: %w", userID, deleted.Error)
	}
	return deleted.RowsAffected, nil
}

// RevokeAddress deletes every link that was sent to an address, used or not.
func (l *Links) RevokeAddress(ctx context.Context, email string) error {
	if err := l.db.With(ctx).Where("email = ?", email).Delete(&covetmodels.Token{}).Error; err != nil {
		return fmt.Errorf("deleting links to an address: %w", err)
	}
	return nil
}

// RevokeSignups deletes the unused links of other sign-ups for an address.
func (l *Links) RevokeSignups(ctx context.Context, email string) error {
	err := l.db.With(ctx).Where("email = ? AND purpose = ? AND used_at IS NULL", email, Signup).
		Delete(&covetmodels.Token{}).Error
	if err != nil {
		return fmt.Errorf("deleting other sign-ups: %w", err)
	}
	return nil
}

// Prune deletes links that expired more than a day before at.
func (l *Links) Prune(ctx context.Context, at time.Time) error {
	err := l.db.With(ctx).Where("expires_at < ?", at.Add(-24*time.Hour)).Delete(&covetmodels.Token{}).Error
	if err != nil {
		return fmt.Errorf("deleting expired links: %w", err)
	}
	return nil
}
