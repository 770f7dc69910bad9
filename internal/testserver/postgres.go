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
		return execPostgres(ctx, address, createPostgresStatements(name, template)...)
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

// createPostgresStatements create a database whose commits do not wait for the disk: a crash of the server loses it.
func createPostgresStatements(name, template string) []string {
	return []string{
		"CREATE DATABASE " + name + " TEMPLATE " + template,
		"ALTER DATABASE " + name + " SET synchronous_commit = off",
	}
}

func execPostgres(ctx context.Context, address string, queries ...string) error {
	return onPostgres(ctx, address, func(conn *pgx.Conn) error {
		for _, query := range queries {
			if _, err := conn.Exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}

func onPostgres(ctx context.Context, address string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	return errors.Join(do(conn), conn.Close(ctx))
}
