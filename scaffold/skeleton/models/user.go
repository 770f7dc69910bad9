// covet:file auth

package models

import covetmodels "github.com/covetgo/covet/models"

// User is a person with an account. The embedded User has Covet's fields. The other fields belong to the application,
// whose migrations add them to the table users.
type User struct {
	covetmodels.User
	// DisplayName is the name that other users see.
	DisplayName string
}

// ActorName is the name of the user on pages, in the log and in the audit log.
func (u *User) ActorName() string { return u.DisplayName }
