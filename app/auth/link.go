package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// What mailed links are for.
const (
	purposeSignup = "signup" // to make an account
	purposeVerify = "verify" // to confirm the address of an account that somebody else made
	purposeReset  = "reset"  // to choose a new password
	purposeEmail  = "email"  // to change the address of an account
)

// links are the pages that the links lead to.
var links = map[string]string{
	purposeSignup: "/signup/confirm", purposeVerify: "/login/confirm",
	purposeReset: "/password/reset", purposeEmail: "/account/email/confirm",
}

func (m *Module) linkLife(purpose string) time.Duration {
	if purpose == purposeReset {
		return m.cfg.ResetLink
	}
	return m.cfg.ConfirmLink
}

// requestLink leaves it to a job to mail a link. The token of the link is made there: the table of jobs never holds one,
// and until then the row holds the hash of nothing.
func (m *Module) requestLink(ctx context.Context, token covetmodels.Token) error {
	token.TokenHash = hashToken(newToken())
	token.CreatedAt = now()
	token.ExpiresAt = token.CreatedAt.Add(m.linkLife(token.Purpose))
	if err := m.app.DB.With(ctx).Create(&token).Error; err != nil {
		return fmt.Errorf("storing the request for a link: %w", err)
	}
	if _, err := m.app.Jobs.Enqueue(ctx, sendLink{TokenID: token.ID}); err != nil {
		return err
	}
	return nil
}

// issue gives the row of a link a new token, which is good from now on, and returns it.
func (m *Module) issue(ctx context.Context, row *covetmodels.Token) (string, error) {
	token, at := newToken(), now()
	err := m.app.DB.With(ctx).Model(row).Updates(map[string]any{
		"token_hash": hashToken(token), "user_id": row.UserID, "email": row.Email, "expires_at": at.Add(m.linkLife(row.Purpose)),
	}).Error
	if err != nil {
		return "", fmt.Errorf("making a link: %w", err)
	}
	return token, nil
}

func (m *Module) linkURL(purpose, token string) string {
	return m.app.Config.BaseURL() + links[purpose] + "?token=" + token
}

// errStale is told of links that are used, expired, replaced or made up.
var errStale = errors.New("the link is no longer good")

// findLink returns the row of a link that is still good, and errStale otherwise. It changes nothing.
func (m *Module) findLink(ctx context.Context, purpose, token string) (*covetmodels.Token, error) {
	var row covetmodels.Token
	err := m.app.DB.With(ctx).Where("token_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?",
		hashToken(token), purpose, now()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errStale
	}
	if err != nil {
		return nil, fmt.Errorf("finding the link: %w", err)
	}
	return &row, m.addressed(m.app.DB.With(ctx), &row)
}

// addressed returns errStale unless a link to an account was mailed to the address that the account has now. A link to a
// new address goes there before the account does.
//
// Threat: the address of an account is changed because somebody else reads the mailbox, and they use a link from there.
func (m *Module) addressed(db *gorm.DB, row *covetmodels.Token) error {
	if row.UserID == nil || row.Purpose == purposeEmail {
		return nil
	}
	var user covetmodels.User
	err := db.Take(&user, *row.UserID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && user.Email != row.Email) {
		return errStale
	}
	if err != nil {
		return fmt.Errorf("finding the account of the link: %w", err)
	}
	return nil
}

// useLink uses a link up, in the transaction of ctx, and returns errStale to all but one of those who try at once. It holds
// the account as it is until the transaction ends.
func (m *Module) useLink(ctx context.Context, row *covetmodels.Token) error {
	locked := m.app.DB.With(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	if err := m.addressed(locked, row); err != nil {
		return err
	}
	used := m.app.DB.With(ctx).Model(&covetmodels.Token{}).
		Where("id = ? AND token_hash = ? AND used_at IS NULL AND expires_at > ?", row.ID, row.TokenHash, now()).
		UpdateColumn("used_at", now())
	if used.Error != nil {
		return fmt.Errorf("using the link: %w", used.Error)
	}
	if used.RowsAffected != 1 {
		return errStale
	}
	return nil
}

// forgetLinks deletes the links of an account, all but those already used.
func (m *Module) forgetLinks(ctx context.Context, userID int64, purposes ...string) error {
	err := m.app.DB.With(ctx).Where("user_id = ? AND used_at IS NULL AND purpose IN ?", userID, purposes).
		Delete(&covetmodels.Token{}).Error
	if err != nil {
		return fmt.Errorf("forgetting links: %w", err)
	}
	return nil
}
