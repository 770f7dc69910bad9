package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// assignRoles is the action of changing who has a role, and what it allows.
const assignRoles = "roles.assign"

// What people are told when a change is refused.
const (
	tellAbove   = "You may not change somebody, or a role, who may do more than you."
	tellOwner   = "You may not act on the sessions or tokens of somebody who may do more than you."
	tellHolder  = "You may not delete a role of somebody who may do more than you."
	tellAssign  = "Who deletes a role takes it from people: that needs roles.assign."
	tellGive    = "You may give only what you may do yourself."
	tellOwn     = "You may not disable or delete yourself, or take from yourself what you may do."
	tellLast    = "Nobody would be left who may do everything."
	tellInvalid = "Write permissions as posts.update, posts.* or *."
)

// guardUsers refuses changes of accounts that may do more than whoever acts, and returns what is asked afterwards.
func (m *Module) guardUsers(ctx context.Context, verb string, users []*covetmodels.User) (func(context.Context) error, error) {
	if err := m.lockRoles(ctx); err != nil {
		return nil, err
	}
	if verb != "create" {
		if err := m.below(ctx, m.permissionsOf(ids(users)...), tellAbove); err != nil {
			return nil, err
		}
	}
	led, err := m.led(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if err := m.below(ctx, m.permissionsOf(ids(users)...), tellGive); err != nil {
			return err
		}
		return m.stillLed(ctx, led)
	}, nil
}

// guardRoles does the same for roles and what they allow.
func (m *Module) guardRoles(ctx context.Context, verb string, roles []*covetmodels.Role) (func(context.Context) error, error) {
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
		if err := m.below(ctx, allowed, tellAbove); err != nil {
			return nil, err
		}
	}
	if verb == "delete" {
		if err := m.mayTake(ctx, roles); err != nil {
			return nil, err
		}
	}
	led, err := m.led(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if err := m.below(ctx, allowed, tellGive); err != nil {
			return err
		}
		return m.stillLed(ctx, led)
	}, nil
}

// mayTake refuses the end of roles to whoever may not assign them, or has somebody above who would lose one.
//
// Threat: who may delete roles takes them from people who may do more.
func (m *Module) mayTake(ctx context.Context, roles []*covetmodels.Role) error {
	var keys []int64
	for _, role := range roles {
		if !m.opts.Authorizer.Can(ctx, assignRoles, role) {
			return problem.Forbidden(tellAssign)
		}
		keys = append(keys, role.ID)
	}
	return m.below(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Model(&covetmodels.RolePermission{}).Where("role_id IN (SELECT role_id FROM covet_user_roles WHERE user_id IN "+
			"(SELECT user_id FROM covet_user_roles WHERE role_id IN ?))", keys)
	}, tellHolder)
}

// guardOwned returns a guard of what belongs to users, such as their sessions: nobody acts on that of somebody who may
// do more.
func guardOwned[T any](m *Module, owner func(*T) int64) func(context.Context, string, []*T) (func(context.Context) error, error) {
	return func(ctx context.Context, _ string, records []*T) (func(context.Context) error, error) {
		if err := m.lockRoles(ctx); err != nil {
			return nil, err
		}
		owners := make([]int64, len(records))
		for i, record := range records {
			owners[i] = owner(record)
		}
		nothing := func(context.Context) error { return nil }
		return nothing, m.below(ctx, m.permissionsOf(owners...), tellOwner)
	}
}

func ids(users []*covetmodels.User) []int64 {
	var keys []int64
	for _, user := range users {
		keys = append(keys, user.ID)
	}
	return keys
}

// lockRoles lets one change of who may do what happen at a time.
//
// Threat: two people take the last role of administrators from each other at the same moment.
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

// below refuses unless whoever acts may do all that is selected.
func (m *Module) below(ctx context.Context, selection func(*gorm.DB) *gorm.DB, tell string) error {
	permissions, err := m.read(ctx, selection)
	if err != nil {
		return err
	}
	actor, _ := identity.From(ctx)
	for _, permission := range permissions {
		if identity.CheckPermission(permission) != nil {
			return problem.BadRequest(tellInvalid)
		}
		if !actor.Permits(permission) {
			return refuse(tell)
		}
	}
	return nil
}

// led reports whether somebody may do everything, and can sign in.
func (m *Module) led(ctx context.Context) (bool, error) {
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

// stillLed refuses when whoever acts has lost something, or when nobody is left who may do everything.
func (m *Module) stillLed(ctx context.Context, before bool) error {
	if err := m.stillSelf(ctx); err != nil {
		return err
	}
	after, err := m.led(ctx)
	if err != nil {
		return err
	}
	if before && !after {
		return refuse(tellLast)
	}
	return nil
}

// stillSelf refuses when whoever acts, if they have an account, has lost something.
func (m *Module) stillSelf(ctx context.Context) error {
	actor, _ := identity.From(ctx)
	id, err := strconv.ParseInt(actor.ID, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // an actor without an account, such as a command
	}
	var own []covetmodels.User
	if err := m.db.With(ctx).Select("id", "disabled_at").Where("id = ?", id).Find(&own).Error; err != nil {
		return fmt.Errorf("reading the account of who acts: %w", err)
	}
	if len(own) == 0 || own[0].DisabledAt != nil {
		return refuse(tellOwn)
	}
	now, err := m.read(ctx, m.permissionsOf(id))
	if err != nil {
		return err
	}
	left := identity.Actor{Permissions: now}
	if slices.ContainsFunc(actor.Permissions, func(permission string) bool { return !left.Permits(permission) }) {
		return refuse(tellOwn)
	}
	return nil
}
