// covet:file auth

package models

import covetmodels "github.com/covetgo/covet/models"

// User is a person with an account. What Covet knows of them is in the embedded User; the rest belongs to the
// application, and is added to the table users by its migrations.
type User struct {
	covetmodels.User
	// DisplayName is what others call the person.
	DisplayName string
}

// ActorName is what people, log and audit call the user.
func (u *User) ActorName() string { return u.DisplayName }
