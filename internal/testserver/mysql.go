package testserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

var mySQL = &server{
	name: "MySQL", env: "TEST_MYSQL_URL", fallback: "mysql://root@127.0.0.1:3306/test",
	probe: func(ctx context.Context, address string) (version string, err error) {
		err = onMySQL(address, func(pool *sql.DB) error {
			return pool.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version)
		})
		return version, err
	},
}

// MySQL returns the URL of a new, empty MySQL or MariaDB database, which is dropped when the test ends.
func MySQL(t testing.TB) string {
	t.Helper()
	return createMySQL(t, mySQL.require(t))
}

// createMySQL creates an empty database for a test.
func createMySQL(t testing.TB, address string) string {
	t.Helper()
	name := newName()
	if err := within(func(ctx context.Context) error { return execMySQL(ctx, address, createMySQLStatement(name)) }); err != nil {
		t.Fatalf("creating a MySQL database: %v", err)
	}
	t.Cleanup(func() {
		if err := within(func(ctx context.Context) error { return dropMySQL(ctx, address, name) }); err != nil {
			t.Errorf("dropping the MySQL database %s: %v", name, err)
		}
	})
	return withDatabase(t, address, name)
}

func createMySQLStatement(name string) string {
	return "CREATE DATABASE " + name + " CHARACTER SET utf8mb4"
}

func execMySQL(ctx context.Context, address, query string) error {
	return onMySQL(address, func(pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, query)
		return err
	})
}

// dropMySQL drops a database after ending the connections to it, whose open transactions would keep it.
func dropMySQL(ctx context.Context, address, name string) error {
	return onMySQL(address, func(pool *sql.DB) error {
		var ids sql.NullString
		err := pool.QueryRowContext(ctx,
			"SELECT GROUP_CONCAT(id) FROM information_schema.processlist WHERE db = ?", name).Scan(&ids)
		if err != nil {
			return err
		}
		for id := range strings.SplitSeq(ids.String, ",") {
			// An error means that it has gone meanwhile, or that there was none.
			_, _ = pool.ExecContext(ctx, "KILL "+id)
		}
		_, err = pool.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name)
		return err
	})
}

func onMySQL(address string, do func(*sql.DB) error) (err error) {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("parsing the address: %w", err)
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.User = "tcp", u.Host, strings.Trim(u.Path, "/"), u.User.Username()
	if u.Port() == "" {
		cfg.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	cfg.Passwd, _ = u.User.Password()
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	return do(pool)
}
