package database_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

func TestOpenRefusesURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"", "set DATABASE_URL, for example to sqlite:storage/app.db"},
		{"storage/app.db", "no scheme"},
		{"user:hunter2@tcp(localhost)/blog", "unknown scheme"},
		{"host=localhost password=hunter2", "no scheme"},
		{"oracle://app:hunter2@db/blog", `unknown scheme "oracle" (linked: sqlite, postgres, mysql)`},
		{"sqlite:", "name of the file is missing"},
		{"sqlite:storage/", "name of the file is missing"},
		{"sqlite://storage/app.db", "an absolute path is expected"},
		{"sqlite:app.db?cache=shared", "options are not supported"},
		{"sqlite:app%zz.db", "not an escape"},
		{"sqlite::shared:", "only :memory:"},
		{"postgres:blog", "followed by //"},
		{"postgres://app:hunter2@localhost", "name of the database is missing"},
		{"postgres:///blog", "server is missing"},
		{"postgres://app:hunter2/@localhost/blog", "write the characters / ? # @ %"},
		{"postgres://app:hunter2#@localhost/blog", "write the characters"},
		{"postgres://app:hunter2@localhost:port/blog", "a port is a number"},
		{"postgres://app:hunter2@localhost/a/b", "contains a /"},
		{"postgres://app:hunter2@localhost/blog?sslmode=maybe", "sslmode is invalid"},
		{"mysql://app:hunter2@localhost/", "name of the database is missing"},
		{"mysql://app:hunter2@localhost/blog?timeout=soon", "invalid duration"},
		{"mysql:///blog?host=localhost", "server is missing"},
	} {
		db, err := database.Open(database.Config{URL: c.url}, nil, drivers...)
		if err == nil {
			_ = db.Close()
			t.Errorf("%q was accepted", c.url)
			continue
		}
		if !errors.Is(err, database.ErrURL) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error is %q, want ErrURL with %q", c.url, err, c.want)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password: %q", c.url, err)
		}
	}
}

func TestOpenNamesTheDriverToLink(t *testing.T) {
	t.Parallel()
	_, err := database.Open(database.Config{URL: "mariadb://db/blog"}, nil, sqlite.Driver{})
	want := `the mysql driver is not linked (linked: sqlite); ` +
		`import "github.com/covetgo/covet/app/database/mysql" and add mysql.Driver{}`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// TestOpenTouchesNothing opens servers that do not exist and a file in a folder that does not.
func TestOpenTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "storage")
	for _, url := range []string{
		"sqlite:" + filepath.Join(dir, "app.db"), "sqlite://" + filepath.Join(dir, "app.db"),
		"postgres://nobody.invalid/blog", "postgresql://nobody.invalid:1/blog", "mysql://nobody.invalid/blog",
		"mariadb://nobody.invalid/blog",
	} {
		db, err := database.Open(database.Config{URL: url}, nil, drivers...)
		must(t, err)
		must(t, db.Close())
		must(t, db.Close())
		if err := db.Ping(t.Context()); err == nil {
			t.Errorf("%s: answered after Close", url)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder exists: %v", err)
	}
}

func TestPing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := open(t, database.Config{URL: url})
		must(t, db.Ping(t.Context()))
		pool, err := db.With(t.Context()).DB()
		must(t, err)
		var one int
		must(t, pool.QueryRowContext(t.Context(), "SELECT 1").Scan(&one))
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
			inner, err := db.With(ctx).DB()
			if inner != pool {
				t.Error("the transaction's pool is another")
			}
			return err
		}))
	})
}

func TestPingNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close()) // now nobody listens there
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte(strings.Repeat("this is not a database ", 100)), 0o600))
	for _, c := range []struct{ url, want string }{
		{"postgres://app:hunter2@" + address + "/blog", "connecting to PostgreSQL at " + address + ", database blog: "},
		{"mysql://app:hunter2@" + address + "/blog", "connecting to MySQL at " + address + ", database blog: "},
		{"sqlite:" + file, "connecting to SQLite file " + file + ": "},
		{"sqlite:" + filepath.Join(file, "app.db"), "creating the folder"},
	} {
		err := open(t, database.Config{URL: c.url}).Ping(t.Context())
		if !errors.Is(err, database.ErrUnavailable) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want ErrUnavailable with %q", c.url, err, c.want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		} else if strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "refused") > 1 {
			t.Errorf("the error repeats itself: %v", err)
		}
	}
}

func TestDialects(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"sqlite::memory:": "sqlite", "postgres://h/d": "postgres", "mysql://h/d": "mysql", "mariadb://h/d": "mysql",
	} {
		db := open(t, database.Config{URL: url})
		if db.Dialect() != want || db.Embedded() != (want == "sqlite") {
			t.Errorf("%s: dialect is %s, embedded is %v", url, db.Dialect(), db.Embedded())
		}
		if got := db.With(t.Context()).Name(); got != want {
			t.Errorf("%s: GORM's dialect is %s", url, got)
		}
	}
}

func TestRedactURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"postgres://app:hunter2@db/blog", "postgres://app:xxxxx@db/blog"},
		{"postgres://app@db/blog?password=hunter2&sslmode=disable", "postgres://app@db/blog?password=xxxxx&sslmode=disable"},
		{"mysql://app:hunt/er2@db/blog", "mysql://app:xxxxx@db/blog"},
		{"mysql://app:hunt@er2@db/blog", "mysql://app:xxxxx@db/blog"},
		{"app:hunter2@tcp(db)/blog", "app:xxxxx@tcp(db)/blog"},
		{"host=db user=app password=hunter2", "host=db user=app password=xxxxx"},
		{"host=db password='hunter2 hunter3' user=app", "host=db password=xxxxx user=app"},
		{"sqlite:storage/app.db", "sqlite:storage/app.db"},
		{"sqlite::memory:", "sqlite::memory:"},
		{"", ""},
	} {
		if got := database.RedactURL(c.url); got != c.want {
			t.Errorf("%q became %q, want %q", c.url, got, c.want)
		}
	}
}

// FuzzOpen feeds URLs with a known password, well-formed or not, and looks for it in what people see.
func FuzzOpen(f *testing.F) {
	for _, seed := range [][2]string{
		{"postgres://app:", "@localhost:5432/blog?sslmode=disable"},
		{"mysql://app:", "@localhost/blog"},
		{"postgres://app:/", "#@x:y/z"},
		{"sqlite:", ""},
		{"mysql://:", "@:/?timeout="},
		{"x:", "@"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const password = "correcthorsebattery"
		db, err := database.Open(database.Config{URL: before + password + after}, nil, drivers...)
		if err == nil {
			err = db.Close()
		}
		isPassword := strings.HasSuffix(before, ":") && strings.Count(before, ":") == 2 && strings.HasPrefix(after, "@") &&
			strings.Count(after, "@") == 1 && strings.Contains(before, "://")
		if !isPassword {
			return // it is something else
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
		if got := database.RedactURL(before + password + after); strings.Contains(got, password) {
			t.Errorf("RedactURL answers %q", got)
		}
	})
}
