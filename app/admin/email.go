package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
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

// moved returns what is called after an update of users: it treats an account whose address has changed like the
// account page does. The new address is not confirmed, and the user is signed out.
//
// Threat: an account gets an address that counts as confirmed, or links in mails to the old address still work.
func moved[U any](
	m *Module, users []*U, account func(*U) *covetmodels.User, tell func(context.Context, *U, string) error,
) func(context.Context) error {
	before := make([]string, len(users))
	for i, user := range users {
		before[i] = account(user).Email
	}
	return func(ctx context.Context) error {
		for i, user := range users {
			if account(user).Email == strings.ToLower(before[i]) { // as it is stored
				continue
			}
			if err := m.unverify(ctx, account(user)); err != nil {
				return err
			}
			if tell == nil {
				continue
			}
			if err := tell(ctx, user, before[i]); err != nil {
				return fmt.Errorf("notifying the old address: %w", err)
			}
		}
		return nil
	}
}

// unverify marks the address of an account as not confirmed, and signs its user out.
func (m *Module) unverify(ctx context.Context, account *covetmodels.User) error {
	account.EmailVerifiedAt = nil
	tx := m.db.With(ctx).Model(&covetmodels.User{}).Where("id = ?", account.ID)
	if err := tx.UpdateColumn("email_verified_at", nil).Error; err != nil {
		return fmt.Errorf("marking the address of %d: %w", account.ID, err)
	}
	return m.signOut(ctx, account.ID)
}

// guardAccounts returns the guard of users: [Module.guardUsers], and what a new address entails.
func guardAccounts[U any](
	m *Module, account func(*U) *covetmodels.User, tell func(context.Context, *U, string) error,
) func(context.Context, string, []*U) (func(context.Context) error, error) {
	return func(ctx context.Context, verb string, users []*U) (func(context.Context) error, error) {
		after, err := m.guardUsers(ctx, verb, accountsOf(users, account))
		if err != nil || verb != meta.Update {
			return after, err
		}
		settle := moved(m, users, account, tell)
		return func(ctx context.Context) error {
			if err := after(ctx); err != nil {
				return err
			}
			return settle(ctx)
		}, nil
	}
}
