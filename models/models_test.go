package models_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	covetmigrations "github.com/covetgo/covet/migrations"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) {
	testserver.SetParallel(8)
	goleak.VerifyTestMain(m)
}

var databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
	"postgres": testserver.Postgres,
	"mysql":    testserver.MySQL,
}

// Every model, for the comparison of what its migrations make with what GORM would make of it.
var all = []any{
	&covetmodels.OutboxRow{}, &covetmodels.AuditEntry{},
	&covetmodels.JobQueue{}, &covetmodels.JobWorker{}, &covetmodels.JobStat{}, &covetmodels.JobSchedule{},
	&covetmodels.JobBatch{},
	&covetmodels.User{}, &covetmodels.Role{}, &covetmodels.RolePermission{}, &covetmodels.UserRole{},
	&covetmodels.Session{}, &covetmodels.Token{}, &covetmodels.AccessToken{}, &covetmodels.PendingLogin{},
}

// The migrations are written by hand; this holds that they make what the models say.
func TestMigrationsCreateTheTablesOfTheModels(t *testing.T) {
	t.Parallel()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migrated, made := open(t, url(t)), open(t, url(t))
			migrate(t, migrated)
			if err := made.With(t.Context()).AutoMigrate(all...); err != nil {
				t.Fatal(err)
			}
			for _, model := range all {
				want, got := describe(t, made, model), describe(t, migrated, model)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%T: the model (-) and its migration (+) differ:\n%s", model, diff)
				}
			}
		})
	}
}

// The way back leaves nothing.
func TestMigrationsDown(t *testing.T) {
	t.Parallel()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, url(t))
			migrate(t, db)
			for _, line := range slices.Backward(sources) {
				runner := covetmigrations.NewRunner(db, line)
				applied, err := runner.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := runner.Down(t.Context(), len(applied)); err != nil {
					t.Fatal(err)
				}
			}
			for _, model := range all {
				if db.With(t.Context()).Migrator().HasTable(model) {
					t.Errorf("the table of %T is still there", model)
				}
			}
		})
	}
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
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

// sources are those that the models belong to, in their order.
var sources = []covetmigrations.Source{covetmigrations.Library(), covetmigrations.Accounts()}

func migrate(t *testing.T, db *database.DB) {
	t.Helper()
	if _, err := covetmigrations.NewRunner(db, sources...).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type column struct {
	Name, Type string
	Length     int64
	Precision  int64
	Nullable   bool
	Primary    bool
}

type index struct {
	Name    string
	Columns []string
	Unique  bool
}

type table struct {
	Columns []column
	Indexes []index
}

func describe(t *testing.T, db *database.DB, model any) table {
	t.Helper()
	migrator := db.With(t.Context()).Migrator()
	types, err := migrator.ColumnTypes(model)
	if err != nil {
		t.Fatal(err)
	}
	indexes, err := migrator.GetIndexes(model)
	if err != nil {
		t.Fatal(err)
	}
	var found table
	for _, c := range types {
		found.Columns = append(found.Columns, columnOf(c))
	}
	for _, i := range indexes {
		if primary, _ := i.PrimaryKey(); primary || strings.HasPrefix(i.Name(), "sqlite_autoindex") {
			continue
		}
		unique, _ := i.Unique()
		found.Indexes = append(found.Indexes, index{Name: i.Name(), Columns: i.Columns(), Unique: unique})
	}
	slices.SortFunc(found.Columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(found.Indexes, func(a, b index) int { return strings.Compare(a.Name, b.Name) })
	return found
}

func columnOf(c gorm.ColumnType) column {
	length, _ := c.Length()
	precision, _, _ := c.DecimalSize()
	nullable, _ := c.Nullable()
	primary, _ := c.PrimaryKey()
	return column{
		Name: c.Name(), Type: strings.ToLower(c.DatabaseTypeName()), Length: length, Precision: precision,
		Nullable: nullable && !primary, Primary: primary, // GORM does not say NOT NULL of primary keys on SQLite
	}
}
