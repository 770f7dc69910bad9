package auth

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// ChangeOption adapts [Module.SetPassword] and [Module.SetEmail].
type ChangeOption func(*account.Change)

// KeepTokens keeps the access tokens of the account: for a change by its owner, who wants programs to go on.
func KeepTokens() ChangeOption { return func(change *account.Change) { change.KeepTokens = true } }

// SetPassword sets the password of an account. It ends the account's sessions, pending log-ins and mailed links,
// revokes its access tokens unless [KeepTokens] is given, and mails its owner. It returns a problem (422) for a password
// that is too weak. The caller has made sure that the owner, or an administrator, wants it.
func (m *Module) SetPassword(ctx context.Context, user *covetmodels.User, plain string, opts ...ChangeOption) error {
	name, err := m.accounts.NameOf(ctx, user.ID)
	if err != nil {
		return err
	}
	if message := m.checkPassword(ctx, plain, user.Email, name); message != "" {
		return validate.Errors{"password": message}.Err()
	}
	hash, err := m.accounts.Hash(ctx, plain)
	if err != nil {
		return err
	}
	return m.apply(ctx, account.Change{Kind: account.PasswordChanged, Account: user, PasswordHash: hash}, opts...)
}

// SetEmail gives an account another address, which counts as confirmed. It ends credentials as [Module.SetPassword]
// does, and mails the old address. It returns a problem (422) for an address that is not valid, and [ErrEmailTaken].
func (m *Module) SetEmail(ctx context.Context, user *covetmodels.User, email string, opts ...ChangeOption) error {
	email = account.Normalize(email)
	if !account.IsEmail(email) {
		return validate.Errors{"email": invalidEmail(ctx)}.Err()
	}
	return m.apply(ctx, account.Change{Kind: account.AddressChanged, Account: user, Email: email}, opts...)
}

// Disable disables an account, and mails its owner: sessions, pending log-ins and mailed links end, and access tokens
// are revoked. It returns [ErrLastAdmin].
func (m *Module) Disable(ctx context.Context, user *covetmodels.User) error {
	return m.apply(ctx, account.Change{Kind: account.Disabled, Account: user})
}

// Enable enables a disabled account again, and mails its owner. What was revoked stays revoked.
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
func (m *Module) apply(ctx context.Context, change account.Change, opts ...ChangeOption) error {
	for _, option := range opts {
		option(&change)
	}
	user, changed := change.Account, *change.Account
	change.Account = &changed
	err := m.app.DB.Transaction(ctx, func(ctx context.Context) error { return m.accounts.Apply(ctx, change) })
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return problem.Conflict(texts.T(ctx, "delete.last")).WithCause(err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return emailTaken(ctx)
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

// AccountChanged does what a change of the table users entails that other code has written, such as the admin: it ends
// the credentials that the change invalidates, mails the owner at the address before, and records what was revoked. An
// address that has changed is no longer confirmed. It is called in the transaction of the change, with the account
// before and after it.
func (m *Module) AccountChanged(ctx context.Context, before, after *covetmodels.User) error {
	var changes []account.Kind
	if after.Email != account.Normalize(before.Email) { // as it is stored
		changes = append(changes, account.AddressReplaced)
		tx := m.app.DB.With(ctx).Model(&covetmodels.User{}).Where("id = ?", after.ID)
		if err := tx.UpdateColumn("email_verified_at", nil).Error; err != nil {
			return fmt.Errorf("marking the address of user %d as not confirmed: %w", after.ID, err)
		}
		after.EmailVerifiedAt = nil
	}
	if after.PasswordHash != before.PasswordHash {
		changes = append(changes, account.PasswordChanged)
	}
	switch {
	case before.DisabledAt == nil && after.DisabledAt != nil:
		changes = append(changes, account.Disabled)
	case before.DisabledAt != nil && after.DisabledAt == nil:
		changes = append(changes, account.Enabled)
	}
	for _, kind := range changes {
		if err := m.accounts.Settle(ctx, account.Change{Kind: kind, Account: after}, before.Email); err != nil {
			return err
		}
	}
	return nil
}

// AccountDeleting does what [Module.DeleteAccount] does before an account is deleted, for other code that deletes it in
// the transaction of ctx, such as the admin: it ends credentials, calls Options.OnDelete, mails the owner, and records
// what was revoked.
func (m *Module) AccountDeleting(ctx context.Context, user *covetmodels.User) error {
	return m.accounts.Settle(ctx, account.Change{Kind: account.Deleted, Account: user}, user.Email)
}
