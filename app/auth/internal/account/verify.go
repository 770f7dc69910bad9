package account

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// maxPassword is how many characters of a password are read.
//
// Threat: hashing megabytes keeps a server busy. A longer password is refused, or wrong after the work for a short one.
const maxPassword = password.MaxLength

// Authenticate returns the account with an address if this is its password and it is not disabled, and nil otherwise,
// which it records. Limit is called with the account, or nil, before the password is verified, and can refuse the
// attempt.
//
// Threat: an attacker who tries addresses learns which have an account, by the response or by the time it takes.
// Unknown, disabled and wrong are the same, after the same work.
func (s *Store) Authenticate(
	ctx context.Context, email, plain string, limit func(*covetmodels.User) error,
) (*covetmodels.User, error) {
	user, err := s.ByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	if err := limit(user); err != nil {
		return nil, err
	}
	ok, err := s.Verify(ctx, user, plain)
	if err != nil {
		return nil, err
	}
	if ok {
		return user, nil
	}
	detail := map[string]any{}
	if IsEmail(email) {
		detail["email"] = email // anything else may be a password in the wrong field
	}
	return nil, s.Record(identity.With(ctx, identity.Actor{}), "auth.login_failed", user, detail)
}

// Verify reports whether user exists, is not disabled, and has this password. It takes the same time when not, also
// for nil. A hash that is weaker than those made today is replaced.
func (s *Store) Verify(ctx context.Context, user *covetmodels.User, plain string) (bool, error) {
	if utf8.RuneCountInString(plain) > maxPassword {
		if err := s.Passwords.VerifyDummy(ctx, ""); err != nil {
			return false, fmt.Errorf("verifying a password: %w", busy(err))
		}
		return false, nil
	}
	var hash string
	if user != nil {
		hash = user.PasswordHash // empty: nothing matches, after the usual time
	}
	ok, rehash, err := s.Passwords.Verify(ctx, hash, plain)
	if errors.Is(err, password.ErrMalformed) {
		s.Log.ErrorContext(ctx, "stored password hash is malformed", "user_id", user.ID, "error", err)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("verifying a password: %w", busy(err))
	}
	if !ok || user.DisabledAt != nil {
		return false, nil
	}
	if rehash {
		if err := s.rehash(ctx, user, plain); err != nil {
			return false, err
		}
	}
	return true, nil
}

// rehash stores a password as it is stored today, unless it was changed in the meantime.
func (s *Store) rehash(ctx context.Context, user *covetmodels.User, plain string) error {
	hash, err := s.Hash(ctx, plain)
	if err != nil {
		return err
	}
	updated := s.DB.With(ctx).Model(&covetmodels.User{}).
		Where("id = ? AND password_hash = ?", user.ID, user.PasswordHash).Update("password_hash", hash)
	if updated.Error != nil {
		return fmt.Errorf("replacing the password hash of user %d: %w", user.ID, updated.Error)
	}
	user.PasswordHash = hash
	return nil
}

// Hash returns the hash of a password to store. When too many passwords wait to be hashed it returns a problem (503).
func (s *Store) Hash(ctx context.Context, plain string) (string, error) {
	hash, err := s.Passwords.Hash(ctx, plain)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", busy(err))
	}
	return hash, nil
}

// busy makes a problem (503) of a full queue for hashing, and returns other errors as they are.
func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return problem.Unavailable(err).WithHeader("Retry-After", "5")
	}
	return err
}
