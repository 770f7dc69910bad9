// Package authdb gives the unit tests of the packages beside it a database with the tables of accounts, on every kind
// of server:
//
//	func TestMain(m *testing.M) { testserver.Exit(m.Run()) }
//
//	func TestSessions(t *testing.T) {
//		authdb.Each(t, func(t *testing.T, db *database.DB) { … })
//	}
package authdb

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/migrations"
	covetmodels "github.com/covetgo/covet/models"
)

// migrated has the tables of the library and of accounts. It is read only.
var migrated = testserver.NewTemplate(func(ctx context.Context, url string) (err error) {
	db, err := open(url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = migrations.NewRunner(db, migrations.Library(), migrations.Accounts()).Up(ctx)
	return err
})

func open(url string) (*database.DB, error) {
	return database.Open(database.Config{URL: url}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
}

// Each runs a test on SQLite, PostgreSQL and MySQL, in parallel, with a database of its own each.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{
		"sqlite": migrated.SQLite, "postgres": migrated.Postgres, "mysql": migrated.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, use(t, url(t)))
		})
	}
}

// SQLite returns a SQLite database, for tests in which the dialect makes no difference.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	return use(t, migrated.SQLite(t))
}

func use(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// User stores an account with a confirmed address and a password hash that nothing matches.
func User(t testing.TB, db *database.DB, email string) *covetmodels.User {
	t.Helper()
	verified := time.Now().UTC().Truncate(time.Microsecond)
	user := &covetmodels.User{Email: email, PasswordHash: "x", EmailVerifiedAt: &verified}
	Create(t, db, user)
	return user
}

// Create stores a row.
func Create(t testing.TB, db *database.DB, row any) {
	t.Helper()
	if err := db.With(t.Context()).Create(row).Error; err != nil {
		t.Fatal(err)
	}
}

// Count returns how many rows of a model there are that meet a condition.
func Count(t testing.TB, db *database.DB, model any, where ...any) int64 {
	t.Helper()
	var n int64
	query := db.With(t.Context()).Model(model)
	if len(where) > 0 {
		query = query.Where(where[0], where[1:]...)
	}
	if err := query.Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
