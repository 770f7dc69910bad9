package testserver_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/covetgo/covet/internal/testserver"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "covet-testserver-")
	if err != nil {
		panic(err)
	}
	if os.Getenv("COVET_TEST_SERVERS") == "" {
		if err := os.Setenv("COVET_TEST_SERVERS", filepath.Join(dir, "servers")); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(dir); err != nil {
			panic(err)
		}
		testserver.Exit(code)
	}))
}

func TestPostgresIsFreshAndDropped(t *testing.T) {
	t.Parallel()
	var kept string
	t.Run("use", func(t *testing.T) {
		kept = testserver.Postgres(t)
		conn, err := pgx.Connect(t.Context(), kept)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE things (id int)"); err != nil {
			t.Fatal(err)
		}
		// Left open: the database must be dropped all the same.
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		if other := testserver.Postgres(t); other == kept {
			t.Errorf("two databases have the URL %s", kept)
		}
	})
	if kept == "" {
		t.Skip("PostgreSQL is not reachable")
	}
	if conn, err := pgx.Connect(t.Context(), kept); err == nil {
		_ = conn.Close(t.Context())
		t.Errorf("%s still exists", kept)
	}
}

func TestMySQLIsFreshAndDropped(t *testing.T) {
	t.Parallel()
	var kept string
	t.Run("use", func(t *testing.T) {
		kept = testserver.MySQL(t)
		pool := openMySQL(t, kept)
		if _, err := pool.ExecContext(t.Context(), "CREATE TABLE things (id int)"); err != nil {
			t.Fatal(err)
		}
	})
	if kept == "" {
		t.Skip("MySQL is not reachable")
	}
	if err := openMySQL(t, kept).PingContext(t.Context()); err == nil {
		t.Errorf("%s still exists", kept)
	}
}

func openMySQL(t *testing.T, address string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("mysql", mysqlDSN(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// mysqlDSN returns a URL in the form of the driver.
func mysqlDSN(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.User.String() + "@tcp(" + u.Host + ")" + u.Path
}

func TestRedisDatabasesAreApart(t *testing.T) {
	t.Parallel()
	one, two := testserver.Redis(t), testserver.Redis(t)
	if one == two {
		t.Fatalf("two tests share %s", one)
	}
	opts, err := goredis.ParseURL(one)
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(opts)
	t.Cleanup(func() { _ = client.Close() })
	if n, err := client.DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("a new database has %d keys, error %v", n, err)
	}
}

func TestServersAreNoted(t *testing.T) {
	testserver.Postgres(t)
	content, err := os.ReadFile(os.Getenv("COVET_TEST_SERVERS"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "PostgreSQL: ") {
		t.Errorf("the summary does not name PostgreSQL:\n%s", content)
	}
}
