package token

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/covetgo/covet/app/auth/internal/authdb"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { testserver.Exit(m.Run()) }

// issued returns a link and its secret.
func issued(t *testing.T, l *Links, row *covetmodels.Token) string {
	t.Helper()
	if err := l.Request(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	secret, err := l.Issue(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestLinks(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		l, ctx := NewLinks(db, time.Minute, time.Hour), t.Context()
		ada := authdb.User(t, db, "ada@example.com")
		older := issued(t, l, &covetmodels.Token{Purpose: Reset, UserID: &ada.ID, Email: ada.Email})
		secret := issued(t, l, &covetmodels.Token{Purpose: Reset, UserID: &ada.ID, Email: ada.Email})
		row, err := l.Find(ctx, Reset, secret)
		if err != nil || row.TokenHash == secret {
			t.Fatalf("%+v, %v", row, err)
		}
		if d := time.Until(row.ExpiresAt); d < 50*time.Second || d > time.Minute {
			t.Errorf("the link expires in %s", d)
		}
		for name, find := range map[string]func() (*covetmodels.Token, error){
			"older":           func() (*covetmodels.Token, error) { return l.Find(ctx, Reset, older) },
			"another purpose": func() (*covetmodels.Token, error) { return l.Find(ctx, Email, secret) },
			"made up":         func() (*covetmodels.Token, error) { return l.Find(ctx, Reset, New()) },
			"its hash":        func() (*covetmodels.Token, error) { return l.Find(ctx, Reset, row.TokenHash) },
		} {
			if _, err := find(); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := l.Use(ctx, row); err != nil {
			t.Fatal(err)
		}
		if err := l.Use(ctx, row); !errors.Is(err, ErrInvalid) {
			t.Errorf("used twice: %v", err)
		}
		if _, err := l.Find(ctx, Reset, secret); !errors.Is(err, ErrInvalid) {
			t.Errorf("used: %v", err)
		}
	})
}

// Threat: two requests use one link at the same moment.
func TestLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		l, ada := NewLinks(db, time.Minute, time.Hour), authdb.User(t, db, "ada@example.com")
		row := &covetmodels.Token{Purpose: Verify, UserID: &ada.ID, Email: ada.Email}
		issued(t, l, row)
		var used atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := db.Transaction(t.Context(), func(ctx context.Context) error { return l.Use(ctx, row) })
				if err == nil {
					used.Add(1)
				} else if !errors.Is(err, ErrInvalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := used.Load(); n != 1 {
			t.Errorf("it was used %d times", n)
		}
	})
}

// Threat: an attacker who reads the old mailbox of an account uses a link from there.
func TestLinksToAnOldAddress(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	l, ada := NewLinks(db, time.Minute, time.Hour), authdb.User(t, db, "ada@example.com")
	old := &covetmodels.Token{Purpose: Reset, UserID: &ada.ID, Email: "old@example.com"}
	secret := issued(t, l, old)
	if _, err := l.Find(t.Context(), Reset, secret); !errors.Is(err, ErrInvalid) {
		t.Errorf("Find: %v", err)
	}
	if err := l.Use(t.Context(), old); !errors.Is(err, ErrInvalid) {
		t.Errorf("Use: %v", err)
	}
	next := issued(t, l, &covetmodels.Token{Purpose: Email, UserID: &ada.ID, Email: "new@example.com"})
	if _, err := l.Find(t.Context(), Email, next); err != nil {
		t.Errorf("a link to the address to be: %v", err)
	}
}

// A request opens nothing before a link is issued, and no more once it has expired.
func TestRequestedLinks(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	l := NewLinks(db, time.Minute, time.Hour)
	row := &covetmodels.Token{Purpose: Signup, Email: "ada@example.com"}
	if err := l.Request(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Requested(t.Context(), row.ID); err != nil || got.ID != row.ID {
		t.Errorf("%+v, %v", got, err)
	}
	if err := db.With(t.Context()).Model(row).Update("expires_at", Now().Add(-25*time.Hour)).Error; err != nil {
		t.Fatal(err)
	}
	if _, err := l.Requested(t.Context(), row.ID); !errors.Is(err, ErrInvalid) {
		t.Errorf("an expired request: %v", err)
	}
	issued(t, l, &covetmodels.Token{Purpose: Signup, Email: "bob@example.com"})
	if err := l.Prune(t.Context(), Now()); err != nil {
		t.Fatal(err)
	}
	if n := authdb.Count(t, db, &covetmodels.Token{}); n != 1 {
		t.Errorf("%d links are left", n)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		a, ctx := NewAccessStore(db), t.Context()
		ada, bob := authdb.User(t, db, "ada@example.com"), authdb.User(t, db, "bob@example.com")
		var ids []int64
		for range 3 {
			row := &covetmodels.AccessToken{UserID: ada.ID, Name: "CI", Scopes: "*"}
			secret, err := a.Create(ctx, row)
			if err != nil || !WellFormed(secret) || row.TokenHash != Hash(secret) || row.Hint != secret[:14] {
				t.Fatalf("%+v, %v", row, err)
			}
			ids = append(ids, row.ID)
		}
		if found, err := a.Revoke(ctx, bob.ID, ids[0]); found || err != nil {
			t.Errorf("the token of another: %t, %v", found, err)
		}
		if found, err := a.Revoke(ctx, ada.ID, ids[0]); !found || err != nil {
			t.Errorf("a token: %t, %v", found, err)
		}
		if found, err := a.Revoke(ctx, ada.ID, ids[0]); found || err != nil {
			t.Errorf("a revoked token: %t, %v", found, err)
		}
		if err := a.Used(ctx, ids[1], Now()); err != nil {
			t.Error(err)
		}
		rows, err := a.List(ctx, ada.ID)
		if err != nil || len(rows) != 2 || rows[0].ID != ids[2] || rows[1].LastUsedAt == nil {
			t.Errorf("the tokens are %+v, %v", rows, err)
		}
		if _, err := a.RevokeAll(ctx, ada.ID); err != nil {
			t.Error(err)
		}
		if rows, err := a.List(ctx, ada.ID); len(rows) != 0 || err != nil {
			t.Errorf("%d tokens are left, %v", len(rows), err)
		}
	})
}
