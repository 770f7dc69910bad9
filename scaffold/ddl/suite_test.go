package ddl_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/migrations"
	"github.com/covetgo/covet/scaffold/ddl"
)

func TestMain(m *testing.M) {
	testserver.SetParallel(8)
	goleak.VerifyTestMain(m)
}

// eachDatabase runs test on an empty database of every kind.
func eachDatabase(t *testing.T, test func(t *testing.T, db *database.DB, d ddl.Dialect)) {
	t.Helper()
	t.Parallel()
	for d, newURL := range map[ddl.Dialect]func(testing.TB) string{
		ddl.SQLite:   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "app.db") },
		ddl.Postgres: testserver.Postgres, ddl.MySQL: testserver.MySQL,
	} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(database.Config{URL: newURL(t)}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
			must(t, err)
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Errorf("closing: %v", err)
				}
			})
			test(t, db, d)
		})
	}
}

// app returns the migrations as those of an application with accounts.
func app(db *database.DB, d ddl.Dialect, files ...string) *migrations.Runner {
	tree := fstest.MapFS{}
	for i, content := range files {
		tree[fmt.Sprintf("%s/%05d_change.sql", d, i+1)] = &fstest.MapFile{Data: []byte(content)}
	}
	return migrations.NewRunner(db, migrations.Accounts(), migrations.Source{Name: "app", FS: tree})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func up(t *testing.T, r *migrations.Runner) {
	t.Helper()
	_, err := r.Up(t.Context())
	must(t, err)
}

func down(t *testing.T, r *migrations.Runner, n int) {
	t.Helper()
	_, err := r.DownSource(t.Context(), "app", n)
	must(t, err)
}
