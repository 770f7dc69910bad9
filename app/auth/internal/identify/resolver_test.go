package identify_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/authdb"
	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { testserver.Exit(m.Run()) }

// member is the model of an application that knows names and no more columns.
type member struct {
	covetmodels.User
	Unknown string `gorm:"-"`
}

func (*member) ActorName() string { return "Ada" }

type kit struct {
	*identify.Resolver
	sessions *session.Store
	access   *token.Access
	db       *database.DB
	ada      *covetmodels.User
}

func newKit(t *testing.T, db *database.DB, ttl time.Duration) *kit {
	t.Helper()
	k := &kit{
		sessions: session.NewStore(db, session.Limits{
			Idle: time.Hour, Max: time.Hour, RememberIdle: time.Hour, RememberMax: time.Hour,
		}),
		access: token.NewAccessStore(db), db: db, ada: authdb.User(t, db, "ada@example.com"),
	}
	var role covetmodels.Role
	if err := db.With(t.Context()).Where("name = ?", "admin").Take(&role).Error; err != nil {
		t.Fatal(err)
	}
	authdb.Create(t, db, &covetmodels.RolePermission{RoleID: role.ID, Permission: "posts.read"})
	authdb.Create(t, db, &covetmodels.UserRole{UserID: k.ada.ID, RoleID: role.ID})
	model := account.NewModel[member](db, account.Hooks[member]{})
	resolver, err := identify.NewResolver(db, slog.New(slog.DiscardHandler), model, k.sessions, k.access, ttl)
	if err != nil {
		t.Fatal(err)
	}
	k.Resolver = resolver
	return k
}

// begin begins a session, and returns its secret.
func (k *kit) begin(t *testing.T) string {
	t.Helper()
	secret, _, err := k.sessions.Begin(t.Context(), session.Start{UserID: k.ada.ID})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestResolver(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		k, ctx := newKit(t, db, time.Minute), t.Context()
		secret := k.begin(t)
		h, err := k.BySession(ctx, secret)
		if err != nil || h == nil {
			t.Fatalf("%v, %v", h, err)
		}
		user, ok := h.Model.(*member)
		slices.Sort(h.Permissions)
		if !ok || user.ID != k.ada.ID || h.Account != &user.User || h.Name != "Ada" || !slices.Equal(h.Permissions, []string{"*", "posts.read"}) {
			t.Errorf("the holder is %+v", h)
		}
		program, err := k.access.Create(ctx, &covetmodels.AccessToken{UserID: k.ada.ID, Name: "CI", Scopes: "posts.read"})
		if err != nil {
			t.Fatal(err)
		}
		byToken, err := k.ByAccessToken(ctx, program)
		if err != nil || byToken == nil || byToken.Token == nil || byToken.Session != nil || byToken.Token.LastUsedAt == nil {
			t.Fatalf("%+v, %v", byToken, err)
		}
		if actor := byToken.Actor(); !actor.Token || !slices.Equal(actor.Scopes, []string{"posts.read"}) || actor.Name != "Ada" {
			t.Errorf("the actor is %+v", actor)
		}
		for name, find := range map[string]func() (*identify.Holder, error){
			"made up":              func() (*identify.Holder, error) { return k.BySession(ctx, token.New()) },
			"empty":                func() (*identify.Holder, error) { return k.BySession(ctx, "") },
			"a token as a session": func() (*identify.Holder, error) { return k.BySession(ctx, program) },
			"a session as a token": func() (*identify.Holder, error) { return k.ByAccessToken(ctx, secret) },
			"another token":        func() (*identify.Holder, error) { return k.ByAccessToken(ctx, token.NewAccess()) },
		} {
			if h, err := find(); h != nil || err != nil {
				t.Errorf("%s: %v, %v", name, h, err)
			}
		}
		// Whatever ends a credential counts at once, although the cache lasts for a minute.
		if _, err := k.access.RevokeAll(ctx, k.ada.ID); err != nil {
			t.Fatal(err)
		}
		if h, err := k.ByAccessToken(ctx, program); h != nil || err != nil {
			t.Errorf("a revoked token: %v, %v", h, err)
		}
		if err := db.With(ctx).Model(k.ada).Update("disabled_at", time.Now().UTC()).Error; err != nil {
			t.Fatal(err)
		}
		if h, err := k.BySession(ctx, secret); h != nil || err != nil {
			t.Errorf("a disabled account: %v, %v", h, err)
		}
	})
}

// A session is extended once a minute, and never by a request in a transaction.
func TestResolverExtendsSessions(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	k, ctx := newKit(t, db, 0), t.Context()
	secret := k.begin(t)
	seen := func() time.Time {
		var row covetmodels.Session
		if err := db.With(ctx).Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		return row.LastSeenAt
	}
	find := func(ctx context.Context) {
		t.Helper()
		if h, err := k.BySession(ctx, secret); h == nil || err != nil {
			t.Fatalf("%v, %v", h, err)
		}
	}
	before := seen()
	find(ctx)
	if !seen().Equal(before) {
		t.Error("it is extended within a minute")
	}
	old := before.Add(-2 * time.Minute)
	if err := db.With(ctx).Model(&covetmodels.Session{}).Where("1 = 1").UpdateColumn("last_seen_at", old).Error; err != nil {
		t.Fatal(err)
	}
	err := db.Transaction(ctx, func(ctx context.Context) error {
		find(ctx)
		return nil
	})
	if err != nil || !seen().Equal(old) {
		t.Errorf("it is extended in a transaction: %v, %v", seen(), err)
	}
	find(ctx)
	if seen().Before(before) {
		t.Error("it is not extended after a minute")
	}
}

// Threat: a program whose token has ended continues as the user of the browser around it.
func TestRequest(t *testing.T) {
	t.Parallel()
	k, ctx := newKit(t, authdb.SQLite(t), time.Minute), t.Context()
	secret := k.begin(t)
	if k.With(ctx, http.Header{}, "") != ctx {
		t.Error("a request that shows nothing carries something")
	}
	h, err := identify.From(k.With(ctx, http.Header{}, secret))
	if err != nil || h == nil || h.Session == nil {
		t.Errorf("a session: %v, %v", h, err)
	}
	basic := http.Header{"Authorization": {"Basic eDp5"}}
	if h, err := identify.From(k.With(ctx, basic, secret)); err != nil || h == nil {
		t.Errorf("another scheme: %v, %v", h, err)
	}
	for _, value := range []string{"Bearer " + token.NewAccess(), "bearer", "Bearer " + secret} {
		ended := k.With(ctx, http.Header{"Authorization": {value}}, secret)
		h, err := identify.From(ended)
		var p *problem.Error
		if h != nil || !errors.As(err, &p) || p.Status != http.StatusUnauthorized {
			t.Errorf("%q: %v, %v", value, h, err)
		}
		if actor, ok := identity.From(ended); ok {
			t.Errorf("%q acts as %+v", value, actor)
		}
	}
	if h, err := identify.From(ctx); h != nil || err != nil {
		t.Errorf("no request: %v, %v", h, err)
	}
}
