package errorpage_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/config"
)

// registerRoutes registers closures, whose names lead to this function.
func registerRoutes(a *covet.App) {
	a.Echo.GET("/sql", func(c echo.Context) error {
		db := a.DB.With(c.Request().Context())
		return db.Exec("DELETE FROM nowhere").Error // the line that the page marks
	})
	a.Echo.GET("/other", func(echo.Context) error { return errors.New("something else") })
}

// The error page of a request shows the place that ran the statement which failed, and no line that has nothing to do
// with the error.
func TestErrorPageMarksTheStatementThatFailed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := covet.New(covet.Config{
		App:      covet.Application{Env: config.Development, DataDir: dir},
		Database: database.Config{URL: "sqlite:" + filepath.Join(dir, "test.db")},
		Override: covet.Override{LogOutput: t.Output()},
	}, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	registerRoutes(a)
	get := func(path string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:8000"
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		a.Echo.ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%s: status %d", path, w.Code)
		}
		return w.Body.String()
	}
	page := get("/sql")
	for _, want := range []string{"The statement that failed", "request_test.go", "the line that the page marks"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := get("/other"); strings.Contains(page, "func registerRoutes") {
		t.Error("the page marks the function that registers the routes")
	}
}
