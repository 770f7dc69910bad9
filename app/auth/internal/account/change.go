package account

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// Kind is a kind of change of an account's state.
type Kind int

// The changes of an account's state.
const (
	PasswordChanged Kind = iota // by its owner, who entered the old password
	PasswordReset               // by a mailed link
	AddressVerified             // the owner reads mail at the address
	AddressChanged
	Disabled
	Enabled
	RoleGranted
	RoleRevoked
	Deleted
)

// Change is a change of an account's state.
type Change struct {
	Kind Kind
	// Account is the account as it was read; Apply sets the fields that change.
	Account *covetmodels.User
	// PasswordHash is the new hash, of PasswordChanged and PasswordReset.
	PasswordHash string
	// Email is the new address in its normal form, of AddressChanged.
	Email string
	// Role is the name of the role, of RoleGranted and RoleRevoked.
	Role string
	// ByOwner records the owner as the one who acts, even if another user is signed in.
	ByOwner bool
}

// decision is what a change does besides changing the account.
type decision struct {
	// sessions ends all sessions, logins all log-ins that wait for a step, and accessTokens revokes all access tokens.
	sessions, logins, accessTokens bool
	// links are the purposes of mailed links that end. A link for Email is a pending change of address.
	links []string
	// keepsAdmin refuses the change if it left nobody who may do everything.
	keepsAdmin bool
	// notice is the mail to the address that the account had before, or empty.
	notice string
	// action is the entry of the audit log.
	action string
}

// decide returns what becomes of every kind of credential. It is the only place that decides so.
//
// Access tokens survive a changed password, because programs use them; a reset password revokes them, because the old
// one may have been stolen. A disabled account keeps them for the day on which it is enabled; meanwhile they are
// refused. What belongs to a deleted account is deleted by the foreign keys of the tables, except links to its address.
func decide(kind Kind) decision {
	toAccount := []string{token.Reset, token.Email, token.Verify}
	switch kind {
	case PasswordChanged:
		return decision{
			sessions: true, logins: true, links: []string{token.Reset, token.Email},
			notice: "password", action: "auth.password_change",
		}
	case PasswordReset:
		return decision{
			sessions: true, logins: true, accessTokens: true, links: toAccount,
			notice: "password", action: "auth.password_reset",
		}
	case AddressVerified:
		return decision{action: "auth.email_verify"}
	case AddressChanged:
		return decision{sessions: true, logins: true, links: toAccount, notice: "moved", action: "auth.email_change"}
	case Disabled:
		return decision{sessions: true, logins: true, links: toAccount, keepsAdmin: true, action: "users.disable"}
	case Enabled:
		return decision{action: "users.enable"}
	case RoleGranted:
		return decision{action: "users.promote"}
	case RoleRevoked:
		return decision{keepsAdmin: true, action: "users.demote"}
	case Deleted:
		return decision{keepsAdmin: true, notice: "deleted", action: "users.delete"}
	}
	panic(fmt.Sprintf("account: unknown kind of change %d", kind))
}

// Apply changes the state of an account, in the transaction of ctx: it writes the row, ends the credentials that
// [decide] names, mails a notice, and records the change. It returns [ErrLastAdmin] for a change that would leave
// nobody who may do everything, and [UnknownRoleError].
func (s *Store) Apply(ctx context.Context, change Change) error {
	d := decide(change.Kind)
	if d.keepsAdmin {
		return s.keepAdmin(ctx, func() error { return s.apply(ctx, change, d) })
	}
	return s.apply(ctx, change, d)
}

func (s *Store) apply(ctx context.Context, change Change, d decision) error {
	user := change.Account
	before := user.Email
	detail, err := s.write(ctx, change)
	if err != nil {
		return err
	}
	if d.sessions {
		if _, err := s.Sessions.EndAll(ctx, user.ID, 0); err != nil {
			return err
		}
	}
	if d.logins {
		if err := s.Logins.EndAll(ctx, user.ID); err != nil {
			return err
		}
	}
	if d.accessTokens {
		if err := s.Access.RevokeAll(ctx, user.ID); err != nil {
			return err
		}
	}
	if len(d.links) > 0 {
		if err := s.Links.Revoke(ctx, user.ID, d.links...); err != nil {
			return err
		}
	}
	if change.Kind == Deleted {
		if err := s.Links.RevokeAddress(ctx, before); err != nil {
			return err
		}
	}
	if d.notice != "" {
		if err := s.Notify(ctx, d.notice, before); err != nil {
			return err
		}
	}
	if change.ByOwner {
		ctx = identity.With(ctx, Actor(user))
	}
	return s.Record(ctx, d.action, user, detail)
}

// write writes the rows of the account, and returns the detail of the audit entry.
func (s *Store) write(ctx context.Context, change Change) (detail map[string]any, err error) {
	user, now := change.Account, token.Now()
	columns := map[string]any{}
	switch change.Kind {
	case PasswordChanged, PasswordReset:
		columns["password_hash"], user.PasswordHash = change.PasswordHash, change.PasswordHash
		if change.Kind == PasswordReset && user.EmailVerifiedAt == nil {
			columns["email_verified_at"], user.EmailVerifiedAt = now, &now // they have read what was sent there
		}
	case AddressVerified:
		columns["email_verified_at"], user.EmailVerifiedAt = now, &now
	case AddressChanged:
		detail = map[string]any{"before": user.Email, "after": change.Email}
		columns["email"], columns["email_verified_at"] = change.Email, now
		user.Email, user.EmailVerifiedAt = change.Email, &now
	case Disabled:
		columns["disabled_at"], user.DisabledAt = now, &now
	case Enabled:
		columns["disabled_at"], user.DisabledAt = nil, nil
	case RoleGranted, RoleRevoked:
		return map[string]any{"role": change.Role}, s.setRole(ctx, user, change.Role, change.Kind == RoleGranted)
	case Deleted:
		return map[string]any{"email": user.Email}, s.delete(ctx, user)
	}
	updated := s.DB.With(ctx).Model(&covetmodels.User{}).Where("id = ?", user.ID).Updates(columns)
	if updated.Error != nil {
		return nil, fmt.Errorf("changing user %d: %w", user.ID, updated.Error)
	}
	return detail, nil
}

// delete deletes an account; what refers to it goes by its foreign keys. The audit log keeps what was done by whom.
func (s *Store) delete(ctx context.Context, user *covetmodels.User) error {
	if err := s.Users.Deleting(ctx, user.ID); err != nil {
		return fmt.Errorf("deleting user %d: %w", user.ID, err)
	}
	if err := s.DB.With(ctx).Omit(clause.Associations).Delete(&covetmodels.User{}, user.ID).Error; err != nil {
		return fmt.Errorf("deleting user %d: %w", user.ID, err)
	}
	return nil
}
