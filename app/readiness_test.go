package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/internal/testserver"
)

// brokenStore is a store whose Check fails.
type brokenStore struct{ storage.Store }

func (brokenStore) Check(context.Context) error {
	return fmt.Errorf("%w: %w", storage.ErrUnavailable, syscall.ENOSPC)
}

func TestReadinessNamesTheStorage(t *testing.T) {
	t.Parallel()
	a, err := covet.New(testConfig(t), covet.Options{
		Drivers: []database.Driver{sqlite.Driver{}}, Storage: brokenStore{storage.NewFolder(t.TempDir())},
	})
	if err != nil {
		t.Fatal(err)
	}
	base := start(t, a, covet.Roles{Web: true})
	got := do(t, http.MethodGet, base+"/ready", "*/*")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"storage":{"status":"unavailable"`) {
		t.Errorf("ready = %+v", got)
	}
	if strings.Contains(got.body, "space") {
		t.Errorf("the cause is shown to anybody: %s", got.body)
	}
}

// TestReadinessFindsAFolderThatCannotBeWritten puts a file where the folder of uploads should be, and takes it away.
func TestReadinessFindsAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	files := cfg.App.DataDir + "/files"
	if err := os.WriteFile(files, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := newApp(t, cfg)
	a.Echo.POST("/upload", func(c echo.Context) error {
		return a.Storage.Put(c.Request().Context(), "a/b", strings.NewReader("text"))
	})
	base := start(t, a, covet.Roles{Web: true})
	if got := do(t, http.MethodGet, base+"/ready", "*/*"); got.status != http.StatusServiceUnavailable {
		t.Errorf("ready = %+v", got)
	}
	for _, accept := range []string{"text/html", "application/json"} {
		got := do(t, http.MethodPost, base+"/upload", accept)
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
			t.Errorf("%s: storing = %+v", accept, got)
		}
	}
	if err := os.Remove(files); err != nil {
		t.Fatal(err)
	}
	if got := do(t, http.MethodGet, base+"/ready", "*/*"); got.status != http.StatusOK {
		t.Errorf("afterwards ready = %+v", got)
	}
}

// TestUnavailableDatabaseIs503 cuts the database off under pages and endpoints.
func TestUnavailableDatabaseIs503(t *testing.T) {
	t.Parallel()
	url := testserver.Postgres(t)
	proxy := testserver.NewProxy(t, url)
	cfg := testConfig(t)
	cfg.Database.URL = proxy.Through(t, url)
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{postgres.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	a.Echo.GET("/read", func(c echo.Context) error {
		var n int64
		if err := a.DB.With(c.Request().Context()).Table("covet_audit").Count(&n).Error; err != nil {
			return fmt.Errorf("counting: %w", err)
		}
		return c.NoContent(http.StatusNoContent)
	})
	a.Echo.GET("/write", func(c echo.Context) error {
		return a.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
			return a.DB.With(ctx).Exec("DELETE FROM covet_audit").Error
		})
	})
	a.Echo.GET("/raw", func(c echo.Context) error {
		pool, err := a.DB.With(c.Request().Context()).DB()
		if err != nil {
			return err
		}
		_, err = pool.ExecContext(c.Request().Context(), "SELECT 1")
		return err
	})
	base := start(t, a, covet.Roles{Web: true})
	proxy.Cut()
	for _, path := range []string{"/read", "/write", "/raw"} {
		for _, accept := range []string{"text/html", "application/json"} {
			got := do(t, http.MethodGet, base+path, accept)
			if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
				t.Errorf("%s as %s: %+v", path, accept, got)
			}
		}
	}
	if got := do(t, http.MethodGet, base+"/ready", "*/*"); got.status != http.StatusServiceUnavailable ||
		!strings.Contains(got.body, `"database":{"status":"unavailable"`) {
		t.Errorf("ready = %+v", got)
	}
	if got := do(t, http.MethodGet, base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("health = %+v", got)
	}
	proxy.Open(t)
	if got := do(t, http.MethodGet, base+"/read", "*/*"); got.status != http.StatusOK &&
		got.status != http.StatusNoContent {
		t.Errorf("afterwards: %+v", got)
	}
}

func TestErrorsOfTheSystemAre503(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	causes := map[string]error{
		"/full": syscall.ENOSPC, "/quota": syscall.EDQUOT, "/readonly": syscall.EROFS, "/files": syscall.EMFILE,
		"/refused": syscall.ECONNREFUSED, "/database": database.ErrUnavailable, "/storage": storage.ErrUnavailable,
	}
	for path, cause := range causes {
		a.Echo.GET(path, func(echo.Context) error {
			return fmt.Errorf("handling: %w", &os.PathError{Op: "write", Path: "x", Err: cause})
		})
	}
	a.Echo.GET("/other", func(echo.Context) error { return errors.New("something else") })
	base := start(t, a, covet.Roles{Web: true})
	for path := range causes {
		if got := do(t, http.MethodGet, base+path, "*/*"); got.status != http.StatusServiceUnavailable ||
			got.header.Get("Retry-After") != "5" {
			t.Errorf("%s: %d, Retry-After %q", path, got.status, got.header.Get("Retry-After"))
		}
	}
	if got := do(t, http.MethodGet, base+"/other", "*/*"); got.status != http.StatusInternalServerError {
		t.Errorf("/other: %d", got.status)
	}
}
