package auth

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/exit"
	covetmodels "github.com/covetgo/covet/models"
)

// errLast is why the last account that may do everything stays.
var errLast = errors.New("nobody would be left who may do everything")

// keepLed does something to an account in the transaction of ctx, and returns errLast when it leaves nobody who may do
// everything and can sign in, where there was somebody before.
//
// Threat: the last two delete their accounts at the same moment. One such change happens at a time, here and in the admin.
func (m *Module) keepLed(ctx context.Context, do func() error) error {
	if err := m.lockRoles(ctx); err != nil {
		return err
	}
	before, err := m.led(ctx)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := m.led(ctx)
	if err != nil {
		return err
	}
	if before && !after {
		return errLast
	}
	return nil
}

func (m *Module) lockRoles(ctx context.Context) error {
	if m.app.DB.Embedded() {
		return nil // one writer at a time, and this transaction is it
	}
	var ids []int64
	err := m.app.DB.With(ctx).Model(&covetmodels.Role{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("locking the roles: %w", err)
	}
	return nil
}

// led reports whether somebody may do everything, and can sign in. It locks what it reads, and so sees what others have
// committed meanwhile.
func (m *Module) led(ctx context.Context) (bool, error) {
	leaders := m.app.DB.With(ctx).Table("covet_user_roles AS ur").Select("ur.user_id").
		Joins("JOIN covet_role_permissions rp ON rp.role_id = ur.role_id").Where("rp.permission = ?", "*")
	var ids []int64
	err := m.app.DB.With(ctx).Model(&covetmodels.User{}).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("disabled_at IS NULL AND id IN (?)", leaders).Limit(1).Pluck("id", &ids).Error
	if err != nil {
		return false, fmt.Errorf("looking for somebody who may do everything: %w", err)
	}
	return len(ids) > 0, nil
}

// keepLedByCommand is keepLed with an error for the command line.
func (m *Module) keepLedByCommand(ctx context.Context, do func() error) error {
	err := m.keepLed(ctx, do)
	if errors.Is(err, errLast) {
		return exit.New(exit.Refused, "Give the role admin to somebody else first: user promote EMAIL.", "%w", errLast)
	}
	return err
}
