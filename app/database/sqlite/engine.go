package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	moderncsqlite "modernc.org/sqlite"
)

// fileConn is a connection of the SQLite driver: what this package needs of it.
type fileConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Validator
}

// engine owns the connections to one database: one that writes, behind the gate, and some that read.
type engine struct {
	path    string
	name    string // what SQLite opens, without options
	wait    time.Duration
	gate    *gate
	readers *readers

	mu     sync.Mutex
	writer fileConn // nil until first use; used by the holder of the gate
	closed bool
}

func newEngine(path string, wait time.Duration, readerCount, idle int) *engine {
	e := &engine{path: path, wait: wait, gate: newGate(wait)}
	if path == memory {
		// The memdb VFS shares a database between connections of this process that know its name.
		e.name = "file:/covet-" + uuid.NewString()
	} else {
		e.name = (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()}).String()
	}
	e.readers = newReaders(e, readerCount, idle)
	return e
}

func (e *engine) inMemory() bool { return e.path == memory }

// dsn returns the name to open with pragmas, which are run in their order.
func (e *engine) dsn(busy time.Duration, pragmas ...string) string {
	options := url.Values{
		"_time_format": {"sqlite"},    // 2006-01-02 15:04:05.999999999+00:00
		"_timezone":    {"UTC"},       // written and read as UTC, so that times compare as text
		"_texttotime":  {"1"},         // MAX(created_at) is a time too
		"_txlock":      {"immediate"}, // take the write lock at BEGIN, not in the middle
		"_error_rc":    {"1"},
	}
	if e.inMemory() {
		options.Set("vfs", "memdb")
	}
	options["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds())}, pragmas...)
	return e.name + "?" + options.Encode()
}

// connect opens one connection.
func (e *engine) connect(ctx context.Context, dsn string) (fileConn, error) {
	c, err := moderncsqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("opening SQLite database: %w", err)
	}
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", e.path, err)
	}
	f, ok := conn.(fileConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("opening %s: unexpected connection %T", e.path, conn), conn.Close())
	}
	return f, nil
}

// busySlice is how long the writer lets SQLite wait for another process at a time. SQLite's waiting gets coarser the
// longer it lasts, up to a tenth of a second, and so starves beside a busy process; starting over keeps it fine.
const busySlice = 50 * time.Millisecond

// open returns the writer, opening it (and thereby creating folder and file, and switching to WAL) on first use.
func (e *engine) open(ctx context.Context) (fileConn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errClosed
	}
	if e.writer != nil {
		return e.writer, nil // also after an interruption: the next statement clears it
	}
	if !e.inMemory() {
		if err := os.MkdirAll(filepath.Dir(e.path), 0o750); err != nil {
			return nil, fmt.Errorf("creating the folder of the database: %w", err)
		}
		if err := createPrivate(e.path); err != nil {
			return nil, fmt.Errorf("creating the database: %w", err)
		}
	}
	dsn := e.dsn(busySlice, writerPragmas...)
	err := e.retryBusy(ctx, func() (err error) {
		e.writer, err = e.connect(ctx, dsn)
		return err
	})
	if err != nil {
		e.writer = nil
		return nil, err
	}
	return e.writer, nil
}

// createPrivate creates an empty file that only its owner reads; one that exists stays as it is. SQLite gives the files
// beside it (-wal, -shm) the same mode.
//
// Threat: every other user of the machine reads the database.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

var (
	writerPragmas = []string{
		"journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)",
		"journal_size_limit(67108864)", // give the space of an overgrown WAL back
	}
	readerPragmas = []string{"query_only(1)", "foreign_keys(1)"}
	errClosed     = errors.New("sqlite: database is closed")
)

// retryBusy retries attempt while another process holds the file locked, until the timeout.
func (e *engine) retryBusy(ctx context.Context, attempt func() error) error {
	deadline := time.Now().Add(e.wait)
	for {
		err := attempt()
		if err == nil || !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		if ctxErr := ctx.Err(); ctxErr != nil {
			return fmt.Errorf("waiting for another process to finish writing: %w", ctxErr)
		}
	}
}

// acquire passes the gate and returns the writer; release gives both back.
func (e *engine) acquire(ctx context.Context) (fileConn, error) {
	if err := e.gate.acquire(ctx); err != nil {
		return nil, err
	}
	f, err := e.open(ctx)
	if err != nil {
		e.gate.release()
		return nil, err
	}
	return f, nil
}

func (e *engine) release() { e.gate.release() }

// close closes all connections, waiting for the writer to finish what it does.
func (e *engine) close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	err := e.readers.close()

	ctx, cancel := context.WithTimeout(context.Background(), e.wait)
	defer cancel()
	if gateErr := e.gate.acquire(ctx); gateErr != nil {
		return errors.Join(err, fmt.Errorf("closing %s: a transaction is still open", e.path))
	}
	defer e.gate.release()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.writer != nil {
		err = errors.Join(err, e.writer.Close())
		e.writer = nil
	}
	return err
}
