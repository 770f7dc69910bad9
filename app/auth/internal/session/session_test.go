package session

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/auth/internal/authdb"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { testserver.Exit(m.Run()) }

var limits = Limits{Idle: time.Hour, Max: 2 * time.Hour, RememberIdle: 24 * time.Hour, RememberMax: 48 * time.Hour}

func TestBegin(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, ada := NewStore(db, limits), authdb.User(t, db, "ada@example.com")
		begin := func(start Start) (secret string, maxAge int, err error) {
			start.UserID = ada.ID
			err = db.Transaction(t.Context(), func(ctx context.Context) error {
				secret, maxAge, err = s.Begin(ctx, start)
				return err
			})
			return secret, maxAge, err
		}
		first, maxAge, err := begin(Start{})
		if err != nil || maxAge != 0 {
			t.Fatalf("%d, %v", maxAge, err)
		}
		second, maxAge, err := begin(Start{Remember: true, Replaces: first, Authenticated: ada})
		if err != nil || maxAge != 48*3600 || second == first {
			t.Errorf("%d, %v", maxAge, err)
		}
		rows, err := s.List(t.Context(), ada.ID)
		if err != nil || len(rows) != 1 || rows[0].TokenHash != token.Hash(second) || !rows[0].Remember {
			t.Errorf("the sessions are %+v, %v", rows, err)
		}
		disabled := time.Now()
		for name, change := range map[string]func(*covetmodels.User){
			"password": func(u *covetmodels.User) { u.PasswordHash = "old" },
			"address":  func(u *covetmodels.User) { u.Email = "old@example.com" },
			"deleted":  func(u *covetmodels.User) { u.ID = 77 },
		} {
			before := *ada
			change(&before)
			if _, _, err := begin(Start{Authenticated: &before}); !errors.Is(err, ErrChanged) {
				t.Errorf("another %s: %v", name, err)
			}
		}
		if err := db.With(t.Context()).Model(&covetmodels.User{}).Where("id = ?", ada.ID).Update("disabled_at", disabled).Error; err != nil {
			t.Fatal(err)
		}
		if _, _, err := begin(Start{Authenticated: ada}); !errors.Is(err, ErrChanged) {
			t.Errorf("disabled: %v", err)
		}
	})
}

func TestValid(t *testing.T) {
	t.Parallel()
	s, at := NewStore(nil, limits), time.Now()
	for _, tt := range []struct {
		name          string
		remember      bool
		seen, expires time.Duration
		want          bool
	}{
		{"fresh", false, 0, time.Hour, true},
		{"idle", false, -time.Hour - 2*time.Minute, time.Hour, false},
		{"idle to the minute", false, -time.Hour, time.Hour, true},
		{"remembered", true, -time.Hour - 2*time.Minute, time.Hour, true},
		{"remembered and idle", true, -25 * time.Hour, time.Hour, false},
		{"expired", true, 0, 0, false},
	} {
		row := &covetmodels.Session{Remember: tt.remember, LastSeenAt: at.Add(tt.seen), ExpiresAt: at.Add(tt.expires)}
		if got := s.Valid(row, at); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx := NewStore(db, limits), t.Context()
		ada, bob := authdb.User(t, db, "ada@example.com"), authdb.User(t, db, "bob@example.com")
		for _, user := range []*covetmodels.User{ada, ada, ada, bob} {
			if _, _, err := s.Begin(ctx, Start{UserID: user.ID}); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := s.List(ctx, ada.ID)
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d sessions, %v", len(rows), err)
		}
		if found, err := s.End(ctx, bob.ID, rows[0].ID); found || err != nil {
			t.Errorf("the session of another: %t, %v", found, err)
		}
		if found, err := s.End(ctx, ada.ID, rows[0].ID); !found || err != nil {
			t.Errorf("a session: %t, %v", found, err)
		}
		if n, err := s.EndAll(ctx, ada.ID, rows[1].ID); n != 1 || err != nil {
			t.Errorf("all but one: %d, %v", n, err)
		}
		if n := authdb.Count(t, db, &covetmodels.Session{}); n != 2 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func TestTouchAndPrune(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, ctx, at := NewStore(db, limits), t.Context(), token.Now()
		ada := authdb.User(t, db, "ada@example.com")
		row := func(remember bool, seen, expires time.Duration) *covetmodels.Session {
			r := &covetmodels.Session{
				TokenHash: token.Hash(token.New()), UserID: ada.ID, Remember: remember,
				CreatedAt: at, SignedInAt: at, LastSeenAt: at.Add(seen), ExpiresAt: at.Add(expires),
			}
			authdb.Create(t, db, r)
			return r
		}
		kept, _ := row(false, -30*time.Minute, time.Hour), row(true, -2*time.Hour, time.Hour)
		row(false, -2*time.Hour, time.Hour)
		row(true, -25*time.Hour, time.Hour)
		row(false, 0, -time.Second)
		if err := s.Prune(ctx, at); err != nil {
			t.Fatal(err)
		}
		if n := authdb.Count(t, db, &covetmodels.Session{}); n != 2 {
			t.Errorf("%d sessions are left, want 2", n)
		}
		kept.LastSeenAt, kept.Address = at, strings.Repeat("a", 60)
		if err := s.Touch(ctx, kept); err != nil {
			t.Fatal(err)
		}
		var stored covetmodels.Session
		if err := db.With(ctx).Take(&stored, kept.ID).Error; err != nil {
			t.Fatal(err)
		}
		if !stored.LastSeenAt.Equal(at) || len(stored.Address) != 45 {
			t.Errorf("the session is %+v", stored)
		}
		kept.LastSeenAt = at.Add(-time.Minute) // another request was later
		if err := s.Touch(ctx, kept); err != nil {
			t.Fatal(err)
		}
		if n := authdb.Count(t, db, &covetmodels.Session{}, "last_seen_at < ?", at.Add(-time.Hour)); n != 1 {
			t.Error("a session goes back in time")
		}
	})
}

// Threat: an attacker makes up the mark of a browser, or uses that of another user.
func TestDeviceCookie(t *testing.T) {
	t.Parallel()
	c := NewCookies(web.Cookies{App: "blog"}, []byte("key"))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if c.Session(r) != "" || c.Device(r) != "" {
		t.Error("a request without cookies has some")
	}
	made := c.NewDevice("", 7)
	r.AddCookie(made)
	id := c.DeviceOf(c.Device(r), 7)
	if id == "" || c.DeviceOf(c.Device(r), 8) != "" {
		t.Errorf("the browser is %q for its user, and %q for another", id, c.DeviceOf(c.Device(r), 8))
	}
	if again := c.NewDevice(made.Value, 7); again.Value != made.Value {
		t.Error("the browser gets another id with each log-in")
	}
	if other := c.NewDevice(made.Value, 8); c.DeviceOf(other.Value, 7) != "" {
		t.Error("the id of one user becomes that of another")
	}
	for _, value := range []string{"", ".", "x", "x.y", id + ".", id + "." + id, "." + made.Value} {
		if got := c.DeviceOf(value, 7); got != "" {
			t.Errorf("%q is the browser %q", value, got)
		}
	}
	long := httptest.NewRequest(http.MethodGet, "/", nil)
	long.AddCookie(&http.Cookie{Name: "blog-session", Value: strings.Repeat("a", 201)})
	if c.Session(long) != "" {
		t.Error("a value that is too long is read")
	}
}
