package models

import "time"

// Token is a secret that was mailed to a person, for one use: to confirm an address, to set a password. The row holds
// its hash only.
type Token struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey"`
	// TokenHash is the SHA-256 of the token, in hexadecimal, and unique.
	TokenHash string `gorm:"size:64;not null;uniqueIndex:idx_covet_tokens_token_hash" json:"-" secret:"true"`
	// Purpose is what the token is for; it is good for nothing else.
	Purpose string `gorm:"size:32;not null"`
	// UserID is whose account it is about, or nil while there is none.
	UserID *int64 `gorm:"index:idx_covet_tokens_user_id"`
	// Email is where the token was sent.
	Email string `gorm:"size:254;not null;index:idx_covet_tokens_email"`
	// Payload is JSON that the purpose needs, or empty. It may hold the hash of a password that is not yet in use.
	Payload string `gorm:"not null" json:"-" secret:"true"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// ExpiresAt is when it stops being good.
	ExpiresAt time.Time `gorm:"precision:6;not null;index:idx_covet_tokens_expires_at"`
	// UsedAt is when it was used, or nil.
	UsedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_tokens.
func (Token) TableName() string { return "covet_tokens" }

// AccessToken lets a program act for a person. The person sees the token once; the row holds its hash only.
type AccessToken struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey"`
	// UserID is whom the token acts for.
	UserID int64 `gorm:"not null;index:idx_covet_access_tokens_user_id"`
	// Name is what the person calls it.
	Name string `gorm:"size:100;not null" required:"true" maxLength:"100"`
	// TokenHash is the SHA-256 of the token, in hexadecimal, and unique.
	TokenHash string `gorm:"size:64;not null;uniqueIndex:idx_covet_access_tokens_token_hash" json:"-" secret:"true"`
	// Hint is the first characters of the token, by which people recognize it.
	Hint string `gorm:"size:16;not null"`
	// Scopes are the actions that it is for, separated by spaces, written as permissions are; "*" for all that the
	// person may do.
	Scopes string `gorm:"size:1000;not null"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// LastUsedAt is the latest use, to the minute, or nil.
	LastUsedAt *time.Time `gorm:"precision:6"`
	// ExpiresAt is when it stops being good, or nil for never.
	ExpiresAt *time.Time `gorm:"precision:6"`
	// RevokedAt is when it was revoked, or nil.
	RevokedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_access_tokens.
func (AccessToken) TableName() string { return "covet_access_tokens" }
