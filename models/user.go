package models

import "time"

// User is an account: what package auth knows of a person. An application embeds it in a model of its own, on the
// same table, and may add columns by its own migrations:
//
//	type User struct {
//		covetmodels.User
//		DisplayName string `maxLength:"80"`
//	}
//
// Package auth writes the columns named here and no other. What is tagged readOnly is answered by endpoints of package
// api, and refused in what they are sent.
type User struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey" readOnly:"true"`
	// Email is where the person reads mail, and what they sign in with. It is stored in lower case, and unique.
	Email string `gorm:"size:254;not null;uniqueIndex:idx_users_email" required:"true" format:"email" maxLength:"254"`
	// PasswordHash is the password as argon2id or bcrypt keep it; empty when there is none yet.
	PasswordHash string `gorm:"size:255;not null" json:"-" secret:"true"`
	// EmailVerifiedAt is when the person proved that they read Email, or nil.
	EmailVerifiedAt *time.Time `gorm:"precision:6" readOnly:"true"`
	// DisabledAt is when the account was disabled, or nil. A disabled account signs in nowhere, and its sessions and
	// access tokens are refused.
	DisabledAt *time.Time `gorm:"precision:6" readOnly:"true"`
	// Language is the language that the user has chosen, as a BCP 47 tag such as "de"; empty if it is unknown. Mails are
	// in this language.
	Language string `gorm:"size:35;not null" readOnly:"true"`
	// TimeZone is the time zone that the user has chosen, as an IANA name such as "Europe/Berlin"; empty for that of the
	// browser.
	TimeZone string `gorm:"size:64;not null" readOnly:"true"`
	// Roles are what the person may do.
	Roles []Role `gorm:"many2many:covet_user_roles;joinForeignKey:UserID;joinReferences:RoleID" json:"-"`
	// CreatedAt and UpdatedAt are kept by GORM.
	CreatedAt time.Time `gorm:"precision:6;not null" readOnly:"true"`
	UpdatedAt time.Time `gorm:"precision:6;not null" readOnly:"true"`
}

// TableName is the table, users.
func (User) TableName() string { return "users" }

// Account returns the user itself. It is promoted to every model that embeds User, and is how package auth finds its
// columns there.
func (u *User) Account() *User { return u }

// Role is a set of permissions that users share.
type Role struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey"`
	// Name is unique: "admin".
	Name string `gorm:"size:64;not null;uniqueIndex:idx_covet_roles_name" required:"true" maxLength:"64" pattern:"^[a-z0-9_-]+$" patternDescription:"lower-case letters, digits, - and _"`
	// Description says what the role is for.
	Description string `gorm:"size:255;not null" maxLength:"255"`
	// Permissions are what the role allows.
	Permissions []RolePermission `json:"-"`
	// CreatedAt and UpdatedAt are kept by GORM.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	UpdatedAt time.Time `gorm:"precision:6;not null"`
}

// TableName is the table, covet_roles.
func (Role) TableName() string { return "covet_roles" }

// RolePermission is one permission of a role.
type RolePermission struct {
	// ID is the primary key.
	ID int64 `gorm:"primaryKey"`
	// RoleID is the role that has it; together with Permission it is unique.
	RoleID int64 `gorm:"not null;uniqueIndex:idx_covet_role_permissions,priority:1"`
	// Permission is an action, "posts.update", a resource, "posts.*", or "*" (see package identity).
	Permission string `gorm:"size:128;not null;uniqueIndex:idx_covet_role_permissions,priority:2" required:"true" maxLength:"128"`
}

// TableName is the table, covet_role_permissions.
func (RolePermission) TableName() string { return "covet_role_permissions" }

// UserRole gives a role to a user.
type UserRole struct {
	// UserID and RoleID are the primary key together.
	UserID int64 `gorm:"primaryKey;autoIncrement:false"`
	RoleID int64 `gorm:"primaryKey;autoIncrement:false;index:idx_covet_user_roles_role_id"`
}

// TableName is the table, covet_user_roles.
func (UserRole) TableName() string { return "covet_user_roles" }
