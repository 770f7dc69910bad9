package testserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Template gives tests copies of a database that is prepared once per process and server, for example one with all
// migrations applied. A copy takes a fraction of the time of preparing a database.
//
//	var migrated = testserver.NewTemplate(func(ctx context.Context, url string) error {
//		… // open the database at url, run migrations, close it
//	})
//
//	func TestMain(m *testing.M) { testserver.Exit(m.Run()) }
//
//	func TestPosts(t *testing.T) {
//		url := migrated.Postgres(t) // a copy of this test's own, dropped at its end
//		…
//	}
//
// It is safe for concurrent use.
type Template struct {
	prepare func(ctx context.Context, url string) error

	sqlite   lazy[[]byte]
	postgres lazy[string]
	mysql    lazy[*mysqlDump]
}

// prepareTimeout bounds the preparation of a template.
const prepareTimeout = 2 * time.Minute

// NewTemplate returns a template whose databases prepare creates, which gets the URL of an empty database and must
// close every connection to it before it returns.
func NewTemplate(prepare func(ctx context.Context, url string) error) *Template {
	return &Template{prepare: prepare}
}

// SQLite returns the URL of a copy of the prepared SQLite database, in a temporary folder of the test.
func (p *Template) SQLite(t testing.TB) string {
	t.Helper()
	data, err := p.sqlite.get(p.prepareSQLite)
	if err != nil {
		t.Fatalf("preparing a SQLite database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatalf("copying a SQLite database: %v", err)
	}
	return "sqlite:" + path
}

func (p *Template) prepareSQLite() (data []byte, err error) {
	dir, err := os.MkdirTemp("", "covet-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "template.db")
	if err := p.run("sqlite:" + path); err != nil {
		return nil, err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return nil, errors.New("the preparation left the database open: it has a write-ahead log")
	}
	return os.ReadFile(path)
}

// run calls prepare with a deadline that does not depend on the test that happens to need the template first.
func (p *Template) run(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	return p.prepare(ctx, url)
}

// lazy is a value that is created when it is first needed.
type lazy[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (l *lazy[T]) get(create func() (T, error)) (T, error) {
	l.once.Do(func() { l.value, l.err = create() })
	return l.value, l.err
}

// exits holds what Exit runs: dropping the templates that live on a server.
var exits struct {
	mu    sync.Mutex
	drops []func(ctx context.Context) error
}

func onExit(drop func(ctx context.Context) error) {
	exits.mu.Lock()
	defer exits.mu.Unlock()
	exits.drops = append(exits.drops, drop)
}

// Exit drops the templates of this process and ends it with the code. A package that uses PostgreSQL templates calls it
// at the end of TestMain: testserver.Exit(m.Run()), or goleak.VerifyTestMain(m, goleak.Cleanup(testserver.Exit)). A
// template that a killed process left behind is dropped a day later by the next process that makes one.
func Exit(code int) {
	exits.mu.Lock()
	defer exits.mu.Unlock()
	for _, drop := range exits.drops {
		if err := within(drop); err != nil {
			fmt.Fprintf(os.Stderr, "dropping a test template: %v\n", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// abandonedAfter is the age at which a test database no longer has an owner.
const abandonedAfter = 24 * time.Hour

// abandoned reports whether a database was created by a test process that ended long ago without dropping it.
func abandoned(name string, now time.Time) bool {
	rest, found := strings.CutPrefix(name, namePrefix)
	created, _, dated := strings.Cut(rest, "_")
	if !found || !dated {
		return false
	}
	seconds, err := strconv.ParseInt(created, 36, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)) > abandonedAfter
}
