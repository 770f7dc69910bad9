package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// tellEmail is why people do not change their own address here: the account page asks for the password.
const tellEmail = "This is your own account: change your address on your account page."

// ownEmail says why an address is only shown, or nothing.
//
// Threat: a session that somebody left open, or that was stolen, moves an account to another address.
func ownEmail(ctx context.Context, user *covetmodels.User) string {
	if actor, known := identity.From(ctx); known && actor.Is(user.ID) {
		return tellEmail
	}
	return ""
}

// moved returns what is asked after an update of users: an account whose address has changed is treated as on the account
// page. Nobody has shown yet that they read the new address, and whoever reads the old one is signed out.
//
// Threat: an account is moved to an address that counts as confirmed, or links that were sent to the old one still work.
func moved[U any](m *Module, users []*U, account func(*U) *covetmodels.User, tell func(context.Context, *U, string) error) func(context.Context) error {
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
				return fmt.Errorf("telling of a new address: %w", err)
			}
		}
		return nil
	}
}

// unverify makes an address one that nobody has confirmed, and shuts out whoever used the one before.
func (m *Module) unverify(ctx context.Context, account *covetmodels.User) error {
	account.EmailVerifiedAt = nil
	tx := m.db.With(ctx).Model(&covetmodels.User{}).Where("id = ?", account.ID)
	if err := tx.UpdateColumn("email_verified_at", nil).Error; err != nil {
		return fmt.Errorf("marking the address of %d: %w", account.ID, err)
	}
	return m.shutOut(ctx, account.ID)
}

// guardAccounts asks what guardUsers asks, and looks after addresses.
func guardAccounts[U any](m *Module, account func(*U) *covetmodels.User, tell func(context.Context, *U, string) error) func(context.Context, string, []*U) (func(context.Context) error, error) {
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
