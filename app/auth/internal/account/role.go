package account

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// ErrLastAdmin is returned for a change that would leave no account that may do everything.
var ErrLastAdmin = errors.New("the account is the last that may do everything")

// UnknownRoleError is returned for a role that does not exist.
type UnknownRoleError struct {
	// Name is the name that was asked for, and Roles are those that exist.
	Name  string
	Roles []string
}

// Error names the role.
func (e *UnknownRoleError) Error() string { return fmt.Sprintf("there is no role %q", e.Name) }

// setRole grants a role or revokes it. It does nothing if that is the case already.
func (s *Store) setRole(ctx context.Context, user *covetmodels.User, name string, granted bool) error {
	var role covetmodels.Role
	err := s.DB.With(ctx).Where("name = ?", name).Take(&role).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		unknown := &UnknownRoleError{Name: name}
		if err := s.DB.With(ctx).Model(&covetmodels.Role{}).Order("name").Pluck("name", &unknown.Roles).Error; err != nil {
			return fmt.Errorf("listing roles: %w", err)
		}
		return unknown
	}
	if err != nil {
		return fmt.Errorf("finding role %q: %w", name, err)
	}
	row := covetmodels.UserRole{UserID: user.ID, RoleID: role.ID}
	if granted {
		err = s.DB.With(ctx).Where(row).FirstOrCreate(&row).Error
	} else {
		err = s.DB.With(ctx).Where("user_id = ? AND role_id = ?", user.ID, role.ID).Delete(&covetmodels.UserRole{}).Error
	}
	if err != nil {
		return fmt.Errorf("changing role %q of user %d: %w", name, user.ID, err)
	}
	return nil
}

// keepAdmin calls change in the transaction of ctx, and returns ErrLastAdmin if that removes the last administrator who
// can sign in.
//
// Threat: the last two delete their accounts at the same moment. One such change happens at a time, here and in the
// admin.
func (s *Store) keepAdmin(ctx context.Context, change func() error) error {
	if err := s.lockRoles(ctx); err != nil {
		return err
	}
	before, err := s.hasAdmin(ctx)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := s.hasAdmin(ctx)
	if err != nil {
		return err
	}
	if before && !after {
		return ErrLastAdmin
	}
	return nil
}

func (s *Store) lockRoles(ctx context.Context) error {
	if s.DB.Embedded() {
		return nil // one writer at a time, and this transaction is it
	}
	var ids []int64
	err := s.DB.With(ctx).Model(&covetmodels.Role{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("locking the roles: %w", err)
	}
	return nil
}

// hasAdmin reports whether an account may do everything and can sign in. It locks what it reads, and so reads what
// others have committed meanwhile.
func (s *Store) hasAdmin(ctx context.Context) (bool, error) {
	admins := s.DB.With(ctx).Table("covet_user_roles AS ur").Select("ur.user_id").
		Joins("JOIN covet_role_permissions rp ON rp.role_id = ur.role_id").Where("rp.permission = ?", "*")
	var ids []int64
	err := s.DB.With(ctx).Model(&covetmodels.User{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("disabled_at IS NULL AND id IN (?)", admins).Limit(1).Pluck("id", &ids).Error
	if err != nil {
		return false, fmt.Errorf("finding an account that may do everything: %w", err)
	}
	return len(ids) > 0, nil
}
