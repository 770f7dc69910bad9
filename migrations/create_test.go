package migrations_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/migrations"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3*60*60))

func mysqlURL(t *testing.T) string {
	t.Helper()
	return testserver.MySQL(t)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "migrations")
	for _, want := range []string{"20261123090000_create_posts.sql", "20261123090001_create_posts.sql"} {
		paths, err := migrations.Create(dir, "CreatePosts", []string{"sqlite", "postgres"}, noon)
		must(t, err)
		if diff := cmp.Diff([]string{
			filepath.Join(dir, "sqlite", want),
			filepath.Join(dir, "postgres", want),
		}, paths); diff != "" {
			t.Errorf("paths (-want +got):\n%s", diff)
		}
	}
	must(t, migrations.Source{Name: "app", FS: os.DirFS(dir)}.Check())
}

// TestCreatedFilesRun applies what Create writes as soon as it holds a statement, and not before: applied, an empty
// file would never be looked at again.
func TestCreatedFilesRun(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		dir := t.TempDir()
		paths, err := migrations.Create(dir, "nothing yet", []string{db.Dialect()}, noon)
		must(t, err)
		runner := migrations.NewRunner(db, migrations.Source{Name: "app", FS: os.DirFS(dir)})
		applied, err := runner.Up(t.Context())
		if err == nil || len(applied) > 0 || !strings.Contains(err.Error(), "nothing_yet.sql has no statement") {
			t.Errorf("an empty file: %v, %v", applied, err)
		}
		content, err := os.ReadFile(paths[0])
		must(t, err)
		must(t, os.WriteFile(paths[0], bytes.Replace(content, []byte("-- +goose Up\n"),
			[]byte("-- +goose Up\nCREATE TABLE posts (id INTEGER);\n"), 1), 0o600))
		applied, err = runner.Up(t.Context())
		must(t, err)
		equal(t, "applied", summarize(applied), "app/20261123090000_nothing_yet.sql")
		_, err = runner.Down(t.Context(), 1)
		must(t, err)
	})
}

func TestCreateNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"create_posts": "create_posts", "Add title to posts": "add_title_to_posts", "addTitleToPosts": "add_title_to_posts",
		"add--title": "add_title", " add.index ": "add_index", "add2FA": "add2_fa", "HTML": "html",
	} {
		paths, err := migrations.Create(t.TempDir(), name, []string{"mysql"}, noon)
		must(t, err)
		equal(t, name, filepath.Base(paths[0]), "20261123090000_"+want+".sql")
	}
	for _, name := range []string{
		"", "  ", "-", "2posts", "posts/../../x", "пост", "drop;table",
		strings.Repeat("a", 101),
	} {
		dir := t.TempDir()
		if paths, err := migrations.Create(dir, name, []string{"mysql"}, noon); err == nil {
			t.Errorf("%q was accepted: %v", name, paths)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("%q left %v, error %v", name, entries, err)
		}
	}
}

func TestCreateRefusesDialects(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{nil, {"oracle"}, {"sqlite", "../x"}, {"sqlite", "sqlite"}} {
		if _, err := migrations.Create(t.TempDir(), "posts", names, noon); err == nil {
			t.Errorf("%v was accepted", names)
		}
	}
}

func TestCreateLeavesNothingHalfMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "postgres"), nil, 0o600)) // in the way of the folder
	_, err := migrations.Create(dir, "posts", []string{"sqlite", "postgres"}, noon)
	if err == nil {
		t.Fatal("it succeeded")
	}
	if found, err := fs.Glob(os.DirFS(dir), "sqlite/*.sql"); err != nil || len(found) > 0 {
		t.Errorf("%v was left, error %v", found, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	some := &fstest.MapFile{Data: []byte(table("one"))}
	source := migrations.Source{Name: "app", FS: fstest.MapFS{
		"sqlite/1_one.sql": some, "sqlite/2_two.sql": some, "postgres/1_one.sql": some, "postgres/2_other.sql": some,
		"mysql/.keep": some, "sqlite/3_no.sql": {}, "notes/4_four.sql": some,
	}}
	got := source.Check()
	if got == nil {
		t.Fatal("nothing was found")
	}
	want := `checking migrations of app: sqlite/3_no.sql has no line "-- +goose Up"
checking migrations of app: 1_one.sql is missing in mysql
checking migrations of app: 2_other.sql is missing in sqlite
checking migrations of app: 2_other.sql is missing in mysql
checking migrations of app: 2_two.sql is missing in postgres
checking migrations of app: 2_two.sql is missing in mysql
checking migrations of app: 3_no.sql is missing in postgres
checking migrations of app: 3_no.sql is missing in mysql`
	if diff := cmp.Diff(want, got.Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	must(t, newSource("app", map[string]string{"1_one.sql": table("one")}).Check())
	if err := (migrations.Source{Name: "app"}).Check(); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func FuzzCreateName(f *testing.F) {
	f.Add("Create posts")
	f.Add("../x")
	f.Fuzz(func(t *testing.T, name string) {
		dir := t.TempDir()
		paths, err := migrations.Create(dir, name, []string{"sqlite"}, noon)
		if err == nil && filepath.Dir(paths[0]) != filepath.Join(dir, "sqlite") {
			t.Errorf("%q was written to %s", name, paths[0])
		}
	})
}
