package auth

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// SetPassword sets the password of an account, ends its sessions, and mails its owner. It returns a problem (422) for a
// password that is too weak. The caller has made sure that the owner, or an administrator, wants it.
func (m *Module) SetPassword(ctx context.Context, user *covetmodels.User, plain string) error {
	if message := password.Check(plain, user.Email); message != "" {
		return validate.Errors{"password": message}.Err()
	}
	hash, err := m.accounts.Hash(ctx, plain)
	if err != nil {
		return err
	}
	return m.apply(ctx, account.Change{Kind: account.PasswordChanged, Account: user, PasswordHash: hash})
}

// SetEmail gives an account another address, which counts as confirmed, ends its sessions, and mails the old address.
// It returns a problem (422) for an address that is not valid, and [ErrEmailTaken].
func (m *Module) SetEmail(ctx context.Context, user *covetmodels.User, email string) error {
	email = account.Normalize(email)
	if !account.IsEmail(email) {
		return validate.Errors{"email": m.text("email.invalid")}.Err()
	}
	return m.apply(ctx, account.Change{Kind: account.AddressChanged, Account: user, Email: email})
}

// Disable disables an account: its sessions end, and its access tokens are refused. It returns [ErrLastAdmin].
func (m *Module) Disable(ctx context.Context, user *covetmodels.User) error {
	return m.apply(ctx, account.Change{Kind: account.Disabled, Account: user})
}

// Enable enables a disabled account again.
func (m *Module) Enable(ctx context.Context, user *covetmodels.User) error {
	return m.apply(ctx, account.Change{Kind: account.Enabled, Account: user})
}

// UnknownRoleError is returned for a role that does not exist.
type UnknownRoleError = account.UnknownRoleError

// GrantRole gives an account a role, by its name. It returns an [UnknownRoleError].
func (m *Module) GrantRole(ctx context.Context, user *covetmodels.User, role string) error {
	return m.apply(ctx, account.Change{Kind: account.RoleGranted, Account: user, Role: role})
}

// RevokeRole takes a role from an account. It returns an [UnknownRoleError] and [ErrLastAdmin].
func (m *Module) RevokeRole(ctx context.Context, user *covetmodels.User, role string) error {
	return m.apply(ctx, account.Change{Kind: account.RoleRevoked, Account: user, Role: role})
}

// DeleteAccount deletes an account and what belongs to it, calls Options.OnDelete before, and mails the owner. It
// returns [ErrLastAdmin].
func (m *Module) DeleteAccount(ctx context.Context, user *covetmodels.User) error {
	return m.apply(ctx, account.Change{Kind: account.Deleted, Account: user})
}

// apply applies a change in the transaction of ctx, or in one of its own. The fields of the account that change are
// set only if it succeeds.
func (m *Module) apply(ctx context.Context, change account.Change) error {
	user, changed := change.Account, *change.Account
	change.Account = &changed
	err := m.app.DB.Transaction(ctx, func(ctx context.Context) error { return m.accounts.Apply(ctx, change) })
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return problem.Conflict(m.text("delete.last")).WithCause(err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return m.emailTaken()
	case err != nil:
		return err
	}
	*user = changed
	return nil
}

// SendPasswordLink mails a link with which to set a password to the account with this address, as if its owner had
// asked for one; it is for administrators. The mail is a job in the transaction that ctx carries, if any. Without such
// an account no link is sent.
func (m *Module) SendPasswordLink(ctx context.Context, email string) error {
	err := m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		return m.requestLink(ctx, covetmodels.Token{Purpose: token.Reset, Email: account.Normalize(email)})
	})
	if err != nil {
		return fmt.Errorf("sending a link for a password: %w", err)
	}
	return nil
}

// SendConfirmation mails a link that confirms the address of the account that has it; see [ErrUnconfirmed]. It returns
// a problem (429) if the client of ctx asks too often.
func (m *Module) SendConfirmation(ctx context.Context, email string) error {
	email = account.Normalize(email)
	mail, err := m.limits.Mail(ctx, "", email)
	if err != nil || !mail {
		return err
	}
	return m.requestLink(ctx, covetmodels.Token{Purpose: token.Verify, Email: email})
}

// TellOldAddress mails an address that it is no longer that of an account, as happens when users change theirs; it is
// for administrators. The mail is a job in the transaction that ctx carries, if any.
func (m *Module) TellOldAddress(ctx context.Context, before string) error {
	if err := m.notify(ctx, "moved", before); err != nil {
		return fmt.Errorf("notifying an address that it was replaced: %w", err)
	}
	return nil
}
