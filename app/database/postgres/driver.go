// Package postgres connects app/database to PostgreSQL, with pgx.
//
//	cfg := database.Config{URL: "postgres://blog:secret@localhost:5432/blog?sslmode=disable"}
//	db, err := database.Open(cfg, log, postgres.Driver{})
//
// The options of the URL are those of libpq and pgx. Behind PgBouncer in transaction mode add
// default_query_exec_mode=simple_protocol. Sessions run in UTC.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/covetgo/covet/app/database"
)

const example = "postgres://user:password@localhost:5432/blog?sslmode=disable"

// Driver opens PostgreSQL databases. The zero value is ready.
type Driver struct{}

var _ database.Driver = Driver{}

// Dialect is "postgres".
func (Driver) Dialect() string { return "postgres" }

// Schemes are "postgres" and "postgresql".
func (Driver) Schemes() []string { return []string{"postgres", "postgresql"} }

// Open prepares a database without dialing.
func (Driver) Open(cfg database.Config) (database.Backend, error) {
	conn, err := parseURL(cfg)
	if err != nil {
		return nil, err
	}
	return newBackend(conn, cfg), nil
}

func parseURL(cfg database.Config) (*pgx.ConnConfig, error) {
	if _, err := database.ParseURL(cfg.URL, example); err != nil {
		return nil, err
	}
	conn, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		// pgx repeats the URL in its error; only what is behind it is sure not to hold the password.
		cause := "an option is not valid"
		if inner := errors.Unwrap(err); inner != nil {
			cause = "an option is not valid (" + inner.Error() + ")"
		}
		return nil, fmt.Errorf("%w: %s; write it like %s", database.ErrURL, cause, example)
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = cfg.ConnectTimeout
	}
	conn.RuntimeParams["timezone"] = "UTC"
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "covet"
	}
	return conn, nil
}

// server names the database for people.
func server(conn *pgx.ConnConfig) string {
	address := conn.Host
	if address == "" || address[0] != '/' {
		address = net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port)))
	}
	return fmt.Sprintf("PostgreSQL at %s, database %s", address, conn.Database)
}

// utcTimes makes both timestamp types scan as UTC.
var utcTimes = stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
	types := conn.TypeMap()
	types.RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	types.RegisterType(&pgtype.Type{
		Name: "timestamp", OID: pgtype.TimestampOID, Codec: &pgtype.TimestampCodec{ScanLocation: time.UTC},
	})
	return nil
})
