package testserver

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the URL of a copy of the prepared PostgreSQL database, which is dropped when the test ends.
func (p *Template) Postgres(t testing.TB) string {
	t.Helper()
	address := postgres.require(t)
	template, err := p.postgres.get(func() (string, error) { return p.preparePostgres(address) })
	if err != nil {
		t.Fatalf("preparing a PostgreSQL database: %v", err)
	}
	return createPostgres(t, address, template)
}

// preparePostgres creates a template, which stays until Exit.
func (p *Template) preparePostgres(address string) (string, error) {
	if err := within(func(ctx context.Context) error { return sweepPostgres(ctx, address) }); err != nil {
		return "", err
	}
	name := newName()
	if err := within(func(ctx context.Context) error {
		return execPostgres(ctx, address, createPostgresStatements(name, "template0")...)
	}); err != nil {
		return "", err
	}
	onExit(func(ctx context.Context) error {
		return execPostgres(ctx, address, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	url, err := databaseURL(address, name)
	if err != nil {
		return "", err
	}
	return name, p.run(url)
}

// sweepPostgres drops the databases that killed test processes left behind.
func sweepPostgres(ctx context.Context, address string) error {
	return onPostgres(ctx, address, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'covet_test_%'")
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, name := range names {
			if abandoned(name, time.Now()) {
				_, dropErr := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
				err = errors.Join(err, dropErr)
			}
		}
		return err
	})
}
