package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/covetgo/covet/app/admin/internal/meta"
	covetmodels "github.com/covetgo/covet/models"
)

// errNoManager is reported by Routes.
var errNoManager = errors.New("admin.AccountsOptions.Manager is missing: pass the module of package auth")

// guardAccounts returns the guard of users: [Module.guardUsers], and what a change entails.
//
// Threat: a session, a link in a mail or an access token outlives the change that was to end it, whichever form or
// action made it.
func guardAccounts[U any](
	m *Module, account func(*U) *covetmodels.User, manager AccountManager,
) func(context.Context, string, []*U) (func(context.Context) error, error) {
	return func(ctx context.Context, verb string, users []*U) (func(context.Context) error, error) {
		accounts := accountsOf(users, account)
		after, err := m.guardUsers(ctx, verb, accounts)
		if err != nil || verb == meta.Create {
			return after, err
		}
		before, err := m.readUsers(ctx, accounts)
		if err != nil {
			return nil, err
		}
		if verb == meta.Delete || verb == meta.Destroy {
			return after, deleting(ctx, manager, before)
		}
		return func(ctx context.Context) error {
			if err := after(ctx); err != nil {
				return err
			}
			return m.settle(ctx, manager, accounts, before)
		}, nil
	}
}

func deleting(ctx context.Context, manager AccountManager, users []covetmodels.User) error {
	for i := range users {
		if err := manager.AccountDeleting(ctx, &users[i]); err != nil {
			return err
		}
	}
	return nil
}

// readUsers returns accounts as they are stored: records of the admin lack the columns that it does not show.
func (m *Module) readUsers(ctx context.Context, accounts []*covetmodels.User) ([]covetmodels.User, error) {
	users := make([]covetmodels.User, len(accounts))
	for i, account := range accounts {
		if err := m.db.With(ctx).Take(&users[i], account.ID).Error; err != nil {
			return nil, fmt.Errorf("reading user %d: %w", account.ID, err)
		}
	}
	return users, nil
}

// settle has the manager do what the changes of accounts entail.
func (m *Module) settle(
	ctx context.Context, manager AccountManager, accounts []*covetmodels.User, before []covetmodels.User,
) error {
	now, err := m.readUsers(ctx, accounts)
	if err != nil {
		return err
	}
	for i := range before {
		if err := manager.AccountChanged(ctx, &before[i], &now[i]); err != nil {
			return err
		}
	}
	return nil
}
