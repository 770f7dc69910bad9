package testserver_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/libtnb/sqlite"

	"github.com/covetgo/covet/internal/testserver"
)

// prepared counts how often each kind of database is prepared.
type prepared struct {
	*testserver.Template
	times atomic.Int64
}

func newTemplate(prepare func(ctx context.Context, url string) error) *prepared {
	p := new(prepared)
	p.Template = testserver.NewTemplate(func(ctx context.Context, url string) error {
		p.times.Add(1)
		return prepare(ctx, url)
	})
	return p
}

func TestTemplatePostgres(t *testing.T) {
	t.Parallel()
	p := newTemplate(func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE TABLE things (id int); INSERT INTO things VALUES (7)")
		return errors.Join(err, conn.Close(ctx))
	})
	copies(t, p, p.Postgres, func(t *testing.T, url string) (things int) {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.Background()) }()
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM things WHERE id = 7").Scan(&things); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "INSERT INTO things VALUES (7)"); err != nil {
			t.Fatal(err)
		}
		return things
	})
}

func TestTemplateMySQL(t *testing.T) {
	t.Parallel()
	p := newTemplate(func(ctx context.Context, url string) error {
		pool, err := sql.Open("mysql", mysqlDSN(url))
		if err != nil {
			return err
		}
		for _, query := range []string{
			// a_children refers to a table that is created after it.
			"CREATE TABLE things (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(50), data varbinary(9), note text, at datetime(6), flag bit(1))",
			"CREATE TABLE a_children (thing_id bigint NOT NULL, FOREIGN KEY (thing_id) REFERENCES things (id) ON DELETE CASCADE)",
			`INSERT INTO things VALUES (7, 'it''s \\ "ü"', X'00ff27', NULL, '2026-01-31 12:00:00.123456', b'1')`,
			"INSERT INTO a_children VALUES (7)",
		} {
			if _, err := pool.ExecContext(ctx, query); err != nil {
				return errors.Join(err, pool.Close())
			}
		}
		return pool.Close()
	})
	copies(t, p, p.MySQL, func(t *testing.T, url string) (things int) {
		pool := openMySQL(t, url)
		if err := pool.QueryRowContext(t.Context(), `SELECT count(*) FROM things WHERE name = 'it''s \\ "ü"' AND data = X'00ff27'
			AND note IS NULL AND at = '2026-01-31 12:00:00.123456' AND flag = b'1' AND id = 7`).Scan(&things); err != nil {
			t.Fatal(err)
		}
		if result, err := pool.ExecContext(t.Context(), "INSERT INTO things (name) VALUES ('next')"); err != nil {
			t.Fatal(err)
		} else if id, err := result.LastInsertId(); err != nil || id != 8 {
			t.Errorf("the next id is %d, %v", id, err)
		}
		if _, err := pool.ExecContext(t.Context(), "DELETE FROM things"); err != nil {
			t.Fatal(err)
		}
		var children int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM a_children").Scan(&children); err != nil || children != 0 {
			t.Errorf("the foreign key does not cascade: %d children, %v", children, err)
		}
		return things
	})
}

func TestTemplateSQLite(t *testing.T) {
	t.Parallel()
	p := newTemplate(func(ctx context.Context, url string) error {
		pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			return err
		}
		_, err = pool.ExecContext(ctx, "PRAGMA journal_mode = WAL; CREATE TABLE things (id int); INSERT INTO things VALUES (7)")
		return errors.Join(err, pool.Close())
	})
	copies(t, p, p.SQLite, func(t *testing.T, url string) (things int) {
		pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pool.Close() }()
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM things WHERE id = 7").Scan(&things); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.ExecContext(t.Context(), "INSERT INTO things VALUES (7)"); err != nil {
			t.Fatal(err)
		}
		return things
	})
}

// copies runs use on several copies at once: each must hold the one row of the template and none of another copy.
func copies(t *testing.T, p *prepared, database func(testing.TB) string, use func(t *testing.T, url string) (things int)) {
	t.Helper()
	database(t) // skips here, and not in every copy, when the server is absent
	t.Run("copies", func(t *testing.T) {
		for range 4 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				if things := use(t, database(t)); things != 1 {
					t.Errorf("the copy has %d rows, want 1", things)
				}
			})
		}
	})
	if times := p.times.Load(); times != 1 {
		t.Errorf("the template was prepared %d times", times)
	}
}
