package identity_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/identity"
)

// sql writes expressions as text.
type sql struct{ strings.Builder }

func (s *sql) WriteQuoted(field any) {
	if column, ok := field.(clause.Column); ok {
		field = column.Name
	}
	s.WriteString(field.(string))
}
func (s *sql) AddVar(clause.Writer, ...any) { s.WriteByte('?') }
func (s *sql) AddError(err error) error     { return err }

func TestFilter(t *testing.T) {
	t.Parallel()
	policies := identity.NewPolicies()
	own := func(_ context.Context, actor identity.Actor, p post) bool { return p.AuthorID == actor.ID }
	all := func(context.Context, identity.Actor, post) bool { return true }
	identity.Allow(policies, "posts.*", own).Where(identity.Owns("author_id"))
	identity.AllowAnyone(policies, "posts.list", all).Where(identity.Everything)
	identity.Allow(policies, "posts.update", own)
	identity.Allow(policies, "posts.show", own).Where(identity.Owns("editor_id"))
	identity.Allow(policies, "posts.read", func(context.Context, identity.Actor, string) bool { return true })
	identity.Allow(policies, "any.read", func(context.Context, identity.Actor, any) bool { return true })
	identity.Allow(policies, "pointers.read", func(context.Context, identity.Actor, *post) bool { return true })
	guest := identity.WithPolicies(t.Context(), policies)
	ada := identity.With(guest, identity.Actor{ID: "7"})
	system := identity.With(guest, identity.Actor{ID: "system"})
	admin := identity.With(guest, identity.Actor{ID: "8", Permissions: []string{"posts.*"}})
	token := identity.With(guest, identity.Actor{ID: "7", Permissions: []string{"*"}, Scopes: []string{"tags.read"}})
	unknown := identity.WithResolver(guest, func(context.Context) (identity.Actor, bool, error) {
		return identity.Actor{}, false, errors.New("unavailable")
	})

	for _, test := range []struct {
		name   string
		ctx    context.Context
		action string
		want   string // "" if a rule has no condition
	}{
		{"a visitor", guest, "posts.read", "1 = 0"},
		{"a visitor, where anyone may", guest, "posts.list", "1 = 1"},
		{"a user", ada, "posts.read", "((author_id = ?))"},
		{"a user with two rules", ada, "posts.list", "1 = 1"},
		{"a user with two conditions", ada, "posts.show", "((author_id = ?) OR (editor_id = ?))"},
		{"an actor who is no user", system, "posts.read", "((1 = 0))"},
		{"a rule without a condition", ada, "posts.update", ""},
		{"a permission, whatever the rules", admin, "posts.update", "1 = 1"},
		{"a token of another scope", token, "posts.read", "1 = 0"},
		{"an action without rules", ada, "users.read", "1 = 0"},
		{"a rule about anything", ada, "any.read", ""},
		{"a rule about pointers", ada, "pointers.read", ""},
		{"who acts is not known", unknown, "posts.list", "1 = 0"},
		{"no policies", t.Context(), "posts.read", "1 = 0"},
	} {
		for _, model := range []any{post{}, &post{}} {
			got := ""
			condition, ok := identity.Filter(test.ctx, test.action, model)
			if ok {
				var b sql
				condition.Build(&b)
				got = b.String()
			}
			if got != test.want {
				t.Errorf("%s: %q, want %q", test.name, got, test.want)
			}
		}
	}
}
