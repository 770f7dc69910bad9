package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/internal/testserver"
)

// servers are the databases that can be cut off.
var servers = map[string]func(testing.TB) string{"postgres": testserver.Postgres, "mysql": testserver.MySQL}

// TestServerThatRefusesIsUnavailable reads, writes and begins while the server is cut off.
func TestServerThatRefusesIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, newURL := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			proxy := testserver.NewProxy(t, url)
			db := open(t, database.Config{URL: proxy.Through(t, url)})
			must(t, db.With(t.Context()).AutoMigrate(&Author{}))
			tx := db.With(t.Context()).Begin()
			must(t, tx.Error)
			must(t, tx.Create(&Author{Name: "Ada"}).Error)
			proxy.Cut()
			var found []Author
			for what, err := range map[string]error{
				"inside a transaction": tx.Create(&Author{Name: "Bob"}).Error,
				"read":                 db.With(t.Context()).Find(&found).Error,
				"write":                create(t.Context(), db, "Cid"),
				"begin":                db.Transaction(t.Context(), func(context.Context) error { return nil }),
				"ping":                 db.Ping(t.Context()),
			} {
				if !errors.Is(err, database.ErrUnavailable) {
					t.Errorf("%s: error is %v, want ErrUnavailable", what, err)
				}
			}
			_ = tx.Rollback()
			proxy.Open(t)
			must(t, create(t.Context(), db, "Dan"))
		})
	}
}

// TestEndedConnectionIsUnavailable has the server end the connection in the middle of a statement, as at a restart.
func TestEndedConnectionIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ id, kill, sleep string }{
		"postgres": {"SELECT pg_backend_pid()", "SELECT pg_terminate_backend(?)", "SELECT pg_sleep(60)"},
		"mysql":    {"SELECT CONNECTION_ID()", "KILL ?", "SELECT SLEEP(60)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, database.Config{URL: servers[name](t)})
			tx := db.With(t.Context()).Begin()
			must(t, tx.Error)
			var id int64
			must(t, tx.Raw(c.id).Scan(&id).Error)
			ended := make(chan error)
			go func() { ended <- tx.Exec(c.sleep).Error }()
			must(t, db.With(t.Context()).Exec(c.kill, id).Error)
			select {
			case err := <-ended:
				if !errors.Is(err, database.ErrUnavailable) {
					t.Errorf("error is %v, want ErrUnavailable", err)
				}
			case <-time.After(30 * time.Second):
				t.Error("the statement goes on")
			}
			_ = tx.Rollback()
		})
	}
}

// TestFullDiskIsUnavailable bounds the size of a SQLite file.
func TestFullDiskIsUnavailable(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "app.db")})
	must(t, db.With(t.Context()).AutoMigrate(&Book{}))
	must(t, db.With(t.Context()).Exec("PRAGMA max_page_count = 20").Error)
	var err error
	for range 100 {
		if err = db.With(t.Context()).Create(&Book{Title: strings.Repeat("x", 4096)}).Error; err != nil {
			break
		}
	}
	if !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("error is %v, want ErrUnavailable", err)
	}
}

// TestEndOfContextIsNotUnavailable is an error of the caller.
func TestEndOfContextIsNotUnavailable(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var found []Author
		if err := db.With(ctx).Find(&found).Error; !errors.Is(err, context.Canceled) ||
			errors.Is(err, database.ErrUnavailable) {
			t.Errorf("error is %v, want context.Canceled alone", err)
		}
	})
}
