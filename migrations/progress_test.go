package migrations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/migrations"
)

// inPart is a file whose first two statements take effect on MySQL, or without a transaction, before the third fails.
func inPart(third string) string {
	return "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE p1 (id BIGINT PRIMARY KEY);\n" +
		"CREATE TABLE p2 (\n    id BIGINT PRIMARY KEY\n);\n" + third + "\nCREATE TABLE p3 (id BIGINT PRIMARY KEY);\n"
}

const broke = "ALTER TABLE nosuch ADD COLUMN a INT;"

func failureOf(t *testing.T, err error) *migrations.Error {
	t.Helper()
	var failure *migrations.Error
	if !errors.As(err, &failure) {
		t.Fatalf("error is %v, want a *migrations.Error", err)
	}
	return failure
}

func TestFileAppliedInPart(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		run := func(content string, resume migrations.Resume) error {
			runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_parts.sql": content}))
			runner.Resume = resume
			_, err := runner.Up(t.Context())
			return err
		}
		first := failureOf(t, run(inPart(broke), migrations.RefuseResume))
		second := failureOf(t, run(inPart(broke), migrations.RefuseResume))
		for _, failure := range []*migrations.Error{first, second} {
			if !failure.Partial || !strings.Contains(failure.Error(), "2 statements of this file") ||
				!strings.Contains(failure.Error(), "up to: CREATE TABLE p2 ( id BIGINT PRIMARY KEY )") ||
				!strings.Contains(failure.Error(), "migrate up --continue") {
				t.Errorf("the error is %v", failure)
			}
		}
		if first.Line != 7 || second.Line != 4 {
			t.Errorf("lines are %d and %d, want 7 and 4", first.Line, second.Line)
		}
		// What still fails, fails where it stands in the file, and nothing more is remembered.
		if again := failureOf(t, run(inPart(broke), migrations.ContinueResume)); again.Line != 7 {
			t.Errorf("continued, the error is %v", again)
		}
		changed := strings.Replace(inPart(""), "p1 (id", "p1 (key", 1)
		err := run(changed, migrations.ContinueResume)
		if !strings.Contains(failureOf(t, err).Error(), "were changed in the file") {
			t.Errorf("with an applied statement changed, the error is %v", err)
		}
		must(t, run(inPart("ALTER TABLE p1 ADD COLUMN a INT;"), migrations.ContinueResume))
		if !exists(t, db, "p3") {
			t.Error("p3 is missing")
		}
		must(t, run(inPart("ALTER TABLE p1 ADD COLUMN a INT;"), migrations.RefuseResume))
	})
}

func TestFileAppliedInPartFromItsStart(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		run := func(content string, resume migrations.Resume) error {
			runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_parts.sql": content}))
			runner.Resume = resume
			_, err := runner.Up(t.Context())
			return err
		}
		_ = failureOf(t, run(inPart(broke), migrations.RefuseResume))
		must(t, db.With(t.Context()).Exec("DROP TABLE p1").Error)
		must(t, db.With(t.Context()).Exec("DROP TABLE p2").Error)
		must(t, run(inPart(""), migrations.RestartResume))
		if !exists(t, db, "p1") || !exists(t, db, "p3") {
			t.Error("tables are missing")
		}
	})
}

// On MySQL a CREATE ends the transaction, so that changes of rows after it take effect, too.
func TestProgressCountsWhatWasCommitted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{
			"00001_rows.sql": "-- +goose Up\nCREATE TABLE r (id BIGINT PRIMARY KEY);\nINSERT INTO r VALUES (1);\n" +
				"INSERT INTO r VALUES (2);\nINSERT INTO nosuch VALUES (3);\n",
		}))
		_, err := runner.Up(t.Context())
		failure := failureOf(t, err)
		if db.Dialect() != "mysql" {
			if failure.Partial || exists(t, db, "r") {
				t.Errorf("the error is %v", failure)
			}
			return
		}
		var rows int64
		must(t, db.With(t.Context()).Table("r").Count(&rows).Error)
		if !strings.Contains(failure.Error(), "3 statements of this file took effect, up to: INSERT INTO r VALUES (2)") ||
			rows != 2 {
			t.Errorf("%d rows, the error is %v", rows, failure)
		}
	})
}
