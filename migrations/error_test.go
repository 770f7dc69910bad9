package migrations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/migrations"
)

const broken = `-- +goose Up
-- a comment
CREATE TABLE two (id BIGINT PRIMARY KEY);
CREATE TABLE two_more (id BIGINT PRIMARY KEY);

INSERT INTO two (id)
  VALUES (1),
         (2), oops;
INSERT INTO two (id) VALUES (3);
-- +goose Down
DROP TABLE two;
`

func TestFailure(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		files := map[string]string{
			"00001_one.sql": table("one"), "00002_two.sql": broken, "00003_three.sql": table("three"),
		}
		runner := migrations.NewRunner(db, newSource("app", files))
		applied, err := runner.Up(t.Context())
		equal(t, "applied", summarize(applied), "app/00001_one.sql")
		var failure *migrations.Error
		if !errors.As(err, &failure) {
			t.Fatalf("error is %v, want a *migrations.Error", err)
		}
		t.Log(err)
		wantLine := map[string]int{"sqlite": 6, "postgres": 8, "mysql": 8}[db.Dialect()]
		if failure.Source != "app" || failure.File != "00002_two.sql" || failure.Line != wantLine ||
			failure.Direction != "up" {
			t.Errorf("failure is %#v, want line %d", failure, wantLine)
		}
		want := "nothing of this file was applied"
		if db.Dialect() == "mysql" {
			want = "2 statements of this file took effect, up to: CREATE TABLE two_more"
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want %q", err, want)
		}
		if got := exists(t, db, "two"); got != failure.Partial {
			t.Errorf("the table exists: %v, but partial is %v", got, failure.Partial)
		}
		equal(t, "status", states(t, runner), "app/00001_one applied, app/00002_two pending, app/00003_three pending")
	})
}

func TestFailureWithoutTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{
			"00001_one.sql": "-- +goose NO TRANSACTION\n" + broken,
		}))
		_, err := runner.Up(t.Context())
		if err == nil || !strings.Contains(err.Error(), "run migrate up --continue") || !exists(t, db, "two") {
			t.Errorf("error is %v", err)
		}
	})
}

func TestFailureDown(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{
			"00001_one.sql": "-- +goose Up\nCREATE TABLE one (id BIGINT PRIMARY KEY);\n-- +goose Down\nDROP TABLE nothing;\n",
		}))
		_, err := runner.Up(t.Context())
		must(t, err)
		_, err = runner.Down(t.Context(), 1)
		var failure *migrations.Error
		if !errors.As(err, &failure) || failure.Direction != "down" || failure.Line != 4 {
			t.Errorf("error is %v (%#v)", err, failure)
		}
	})
}

func TestUnreadableFile(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_one.sql": "CREATE TABLE one (id INT);"}))
		if _, err := runner.Up(t.Context()); err == nil || !strings.Contains(err.Error(), "00001_one.sql") {
			t.Errorf("error is %v, want one that names the file", err)
		}
	})
}

// TestSeveralStatementsAsOne runs what goose must not split.
func TestSeveralStatementsAsOne(t *testing.T) {
	t.Parallel()
	db := open(t, mysqlURL(t))
	runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_one.sql": `-- +goose Up
-- +goose StatementBegin
CREATE TABLE one (id BIGINT PRIMARY KEY);
INSERT INTO one (id) VALUES (1);
-- +goose StatementEnd
`}))
	_, err := runner.Up(t.Context())
	must(t, err)
	if !exists(t, db, "one") {
		t.Error("the table is missing")
	}
	if err := db.With(t.Context()).Exec("SELECT 1; SELECT 2").Error; err == nil {
		t.Error("the application's connections take several statements at once, an open door for injections")
	}
}

// TestRebuildKeepsChildren changes a table in the way SQLite wants it: by building it again.
func TestRebuildKeepsChildren(t *testing.T) {
	t.Parallel()
	for _, url := range []string{sqliteFile(t), "sqlite::memory:"} {
		db := open(t, url)
		files := map[string]string{"00001_posts.sql": `-- +goose Up
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT);
CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE);
INSERT INTO posts VALUES (1, 'a'), (2, 'b');
INSERT INTO comments VALUES (1, 1), (2, 1), (3, 2);
`}
		_, err := migrations.NewRunner(db, newSource("app", files)).Up(t.Context())
		must(t, err)
		files["00002_rebuild.sql"] = `-- +goose Up
CREATE TABLE posts_new (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
INSERT INTO posts_new SELECT id, title FROM posts;
DROP TABLE posts;
ALTER TABLE posts_new RENAME TO posts;
`
		_, err = migrations.NewRunner(db, newSource("app", files)).Up(t.Context())
		must(t, err)
		if got := rows(t, db, "comments"); got != 3 {
			t.Errorf("%d comments are left of 3", got)
		}

		files["00003_forget.sql"] = "-- +goose Up\nDELETE FROM posts WHERE id = 1;\n"
		_, err = migrations.NewRunner(db, newSource("app", files)).Up(t.Context())
		want := "migrating up app/00003_forget.sql: checking foreign keys before the commit: " +
			"rows would reference rows that do not exist: 2 in comments (to posts); " +
			"nothing of this file was applied: correct it and migrate again"
		if !errors.Is(err, database.ErrDanglingReference) || err.Error() != want {
			t.Errorf("error is\n%v, want\n%s", err, want)
		}
		if got := rows(t, db, "posts"); got != 2 {
			t.Errorf("%d posts are left of 2", got)
		}
		// The application's own connections go on enforcing.
		if err := db.With(t.Context()).Exec("INSERT INTO comments VALUES (9, 9)").Error; err == nil {
			t.Error("a dangling reference was accepted")
		}
	}
}

func rows(t *testing.T, db *database.DB, table string) int64 {
	t.Helper()
	var n int64
	must(t, db.With(t.Context()).Table(table).Count(&n).Error)
	return n
}
