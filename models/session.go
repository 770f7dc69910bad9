package models

import "time"

// Session is one browser in which a person is signed in. The browser holds a random token of 256 bits. The row holds
// only its hash, so that a reader of the table cannot take over a session.
type Session struct {
	// ID is the primary key, by which people end a session on their account page.
	ID int64 `gorm:"primaryKey"`
	// TokenHash is the SHA-256 of the token, in hexadecimal, and unique.
	TokenHash string `gorm:"size:64;not null;uniqueIndex:idx_covet_sessions_token_hash" json:"-" secret:"true"`
	// UserID is who is signed in.
	UserID int64 `gorm:"not null;index:idx_covet_sessions_user_id"`
	// Remember reports that the session outlives the browser.
	Remember bool `gorm:"not null"`
	// Address is the IP address that the session was last seen from.
	Address string `gorm:"size:45;not null"`
	// UserAgent is what the browser said of itself at the log-in, at most 255 bytes of it.
	UserAgent string `gorm:"size:255;not null"`
	// CreatedAt is the log-in.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// SignedInAt is when the person last proved who they are in this session.
	SignedInAt time.Time `gorm:"precision:6;not null"`
	// LastSeenAt is the latest request, to the minute. The idle limit counts from it.
	LastSeenAt time.Time `gorm:"precision:6;not null"`
	// ExpiresAt is the absolute limit.
	ExpiresAt time.Time `gorm:"precision:6;not null;index:idx_covet_sessions_expires_at"`
}

// TableName is the table, covet_sessions.
func (Session) TableName() string { return "covet_sessions" }
