package admin

import (
	"context"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// ownEmail returns why an address is only shown, or "". The account page asks for the password.
//
// Threat: a stolen or unattended session changes the address of its own account.
func ownEmail(ctx context.Context, user *covetmodels.User) string {
	if isOwn(ctx, user) {
		return words.T(ctx, "accounts.own_email")
	}
	return ""
}

// isOwn reports whether an account is that of the acting user.
func isOwn(ctx context.Context, user *covetmodels.User) bool {
	actor, known := identity.From(ctx)
	return known && actor.Is(user.ID)
}
