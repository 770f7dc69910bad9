// Package sqlite connects app/database to SQLite, in pure Go.
//
//	db, err := database.Open(database.Config{URL: "sqlite:storage/app.db"}, log, sqlite.Driver{})
//
// # One writer, many readers
//
// SQLite allows one write at a time. This package gives each database one connection that writes and a pool of
// connections that only read, and sends every statement to the right one, below database/sql: handles, prepared
// statements and transactions of *sql.DB and GORM work as usual. SELECT, EXPLAIN, VALUES, reading PRAGMAs and
// WITH … SELECT go to a reader, unless they are part of a transaction; everything else waits its turn for the writer,
// first come, first served. A transaction holds the writer from its beginning (BEGIN IMMEDIATE), so it never has to
// give up in its middle with "database is locked"; begin it with sql.TxOptions{ReadOnly: true} to read a snapshot on
// a reader instead.
//
// Files are in WAL mode with foreign keys enforced and synchronous=NORMAL: a power failure may lose the last
// transactions but does not corrupt the file; a crash of the process loses nothing.
//
// # Using the outer handle inside a transaction
//
// A write on the outer handle inside a transaction waits for a writer that the transaction itself holds. With a context
// of [database.Detach] it fails at once with database.ErrOuterHandle. With the context that the transaction was begun
// with, it cannot be told apart from a second goroutine of the same request, so it fails after Config.BusyTimeout with
// database.ErrConflict and database.ErrOuterHandle. Every other wait ends with database.ErrConflict after
// Config.BusyTimeout, or with the context.
//
// # In memory
//
// "sqlite::memory:" is a private database of this handle that is gone with Close. It has one connection for reading
// and writing, so inside a transaction even reading on the outer handle is refused.
package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/covetgo/covet/app/database"
)

const example = "sqlite:storage/app.db (a path from the working directory), sqlite:///var/lib/blog/app.db " +
	"or sqlite::memory:"

// Driver opens SQLite databases. The zero value is ready.
type Driver struct{}

var _ database.Driver = Driver{}

// Dialect is "sqlite".
func (Driver) Dialect() string { return "sqlite" }

// Schemes is "sqlite".
func (Driver) Schemes() []string { return []string{"sqlite"} }

// Open prepares a database; neither the file nor its folder is touched before the first statement.
func (Driver) Open(cfg database.Config) (database.Backend, error) {
	path, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	return newBackend(path, cfg), nil
}

// memory is the path of a private in-memory database.
const memory = ":memory:"

// parseURL returns the path of the file that rawURL names, or memory.
func parseURL(rawURL string) (string, error) {
	wrong := func(what string) (string, error) {
		return "", fmt.Errorf("%w: %s; write it like %s", database.ErrURL, what, example)
	}
	_, path, _ := strings.Cut(rawURL, ":")
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		if !strings.HasPrefix(rest, "/") {
			return wrong("after sqlite:// an absolute path is expected")
		}
		path = rest
	}
	if strings.ContainsAny(path, "?#\x00") {
		return wrong("the path has ?, # or a NUL in it, and options are not supported")
	}
	path, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return wrong("the path has a % that is not an escape (write it as %25)")
	case path == "" || strings.HasSuffix(path, "/"):
		return wrong("the name of the file is missing")
	case strings.ContainsRune(path, 0):
		return wrong("the path has a NUL in it")
	case path == memory:
		return memory, nil
	case strings.HasPrefix(path, ":"):
		return wrong("only :memory: may begin with a colon")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the folder of the database: %w", err)
	}
	return absolute, nil
}
