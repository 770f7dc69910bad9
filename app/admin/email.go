package admin

import (
	"context"

	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// messageEmail explains why users cannot change their own address here: the account page asks for the password.
const messageEmail = "This is your own account: change your address on your account page."

// ownEmail returns why an address is only shown, or "".
//
// Threat: a stolen or unattended session changes the address of its own account.
func ownEmail(ctx context.Context, user *covetmodels.User) string {
	if isOwn(ctx, user) {
		return messageEmail
	}
	return ""
}

// isOwn reports whether an account is that of the acting user.
func isOwn(ctx context.Context, user *covetmodels.User) bool {
	actor, known := identity.From(ctx)
	return known && actor.Is(user.ID)
}
