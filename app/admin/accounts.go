package admin

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/auditui"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// Account is a pointer to an application's model of a user, which embeds covetmodels.User.
type Account[U any] interface {
	*U
	Account() *covetmodels.User
}

// AccountsOptions adapts the resources of accounts to an application.
type AccountsOptions[U any] struct {
	// List names the columns of the list of users. Defaults to Email, EmailVerifiedAt, DisabledAt and CreatedAt.
	List []string
	// Manager does what a change of an account entails, which is *auth.Module. Required.
	Manager AccountManager
	// Actions are further actions on users. Defaults to none.
	Actions []Action[U]
}

// AccountManager does what changes of accounts entail. *auth.Module implements it. Its methods are called in the
// transaction of the change; an error rolls the change back.
type AccountManager interface {
	// AccountChanged ends the credentials that a change invalidates, and notifies the owner. It is called after the
	// change, with the account before and after it. A new address is no longer confirmed.
	AccountChanged(ctx context.Context, before, after *covetmodels.User) error
	// AccountDeleting does the same before an account is deleted.
	AccountDeleting(ctx context.Context, user *covetmodels.User) error
	// SendPasswordLink mails the account with an address a link to set a password.
	SendPasswordLink(ctx context.Context, email string) error
}

// Accounts registers users, roles, sessions, access tokens and the audit log. The permissions are users.*, with
// users.disable, users.enable and users.send-password-link; roles.*, with roles.assign, which changing who has a role
// or what it allows needs, and deleting one; sessions.*; access_tokens.*, with access_tokens.revoke; and audit.read.
//
// A search looks through the address and the columns of the list that hold text.
//
// Threat: administrators of accounts extend their own permissions. Users cannot grant what they may not do themselves,
// change an account or a role with more permissions than theirs, or take permissions from themselves, and one user with
// all permissions always remains. Credentials end as the Manager decides. Users do not change their own address here.
func Accounts[U any, P Account[U]](m *Module, opts AccountsOptions[U]) {
	if len(opts.List) == 0 {
		opts.List = []string{"Email", "EmailVerifiedAt", "DisabledAt", "CreatedAt"}
	}
	if opts.Manager == nil {
		m.fault = errNoManager
	}
	const group = "Accounts"
	account := func(user *U) *covetmodels.User { return P(user).Account() }
	Register(m, Resource[U]{
		Name: "users", Label: "User", Plural: "Users", Group: group, standard: true, Title: "Email", List: opts.List,
		Search:   searchedOf[U](opts.List),
		Filters:  []string{"EmailVerifiedAt", "DisabledAt", "CreatedAt"},
		ReadOnly: []string{"EmailVerifiedAt", "DisabledAt"},
		Guards:   map[string]string{"Roles": assignRoles},
		Actions:  append(userActions(m, account, opts.Manager), opts.Actions...),
		prepare:  func(user *U) { account(user).Email = strings.ToLower(account(user).Email) },
		locked: map[string]func(context.Context, *U) string{
			"Email": func(ctx context.Context, user *U) string { return ownEmail(ctx, account(user)) },
		},
		guard: guardAccounts(m, account, opts.Manager),
		senseless: map[string]func(context.Context, *U) string{
			meta.Delete: func(ctx context.Context, user *U) string {
				if isOwn(ctx, account(user)) {
					return words.T(ctx, "accounts.own_delete")
				}
				return ""
			},
		},
	})
	Register(m, Resource[covetmodels.Role]{
		Name: "roles", Permission: "roles", Plural: "Roles", Group: group, standard: true, List: []string{"Name", "Description"},
		Filters: []string{"CreatedAt"}, lines: map[string]string{"Permissions": "Permission"},
		Guards: map[string]string{"Permissions": assignRoles}, guard: m.guardRoles,
		suggest: map[string]func(context.Context) []meta.Suggestion{"Permissions": m.permissions},
	})
	Register(m, Resource[covetmodels.Session]{
		Name: "sessions", Permission: "sessions", Plural: "Sessions", Group: group, standard: true, Title: "UserAgent",
		List:    []string{"UserAgent", "UserID", "Address", "LastSeenAt", "ExpiresAt"},
		Filters: []string{"LastSeenAt"}, Order: "-ID", Forbid: []string{"create", "update", "export"},
		refers: map[string]string{"UserID": "users"},
		guard:  guardOwned(m, func(session *covetmodels.Session) int64 { return session.UserID }),
	})
	Register(m, Resource[covetmodels.AccessToken]{
		standard: true, Name: "access-tokens", Permission: "access_tokens", Label: "Access token", Plural: "Access tokens", Group: group,
		List: []string{"Name", "UserID", "Hint", "LastUsedAt", "ExpiresAt", "RevokedAt"}, Search: []string{"Name", "Hint"},
		Filters: []string{"RevokedAt", "LastUsedAt"}, Forbid: []string{"create", "update"},
		Actions: []Action[covetmodels.AccessToken]{{
			Name: "revoke", Danger: true, Run: m.revoke,
			Unavailable: func(ctx context.Context, token *covetmodels.AccessToken) string {
				if token.RevokedAt != nil {
					return words.T(ctx, "accounts.revoked_already")
				}
				return ""
			},
		}},
		refers: map[string]string{"UserID": "users"},
		guard:  guardOwned(m, func(token *covetmodels.AccessToken) int64 { return token.UserID }),
	})
	Register(m, Resource[covetmodels.AuditEntry]{
		standard: true, Name: "audit", Permission: "audit", Label: "Entry", Plural: "Audit log", Group: "System", Title: "Action",
		List:    []string{"Action", "Subject", "ActorName", "Address", "CreatedAt"},
		Search:  []string{"Action", "Subject", "ActorName"},
		Filters: []string{"CreatedAt"}, Order: "-ID", Forbid: []string{"create", "update", "delete"},
		present: map[string]func(context.Context, []*covetmodels.AuditEntry) ([]string, error){
			"Action":  m.presented((*auditui.Audit).Actions),
			"Subject": m.presented((*auditui.Audit).Subjects),
			"Detail":  m.presented((*auditui.Audit).Details),
		},
	})
}

// searchedOf returns the fields of accounts that a search looks through: the address, and those of the list that hold text.
func searchedOf[U any](list []string) []string {
	fields := []string{"Email"}
	for _, name := range list {
		field, ok := reflect.TypeFor[U]().FieldByName(name)
		if ok && field.Type.Kind() == reflect.String && name != "Email" {
			fields = append(fields, name)
		}
	}
	return fields
}

// presented returns a text of entries of the audit log, which is there once the routes are.
func (m *Module) presented(
	text func(*auditui.Audit, context.Context, []*covetmodels.AuditEntry) ([]string, error),
) func(context.Context, []*covetmodels.AuditEntry) ([]string, error) {
	return func(ctx context.Context, entries []*covetmodels.AuditEntry) ([]string, error) {
		return text(m.log, ctx, entries)
	}
}

func userActions[U any](m *Module, account func(*U) *covetmodels.User, manager AccountManager) []Action[U] {
	return []Action[U]{
		{
			Name: "disable", Danger: true,
			Run: func(ctx context.Context, users []*U) (string, error) {
				return m.setDisabled(ctx, accountsOf(users, account), true)
			},
			Unavailable: func(ctx context.Context, user *U) string {
				switch {
				case account(user).DisabledAt != nil:
					return words.T(ctx, "accounts.disabled_already")
				case isOwn(ctx, account(user)):
					return words.T(ctx, "accounts.own_disable")
				}
				return ""
			},
		},
		{
			Name: "enable",
			Run: func(ctx context.Context, users []*U) (string, error) {
				return m.setDisabled(ctx, accountsOf(users, account), false)
			},
			Unavailable: func(ctx context.Context, user *U) string {
				if account(user).DisabledAt == nil {
					return words.T(ctx, "accounts.enabled_already")
				}
				return ""
			},
		},
		{
			Name: "send-password-link",
			Unavailable: func(ctx context.Context, user *U) string {
				if account(user).DisabledAt != nil {
					return words.T(ctx, "accounts.is_disabled")
				}
				return ""
			},
			Run: func(ctx context.Context, users []*U) (string, error) {
				for _, user := range users {
					if err := manager.SendPasswordLink(ctx, account(user).Email); err != nil {
						return "", err
					}
				}
				return words.T(ctx, "accounts.links_sent", "n", len(users)), nil
			},
		},
	}
}

func accountsOf[U any](users []*U, account func(*U) *covetmodels.User) []*covetmodels.User {
	accounts := make([]*covetmodels.User, len(users))
	for i, user := range users {
		accounts[i] = account(user)
	}
	return accounts
}

// setDisabled disables or enables accounts. Accounts that are disabled already keep the time.
func (m *Module) setDisabled(ctx context.Context, accounts []*covetmodels.User, disabled bool) (string, error) {
	db := m.db.With(ctx)
	now := db.NowFunc()
	for _, account := range accounts {
		tx := m.db.With(ctx).Model(&covetmodels.User{}).Where("id = ?", account.ID)
		var err error
		if disabled {
			err = tx.Where("disabled_at IS NULL").Updates(map[string]any{"disabled_at": now, "updated_at": now}).Error
		} else {
			err = tx.Updates(map[string]any{"disabled_at": nil, "updated_at": now}).Error
		}
		if err != nil {
			return "", fmt.Errorf("disabling or enabling %d: %w", account.ID, err)
		}
	}
	if disabled {
		return words.T(ctx, "accounts.disabled", "n", len(accounts)), nil
	}
	return words.T(ctx, "accounts.enabled", "n", len(accounts)), nil
}

func (m *Module) revoke(ctx context.Context, tokens []*covetmodels.AccessToken) (string, error) {
	for _, token := range tokens {
		tx := m.db.With(ctx).Model(&covetmodels.AccessToken{}).Where("id = ? AND revoked_at IS NULL", token.ID)
		if err := tx.Update("revoked_at", time.Now().UTC().Truncate(time.Microsecond)).Error; err != nil {
			return "", fmt.Errorf("revoking token %d: %w", token.ID, err)
		}
	}
	return words.T(ctx, "accounts.revoked", "n", len(tokens)), nil
}

// refuse returns the problem for a change of an account or a role that is not allowed, with the text of a key.
func refuse(ctx context.Context, key string) error { return problem.Conflict(words.T(ctx, key)) }
