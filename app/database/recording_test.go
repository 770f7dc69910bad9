package database_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
)

// Threat: people's data in the log, and on the error page.
func TestStatementsAreRecordedWithoutParameters(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		t.Helper()
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		db := openLogged(t, database.Config{URL: url, Record: true}, log)
		ctx, recording := database.Record(t.Context())
		run := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		var text string
		var count int64
		run(db.With(ctx).Exec("CREATE TABLE secrets (name VARCHAR(20))").Error)
		run(db.With(ctx).Exec("INSERT INTO secrets (name) VALUES (?)", "hunter2").Error)
		run(db.With(ctx).Raw("SELECT name FROM secrets WHERE name = ?", "hunter2").Scan(&text).Error)
		run(db.With(ctx).Raw("SELECT name FROM secrets WHERE name = ?", "hunter2").Row().Scan(&text))
		run(db.With(ctx).Table("secrets").Where("name = ?", "hunter2").Count(&count).Error)
		run(db.With(ctx).Table("secrets").Where("name = ?", "hunter2").Pluck("name", &[]string{}).Error)
		run(db.Transaction(ctx, func(ctx context.Context) error {
			return db.With(ctx).Table("secrets").Where("name = ?", "hunter2").Scan(&[]struct{ Name string }{}).Error
		}))
		if err := db.With(ctx).Exec("DELETE FROM nowhere WHERE name = ?", "hunter2").Error; err == nil {
			t.Error("there is a table nowhere")
		}
		statements, more := recording.Statements()
		if len(statements) != 8 || more != 0 || text != "hunter2" || count != 1 {
			t.Errorf("%d statements and %d more, %q, %d: %+v", len(statements), more, text, count, statements)
		}
		for i, s := range statements {
			if strings.Contains(s.SQL+s.Err, "hunter2") || s.SQL == "" || (s.Err != "") != (i == len(statements)-1) {
				t.Errorf("statement = %+v", s)
			}
		}
		if statements[1].Rows != 1 || !strings.HasPrefix(statements[1].SQL, "INSERT") {
			t.Errorf("statement = %+v", statements[1])
		}
		if strings.Contains(out.String(), "hunter2") {
			t.Errorf("log = %s", &out)
		}
	})
}

func TestRecordingIsBounded(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{URL: "sqlite::memory:", Record: true})
	ctx, recording := database.Record(t.Context())
	for range 150 {
		if err := db.With(ctx).Exec("SELECT 1 -- " + strings.Repeat("x", 10000)).Error; err != nil {
			t.Fatal(err)
		}
	}
	statements, more := recording.Statements()
	if len(statements) != 100 || more != 50 || len(statements[0].SQL) > 5000 {
		t.Errorf("%d statements and %d more, %d bytes", len(statements), more, len(statements[0].SQL))
	}
}

func TestNothingIsRecordedUnasked(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{URL: "sqlite::memory:"})
	ctx, recording := database.Record(t.Context())
	if err := db.With(ctx).Exec("SELECT 1").Error; err != nil {
		t.Fatal(err)
	}
	if statements, _ := recording.Statements(); len(statements) > 0 {
		t.Errorf("statements = %v", statements)
	}
	if statements, _ := database.Recorded(t.Context()).Statements(); statements != nil {
		t.Errorf("statements of no recording = %v", statements)
	}
}
