package testserver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

var postgres = &server{
	name: "PostgreSQL", env: "TEST_POSTGRES_URL",
	fallback: "postgres://postgres@127.0.0.1:5432/test?sslmode=disable",
	probe: func(ctx context.Context, address string) (version string, err error) {
		err = onPostgres(ctx, address, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
		})
		version, _, _ = strings.Cut(version, " ")
		return version, err
	},
}

// Postgres returns the URL of a new, empty PostgreSQL database, which is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	// template0 has no connections of its own, which template1 may have, and then it cannot be copied.
	return createPostgres(t, postgres.require(t), "template0")
}

// createPostgres creates a copy of a template for a test.
func createPostgres(t testing.TB, address, template string) string {
	t.Helper()
	name := newName()
	if err := within(func(ctx context.Context) error {
		return execPostgres(ctx, address, "CREATE DATABASE "+name+" TEMPLATE "+template)
	}); err != nil {
		t.Fatalf("creating a PostgreSQL database: %v", err)
	}
	t.Cleanup(func() {
		if err := within(func(ctx context.Context) error {
			return execPostgres(ctx, address, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		}); err != nil {
			t.Errorf("dropping the PostgreSQL database %s: %v", name, err)
		}
	})
	return withDatabase(t, address, name)
}

func execPostgres(ctx context.Context, address, query string) error {
	return onPostgres(ctx, address, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, query)
		return err
	})
}

func onPostgres(ctx context.Context, address string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	return errors.Join(do(conn), conn.Close(ctx))
}
