// Package jobtest gives the tests of jobs migrated databases. Only tests import it.
package jobtest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	covetmigrations "github.com/covetgo/covet/migrations"
)

// Main runs the tests of a package, many at a time because they wait more than they compute, and fails when goroutines are
// left behind.
func Main(m *testing.M) {
	testserver.SetParallel(12)
	goleak.VerifyTestMain(m, goleak.Cleanup(testserver.Exit))
}

// migrated is a database with the tables of the library, of which each test gets a copy.
var migrated = testserver.NewTemplate(func(ctx context.Context, url string) error {
	db, err := database.Open(database.Config{URL: url}, nil, drivers()...)
	if err != nil {
		return err
	}
	_, err = covetmigrations.NewRunner(db, covetmigrations.Library()).Up(ctx)
	return errors.Join(err, db.Close())
})

func drivers() []database.Driver {
	return []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}
}

// URLs return the URL of a migrated database that the test has to itself, by dialect.
func URLs() map[string]func(t testing.TB) string {
	return map[string]func(t testing.TB) string{
		"sqlite": migrated.SQLite, "postgres": migrated.Postgres, "mysql": migrated.MySQL,
	}
}

// OnDatabases runs test on a migrated database of each dialect, in parallel.
func OnDatabases(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	for name, url := range URLs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, url(t)))
		})
	}
}

// SQLite returns a migrated SQLite database.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, migrated.SQLite(t))
}

// Open returns a handle of a database, which is closed when the test ends.
func Open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, nil, drivers()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Await polls the condition until it holds, for at most a minute.
func Await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Clock is a clock that tests set.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock returns a clock that stands at a time that every database stores exactly.
func NewClock() *Clock { return &Clock{at: time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)} }

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Add moves the clock and returns the new time.
func (c *Clock) Add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// Recorder is a slog handler that keeps what was logged at the level Info and above.
type Recorder struct {
	mu      sync.Mutex
	records []string
}

// Enabled implements slog.Handler.
func (r *Recorder) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle implements slog.Handler.
func (r *Recorder) Handle(_ context.Context, record slog.Record) error {
	line := record.Level.String() + " " + record.Message
	record.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, line)
	return nil
}

// WithAttrs implements slog.Handler.
func (r *Recorder) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup implements slog.Handler.
func (r *Recorder) WithGroup(string) slog.Handler { return r }

// Having returns the records that contain text.
func (r *Recorder) Having(text string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []string
	for _, line := range r.records {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}
