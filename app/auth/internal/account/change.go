package account

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
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
	// Language and TimeZone are the settings of the owner, of LocaleChanged.
	Language, TimeZone string
	// Role is the name of the role, of RoleGranted and RoleRevoked.
	Role string
	// KeepTokens keeps the access tokens, where the owner decides so.
	KeepTokens bool
	// Session is the id of the session that stays, of SignedOut. 0 for none.
	Session int64
	// ByOwner records the owner as the one who acts, even if another user is signed in.
	ByOwner bool
}

// Apply changes the state of an account, in the transaction of ctx: it writes the row, ends the credentials that
// [decisions] names, mails a notice, and records the change. It returns [ErrLastAdmin] for a change that would leave
// nobody who may do everything, and [UnknownRoleError].
func (s *Store) Apply(ctx context.Context, change Change) error {
	if change.Kind.needsAdmin() {
		return s.keepAdmin(ctx, func() error { return s.apply(ctx, change) })
	}
	return s.apply(ctx, change)
}

func (s *Store) apply(ctx context.Context, change Change) error {
	if err := s.lock(ctx, change.Account.ID); err != nil {
		return err
	}
	revoked, err := s.settle(ctx, change, change.Account.Email)
	if err != nil {
		return err
	}
	detail, err := s.write(ctx, change)
	if err != nil {
		return err
	}
	if change.ByOwner {
		ctx = identity.With(ctx, Actor(change.Account))
	}
	return s.Record(ctx, decisions[change.Kind].action, change.Account, revoked.addTo(detail))
}

// lock locks an account until the transaction of ctx ends.
//
// Threat: a credential that is issued while others end survives them. Who issues one locks the account as well, and
// compares it with what was authenticated.
func (s *Store) lock(ctx context.Context, id int64) error {
	var ids []int64
	err := s.DB.With(ctx).Model(&covetmodels.User{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("id = ?", id).Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("locking user %d: %w", id, err)
	}
	return nil
}

// Settle does what a change entails that was written to the row by other code, or will be, of Deleted: it ends
// credentials, mails a notice to the address that the account had before, and records what was revoked. It is called
// in the transaction of the change.
func (s *Store) Settle(ctx context.Context, change Change, before string) error {
	if err := s.lock(ctx, change.Account.ID); err != nil {
		return err
	}
	revoked, err := s.settle(ctx, change, before)
	if err != nil {
		return err
	}
	detail := revoked.addTo(map[string]any{"change": decisions[change.Kind].action})
	return s.Record(ctx, "auth.credentials_end", change.Account, detail)
}

// settle ends the credentials that a change ends, calls the application before an account is deleted, and mails the
// notice.
func (s *Store) settle(ctx context.Context, change Change, before string) (Revoked, error) {
	d := decisions[change.Kind]
	revoked, err := s.end(ctx, d, change)
	if err != nil {
		return revoked, err
	}
	if change.Kind == Deleted {
		if err := s.Links.RevokeAddress(ctx, before); err != nil {
			return revoked, err
		}
		if err := s.Users.Deleting(ctx, change.Account.ID); err != nil {
			return revoked, fmt.Errorf("deleting user %d: %w", change.Account.ID, err)
		}
	}
	if d.notice != "" {
		err = s.Notify(ctx, Notice{Letter: d.notice, To: before, Account: change.Account, Tokens: revoked.Tokens})
	}
	return revoked, err
}

// Notice is a mail to the owner of an account about a change.
type Notice struct {
	// Letter names the text, and To is the address.
	Letter, To string
	// Account is the account that the notice is about.
	Account *covetmodels.User
	// Tokens is how many access tokens were revoked.
	Tokens int64
}

// Revoked is how many credentials of each kind a change has ended.
type Revoked struct{ Sessions, Logins, Links, Tokens int64 }

// addTo returns the detail of an audit entry with what was revoked, if anything was.
func (r Revoked) addTo(detail map[string]any) map[string]any {
	counts := map[string]int64{}
	for name, n := range map[string]int64{
		"sessions": r.Sessions, "pending_log_ins": r.Logins, "mailed_links": r.Links, "access_tokens": r.Tokens,
	} {
		if n > 0 {
			counts[name] = n
		}
	}
	if len(counts) == 0 {
		return detail
	}
	if detail == nil {
		detail = map[string]any{}
	}
	detail["revoked"] = counts
	return detail
}

// end ends credentials as a decision says.
func (s *Store) end(ctx context.Context, d decision, change Change) (r Revoked, err error) {
	id := change.Account.ID
	if d.sessions == ends {
		if r.Sessions, err = s.Sessions.EndAll(ctx, id, change.Session); err != nil {
			return r, err
		}
	}
	if d.logins == ends {
		if r.Logins, err = s.Logins.EndAll(ctx, id); err != nil {
			return r, err
		}
	}
	if d.links == ends {
		if r.Links, err = s.Links.RevokeAll(ctx, id); err != nil {
			return r, err
		}
	}
	if d.tokens == ends || d.tokens == asks && !change.KeepTokens {
		r.Tokens, err = s.Access.RevokeAll(ctx, id)
	}
	return r, err
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
	case LocaleChanged:
		detail = map[string]any{"language": change.Language, "time_zone": change.TimeZone}
		columns["language"], columns["time_zone"] = change.Language, change.TimeZone
		user.Language, user.TimeZone = change.Language, change.TimeZone
	case Disabled:
		columns["disabled_at"], user.DisabledAt = now, &now
	case Enabled:
		columns["disabled_at"], user.DisabledAt = nil, nil
	case RoleGranted, RoleRevoked:
		return map[string]any{"role": change.Role}, s.setRole(ctx, user, change.Role, change.Kind == RoleGranted)
	case SignedOut:
		return nil, nil
	case Deleted:
		return map[string]any{"email": user.Email}, s.delete(ctx, user)
	default:
		return nil, fmt.Errorf("changing user %d: Apply does not write change %d", user.ID, change.Kind)
	}
	updated := s.DB.With(ctx).Model(&covetmodels.User{}).Where("id = ?", user.ID).Updates(columns)
	if updated.Error != nil {
		return nil, fmt.Errorf("changing user %d: %w", user.ID, updated.Error)
	}
	return detail, nil
}

// delete deletes an account; what refers to it goes by its foreign keys. The audit log keeps what was done by whom.
func (s *Store) delete(ctx context.Context, user *covetmodels.User) error {
	if err := s.DB.With(ctx).Omit(clause.Associations).Delete(&covetmodels.User{}, user.ID).Error; err != nil {
		return fmt.Errorf("deleting user %d: %w", user.ID, err)
	}
	return nil
}
