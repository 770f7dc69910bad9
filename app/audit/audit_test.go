package audit_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/internal/testserver"
	covetmigrations "github.com/covetgo/covet/migrations"
	covetmodels "github.com/covetgo/covet/models"
)

var databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
	"postgres": testserver.Postgres,
	"mysql":    testserver.MySQL,
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := covetmigrations.NewRunner(db, covetmigrations.Library()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestRecord(t *testing.T) {
	t.Parallel()
	for kind, url := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := open(t, url(t))
			log := audit.New(db)
			ctx := identity.With(t.Context(), identity.Actor{ID: "7", Name: "Ada", Email: "ada@example.com"})
			detail := map[string]any{"changes": []audit.Change{{Field: "title", Before: "A", After: "B"}}}
			if err := log.Record(ctx, audit.Event{
				Action:  "posts.update",
				Subject: audit.Subject("posts", 42),
				Detail:  detail,
			}); err != nil {
				t.Fatal(err)
			}

			var entry covetmodels.AuditEntry
			if err := db.With(t.Context()).First(&entry).Error; err != nil {
				t.Fatal(err)
			}
			if entry.Action != "posts.update" || entry.Subject != "posts:42" || entry.ActorID != "7" ||
				entry.ActorName != "ada@example.com" {
				t.Errorf("entry = %+v", entry)
			}
			if want := `{"changes":[{"field":"title","before":"A","after":"B"}]}`; entry.Detail != want {
				t.Errorf("detail = %s, want %s", entry.Detail, want)
			}
			if entry.CreatedAt.IsZero() {
				t.Error("the entry has no time")
			}
		})
	}
}

// Threat: text of a client that a column cannot hold makes the deed fail, or the entry disappear.
func TestTextThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for kind, url := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := open(t, url(t))
			event := audit.Event{
				Action: "x", Subject: strings.Repeat("ä", 200) + "\x00\xff",
				Actor: identity.Actor{ID: strings.Repeat("9", 100), Name: "a\x00b\xff"},
			}
			if err := audit.New(db).Record(t.Context(), event); err != nil {
				t.Fatal(err)
			}
			var entry covetmodels.AuditEntry
			if err := db.With(t.Context()).First(&entry).Error; err != nil {
				t.Fatal(err)
			}
			if entry.Subject != strings.Repeat("ä", 95) || entry.ActorName != "ab" || len(entry.ActorID) != 64 {
				t.Errorf("entry = %+v", entry)
			}
		})
	}
}

func TestRollbackRemovesTheEntry(t *testing.T) {
	t.Parallel()
	db := open(t, databases["sqlite"](t))
	undo := errors.New("undo")
	err := db.Transaction(t.Context(), func(ctx context.Context) error {
		if err := audit.New(db).Record(ctx, audit.Event{Action: "posts.delete"}); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	var n int64
	if err := db.With(t.Context()).Model(&covetmodels.AuditEntry{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("%d entries of what never happened", n)
	}
}
