// Package mysql connects app/database to MySQL 8 and MariaDB 10.6 or later.
//
//	cfg := database.Config{URL: "mysql://blog:secret@localhost:3306/blog"}
//	db, err := database.Open(cfg, log, mysql.Driver{})
//
// The options of the URL are those of github.com/go-sql-driver/mysql, such as tls=true; a name it does not know is
// set as a system variable of the session. Sessions run in UTC, with utf8mb4, and count the rows that an UPDATE
// matched, as the other databases do.
//
// The server's version is not asked for, so that opening dials nothing. MySQL and MariaDB are spoken to in what they
// have in common: without RETURNING (columns that the database fills in must be read again), with
// LOCK IN SHARE MODE.
package mysql

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/covetgo/covet/app/database"
)

const example = "mysql://user:password@localhost:3306/blog"

// Driver opens MySQL and MariaDB databases. The zero value is ready.
type Driver struct{}

var _ database.Driver = Driver{}

// Dialect is "mysql".
func (Driver) Dialect() string { return "mysql" }

// Schemes are "mysql" and "mariadb".
func (Driver) Schemes() []string { return []string{"mysql", "mariadb"} }

// Open prepares a database without dialing.
func (Driver) Open(cfg database.Config) (database.Backend, error) {
	conn, err := parseURL(cfg)
	if err != nil {
		return nil, err
	}
	return newBackend(conn, cfg)
}

// parseURL turns the URL into the driver's configuration.
func parseURL(cfg database.Config) (*mysql.Config, error) {
	u, err := database.ParseURL(cfg.URL, example)
	if err != nil {
		return nil, err
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%w: the server is missing; write it like %s", database.ErrURL, example)
	}
	conn, err := parseOptions(u)
	if err != nil {
		return nil, fmt.Errorf("%w: an option is not valid (%s); write it like %s", database.ErrURL, err.Error(), example)
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	conn.Net, conn.Addr = "tcp", net.JoinHostPort(u.Hostname(), port)
	conn.DBName = strings.Trim(u.Path, "/")
	conn.User = u.User.Username()
	conn.Passwd, _ = u.User.Password()
	conn.ParseTime, conn.Loc, conn.MultiStatements, conn.ClientFoundRows = true, time.UTC, false, true
	if conn.Timeout == 0 {
		conn.Timeout = cfg.ConnectTimeout
	}
	if conn.Params == nil {
		conn.Params = map[string]string{}
	}
	conn.Params["time_zone"] = "'+00:00'"
	return conn, conn.Apply(mysql.TimeTruncate(time.Microsecond))
}

// parseOptions lets the driver parse the options, without user and password.
func parseOptions(u *url.URL) (*mysql.Config, error) {
	if u.RawQuery == "" {
		return mysql.NewConfig(), nil
	}
	return mysql.ParseDSN("/?" + u.RawQuery)
}

// server names the database for people.
func server(conn *mysql.Config) string {
	return fmt.Sprintf("MySQL at %s, database %s", conn.Addr, conn.DBName)
}
