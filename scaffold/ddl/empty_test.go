package ddl_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/migrations"
	"github.com/covetgo/covet/scaffold/ddl"
)

// Both ways to begin a migration write the same.
func TestEmptyIsWhatMigrateCreateWrites(t *testing.T) {
	t.Parallel()
	for _, dialect := range []ddl.Dialect{ddl.SQLite, ddl.Postgres, ddl.MySQL} {
		paths, err := migrations.Create(t.TempDir(), "create_posts", []string{string(dialect)}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), ddl.Empty(dialect)); diff != "" {
			t.Errorf("%s:\n%s", dialect, diff)
		}
	}
}
