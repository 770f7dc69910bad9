package models

import "time"

// PendingLogin is a log-in between two of its steps: the account is known, and a second factor, say, is still to come. It
// belongs to one browser, which holds a random secret of 256 bits in a cookie; the row holds its hash only. It is used once.
type PendingLogin struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey"`
	// TokenHash is the SHA-256 of the secret, in hexadecimal, and unique.
	TokenHash string `gorm:"size:64;not null;uniqueIndex:idx_covet_pending_logins_token_hash" json:"-" secret:"true"`
	// UserID is the account, or nil while a provider is asked for it.
	UserID *int64 `gorm:"index:idx_covet_pending_logins_user_id"`
	// AccountHash is a hash of what authenticates the account, so that a log-in ends when that changes; empty with UserID.
	AccountHash string `gorm:"size:64;not null" json:"-" secret:"true"`
	// Method is how the account was identified: "password", "link", or the name of a provider.
	Method string `gorm:"size:64;not null"`
	// Step is the name of the step that is waiting.
	Step string `gorm:"size:64;not null"`
	// Remember reports that the session will outlive the browser.
	Remember bool `gorm:"not null"`
	// Next is the path to go to after the log-in, or empty.
	Next string `gorm:"size:2000;not null"`
	// Data is text that the waiting step keeps between its requests, such as a challenge, or empty.
	Data string `gorm:"not null" json:"-" secret:"true"`
	// CreatedAt is when the first step was passed.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// ExpiresAt is when the log-in has to begin again.
	ExpiresAt time.Time `gorm:"precision:6;not null;index:idx_covet_pending_logins_expires_at"`
}

// TableName is the table, covet_pending_logins.
func (PendingLogin) TableName() string { return "covet_pending_logins" }
