package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/covetgo/covet/app/identity"
)

type post struct{ AuthorID string }

func ExampleFrom() {
	ctx := identity.With(context.Background(), identity.Actor{ID: "42", Name: "Ada"})
	actor, ok := identity.From(ctx)
	fmt.Println(actor.Name, ok)
	// Output: Ada true
}

func ExampleCan() {
	policies := identity.NewPolicies()
	identity.Allow(policies, "posts.update", func(_ context.Context, actor identity.Actor, p post) bool {
		return p.AuthorID == actor.ID
	})
	ctx := identity.WithPolicies(context.Background(), policies)
	ctx = identity.With(ctx, identity.Actor{ID: "42"})
	fmt.Println(identity.Can(ctx, "posts.update", post{AuthorID: "42"}),
		identity.Can(ctx, "posts.update", post{AuthorID: "7"}))
	// Output: true false
}

func TestNobody(t *testing.T) {
	t.Parallel()
	if actor, ok := identity.From(t.Context()); ok || actor.ID != "" {
		t.Errorf("From = %v, %v; want nobody", actor, ok)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	ada := identity.Actor{ID: "42"}
	if !ada.Is(42) || ada.Is(4) || ada.Is(0) || (identity.Actor{}).Is(0) || (identity.Actor{ID: "0"}).Is(0) {
		t.Error("an actor equals another, or not itself")
	}
}

func TestUserID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int64{"42": 42, "": 0, "0": 0, "-1": 0, "system": 0, "9223372036854775808": 0, "07": 0, "+7": 0} {
		if got := (identity.Actor{ID: id}).UserID(); got != want {
			t.Errorf("the user of %q is %d, want %d", id, got, want)
		}
	}
}

func TestResolverIsAskedOnceAndOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	asked := 0
	ctx := identity.WithResolver(t.Context(), func(context.Context) (identity.Actor, bool, error) {
		asked++
		return identity.Actor{ID: "1"}, true, nil
	})
	if _, ok := identity.Known(ctx); ok || asked != 0 {
		t.Errorf("Known = %v after %d look-ups, want nobody after none", ok, asked)
	}
	for range 2 {
		if actor, ok := identity.From(ctx); !ok || actor.ID != "1" {
			t.Errorf("From = %v, %v", actor, ok)
		}
	}
	if _, ok := identity.Known(ctx); !ok || asked != 1 {
		t.Errorf("Known = %v after %d look-ups, want true after 1", ok, asked)
	}
}

func TestFailedLookUpAllowsNothing(t *testing.T) {
	t.Parallel()
	ctx := identity.WithResolver(t.Context(), func(context.Context) (identity.Actor, bool, error) {
		return identity.Actor{ID: "1", Permissions: []string{"*"}}, true, errors.New("the database is away")
	})
	policies := identity.NewPolicies()
	identity.AllowAnyone(policies, "posts.read", func(context.Context, identity.Actor, post) bool { return true })
	ctx = identity.WithPolicies(ctx, policies)
	if _, ok := identity.From(ctx); ok {
		t.Error("From returns an actor")
	}
	if identity.Can(ctx, "posts.read", post{}) {
		t.Error("Can allows, although who acts is not known")
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		permissions, scopes []string
		action              string
		want                bool
	}{
		{nil, nil, "posts.update", false},
		{[]string{"posts.update"}, nil, "posts.update", true},
		{[]string{"posts.update"}, nil, "posts.delete", false},
		{[]string{"posts.*"}, nil, "posts.update", true},
		{[]string{"posts.*"}, nil, "posts", false},
		{[]string{"posts.*"}, nil, "postscripts.update", false},
		{[]string{"post*"}, nil, "posts.update", false},
		{[]string{"*"}, nil, "posts.update", true},
		{[]string{""}, nil, "", true},
		{[]string{"*"}, []string{}, "posts.update", false},
		{[]string{"*"}, []string{"posts.read"}, "posts.update", false},
		{[]string{"*"}, []string{"posts.*"}, "posts.update", true},
		{[]string{"posts.read"}, []string{"*"}, "posts.update", false},
	}
	for _, tt := range tests {
		ctx := identity.With(t.Context(), identity.Actor{ID: "1", Permissions: tt.permissions, Scopes: tt.scopes})
		if got := identity.Can(ctx, tt.action, nil); got != tt.want {
			t.Errorf("permissions %q, scopes %q: Can(%q) = %v", tt.permissions, tt.scopes, tt.action, got)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	owns := func(_ context.Context, actor identity.Actor, p post) bool { return p.AuthorID == actor.ID }
	policies := identity.NewPolicies()
	identity.Allow(policies, "posts.*", owns)
	identity.AllowAnyone(policies, "posts.read", func(context.Context, identity.Actor, post) bool { return true })
	guest := identity.WithPolicies(t.Context(), policies)
	ada := identity.With(guest, identity.Actor{ID: "ada"})
	reader := identity.With(guest, identity.Actor{ID: "ada", Scopes: []string{"posts.read"}})

	tests := []struct {
		name    string
		ctx     context.Context
		action  string
		subject any
		want    bool
	}{
		{"own", ada, "posts.update", post{AuthorID: "ada"}, true},
		{"own by pointer", ada, "posts.update", &post{AuthorID: "ada"}, true},
		{"nil pointer", ada, "posts.update", (*post)(nil), false},
		{"another's", ada, "posts.update", post{AuthorID: "bob"}, false},
		{"another action", ada, "users.update", post{AuthorID: "ada"}, false},
		{"another type", ada, "posts.update", "ada", false},
		{"nobody's post, by nobody", guest, "posts.update", post{}, false},
		{"anyone", guest, "posts.read", post{AuthorID: "ada"}, true},
		{"outside the token's scope", reader, "posts.update", post{AuthorID: "ada"}, false},
		{"inside the token's scope", reader, "posts.read", post{AuthorID: "bob"}, true},
		{"without policies", t.Context(), "posts.read", post{}, false},
	}
	for _, tt := range tests {
		if got := identity.Can(tt.ctx, tt.action, tt.subject); got != tt.want {
			t.Errorf("%s: Can = %v", tt.name, got)
		}
	}
}

func TestCheckPermission(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"*", "posts.update", "posts.*", "admin.access", "shop.order-lines.read"} {
		if err := identity.CheckPermission(text); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{
		"", ".", "posts.", ".update", "posts*", "*.update",
		"Posts.update", "posts update", "posts.*.x",
	} {
		if identity.CheckPermission(text) == nil {
			t.Errorf("%q is taken for a permission", text)
		}
	}
}
