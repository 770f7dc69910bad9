package migrations_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/migrations"
)

func TestMain(m *testing.M) {
	testserver.SetParallel(8)
	goleak.VerifyTestMain(m)
}

// eachDatabase runs test on an empty database of every kind.
func eachDatabase(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Parallel()
	for name, newURL := range map[string]func(testing.TB) string{
		"sqlite": sqliteFile, "memory": func(testing.TB) string { return "sqlite::memory:" },
		"postgres": testserver.Postgres, "mysql": testserver.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, newURL(t)))
		})
	}
}

func sqliteFile(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "app.db") }

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
	must(t, err)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return db
}

// newSource returns a source with the same files, given by their names, for every dialect.
func newSource(name string, files map[string]string) migrations.Source {
	tree := fstest.MapFS{}
	for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
		tree[dialect+"/.keep"] = &fstest.MapFile{}
		for base, content := range files {
			tree[dialect+"/"+base] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	return migrations.Source{Name: name, FS: tree}
}

// table returns a migration that creates and drops a table.
func table(name string) string {
	return "-- +goose Up\nCREATE TABLE " + name + " (id BIGINT PRIMARY KEY);\n\n" +
		"-- +goose Down\nDROP TABLE " + name + ";\n"
}

// exists reports whether there is a table.
func exists(t *testing.T, db *database.DB, name string) bool {
	t.Helper()
	return db.With(t.Context()).Migrator().HasTable(name)
}

// summarize writes migrations that were applied or rolled back as "source/file".
func summarize(applied []migrations.Applied) string {
	parts := make([]string, 0, len(applied))
	for _, a := range applied {
		parts = append(parts, a.Source+"/"+a.File)
	}
	return strings.Join(parts, " ")
}

// states writes statuses as "source/version name state".
func states(t *testing.T, r *migrations.Runner) string {
	t.Helper()
	all, err := r.Status(t.Context())
	must(t, err)
	parts := make([]string, 0, len(all))
	for _, s := range all {
		if s.AppliedAt.IsZero() != (s.State == migrations.StatePending) {
			t.Errorf("%s/%d is %s and was applied at %v", s.Source, s.Version, s.State, s.AppliedAt)
		}
		parts = append(parts, strings.TrimSuffix(s.Source+"/"+s.File, ".sql")+" "+string(s.State))
	}
	return strings.Join(parts, ", ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is\n%q, want\n%q", what, got, want)
	}
}
