package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// assignRoles is the action of changing who has a role, and what it allows.
const assignRoles = "roles.assign"

// guardUsers refuses changes of accounts with more permissions than the acting user's, and returns what is called
// afterwards.
func (m *Module) guardUsers(
	ctx context.Context, verb string, users []*covetmodels.User,
) (func(context.Context) error, error) {
	if err := m.lockRoles(ctx); err != nil {
		return nil, err
	}
	if verb != "create" {
		if err := m.requirePermissions(ctx, m.permissionsOf(ids(users)...), words.ID("accounts.above")); err != nil {
			return nil, err
		}
	}
	had, err := m.hasSuperuser(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if err := m.requirePermissions(ctx, m.permissionsOf(ids(users)...), words.ID("accounts.give")); err != nil {
			return err
		}
		return m.checkRemaining(ctx, had)
	}, nil
}

// guardRoles does the same for roles and what they allow.
func (m *Module) guardRoles(
	ctx context.Context, verb string, roles []*covetmodels.Role,
) (func(context.Context) error, error) {
	if err := m.lockRoles(ctx); err != nil {
		return nil, err
	}
	allowed := func(tx *gorm.DB) *gorm.DB {
		var keys []int64
		for _, role := range roles {
			keys = append(keys, role.ID)
		}
		return tx.Model(&covetmodels.RolePermission{}).Where("role_id IN ?", keys)
	}
	if verb != "create" {
		if err := m.requirePermissions(ctx, allowed, words.ID("accounts.above")); err != nil {
			return nil, err
		}
	}
	if verb == "delete" {
		if err := m.checkRemoval(ctx, roles); err != nil {
			return nil, err
		}
	}
	had, err := m.hasSuperuser(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if err := m.requirePermissions(ctx, allowed, words.ID("accounts.give")); err != nil {
			return err
		}
		return m.checkRemaining(ctx, had)
	}, nil
}

// checkRemoval refuses the deletion of roles without the permission to assign them, and of roles that users with more
// permissions have.
//
// Threat: a user who may delete roles takes permissions from users with more of them.
func (m *Module) checkRemoval(ctx context.Context, roles []*covetmodels.Role) error {
	var keys []int64
	for _, role := range roles {
		if !m.opts.Authorizer.Can(ctx, assignRoles, role) {
			return problem.Forbidden(words.T(ctx, "accounts.assign"))
		}
		keys = append(keys, role.ID)
	}
	return m.requirePermissions(ctx, func(tx *gorm.DB) *gorm.DB {
		const holders = "SELECT user_id FROM covet_user_roles WHERE role_id IN ?"
		const roles = "SELECT role_id FROM covet_user_roles WHERE user_id IN (" + holders + ")"
		return tx.Model(&covetmodels.RolePermission{}).Where("role_id IN ("+roles+")", keys)
	}, words.ID("accounts.holder"))
}

// guardOwned returns the guard of what belongs to users, such as their sessions. It refuses changes of what belongs to
// users with more permissions.
func guardOwned[T any](
	m *Module, owner func(*T) int64,
) func(context.Context, string, []*T) (func(context.Context) error, error) {
	return func(ctx context.Context, _ string, records []*T) (func(context.Context) error, error) {
		if err := m.lockRoles(ctx); err != nil {
			return nil, err
		}
		owners := make([]int64, len(records))
		for i, record := range records {
			owners[i] = owner(record)
		}
		nothing := func(context.Context) error { return nil }
		return nothing, m.requirePermissions(ctx, m.permissionsOf(owners...), words.ID("accounts.owner"))
	}
}

func ids(users []*covetmodels.User) []int64 {
	var keys []int64
	for _, user := range users {
		keys = append(keys, user.ID)
	}
	return keys
}

// lockRoles serializes changes of permissions.
//
// Threat: two administrators take the last role with all permissions from each other at the same moment.
func (m *Module) lockRoles(ctx context.Context) error {
	if m.db.Embedded() {
		return nil // one writer at a time, and this transaction is it
	}
	var keys []int64
	tx := m.db.With(ctx).Model(&covetmodels.Role{}).Clauses(clause.Locking{Strength: "UPDATE"}).Order("id")
	if err := tx.Pluck("id", &keys).Error; err != nil {
		return fmt.Errorf("locking the roles: %w", err)
	}
	return nil
}

// permissionsOf selects the permissions that users have by their roles.
func (m *Module) permissionsOf(users ...int64) func(*gorm.DB) *gorm.DB {
	return func(tx *gorm.DB) *gorm.DB {
		return tx.Model(&covetmodels.RolePermission{}).
			Where("role_id IN (SELECT role_id FROM covet_user_roles WHERE user_id IN ?)", users)
	}
}

// read returns permissions as they are now: a locking read sees what others committed meanwhile.
func (m *Module) read(ctx context.Context, selection func(*gorm.DB) *gorm.DB) ([]string, error) {
	tx := selection(m.db.With(ctx))
	if !m.db.Embedded() {
		tx = tx.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var permissions []string
	if err := tx.Pluck("permission", &permissions).Error; err != nil {
		return nil, fmt.Errorf("reading permissions: %w", err)
	}
	return permissions, nil
}

// requirePermissions refuses with the text of a key unless the acting user has all selected permissions.
func (m *Module) requirePermissions(ctx context.Context, selection func(*gorm.DB) *gorm.DB, key string) error {
	permissions, err := m.read(ctx, selection)
	if err != nil {
		return err
	}
	actor, _ := identity.From(ctx)
	for _, permission := range permissions {
		if identity.CheckPermission(permission) != nil {
			return problem.BadRequest(words.T(ctx, "accounts.invalid"))
		}
		if !actor.Permits(permission) {
			return refuse(ctx, key)
		}
	}
	return nil
}

// hasSuperuser reports whether a user with all permissions can sign in.
func (m *Module) hasSuperuser(ctx context.Context) (bool, error) {
	tx := m.db.With(ctx).Model(&covetmodels.User{}).Where("disabled_at IS NULL AND id IN (?)", m.db.With(ctx).
		Table("covet_user_roles AS ur").Joins("JOIN covet_role_permissions rp ON rp.role_id = ur.role_id").
		Where("rp.permission = ?", "*").Select("ur.user_id"))
	if !m.db.Embedded() {
		tx = tx.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var keys []int64
	if err := tx.Limit(1).Pluck("id", &keys).Error; err != nil {
		return false, fmt.Errorf("looking for administrators: %w", err)
	}
	return len(keys) > 0, nil
}

// checkRemaining refuses a change after which the acting user has lost permissions, or no user with all permissions is
// left although there was one before.
func (m *Module) checkRemaining(ctx context.Context, before bool) error {
	if err := m.checkOwn(ctx); err != nil {
		return err
	}
	after, err := m.hasSuperuser(ctx)
	if err != nil {
		return err
	}
	if before && !after {
		return refuse(ctx, "accounts.last")
	}
	return nil
}

// checkOwn refuses a change after which the acting user, if they have an account, has lost permissions.
func (m *Module) checkOwn(ctx context.Context) error {
	actor, _ := identity.From(ctx)
	id, err := strconv.ParseInt(actor.ID, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // an actor without an account, such as a command
	}
	var own []covetmodels.User
	if err := m.db.With(ctx).Select("id", "disabled_at").Where("id = ?", id).Find(&own).Error; err != nil {
		return fmt.Errorf("reading the account of the acting user: %w", err)
	}
	if len(own) == 0 || own[0].DisabledAt != nil {
		return refuse(ctx, "accounts.own")
	}
	now, err := m.read(ctx, m.permissionsOf(id))
	if err != nil {
		return err
	}
	left := identity.Actor{Permissions: now}
	if slices.ContainsFunc(actor.Permissions, func(permission string) bool { return !left.Permits(permission) }) {
		return refuse(ctx, "accounts.own")
	}
	return nil
}
