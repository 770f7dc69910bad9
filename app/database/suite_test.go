package database_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
)

func TestMain(m *testing.M) {
	if name := os.Getenv("COVET_TEST_HOLD_LOCK"); name != "" {
		holdLock(name) // this process is a child of TestLockEndsWithProcess
		return
	}
	testserver.SetParallel(8)
	// GORM's cache of prepared statements never ends the goroutine that tidies it up.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
}

var drivers = []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}

// eachDatabase runs test on every kind of database; newURL returns that of an empty one.
func eachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	for name, newURL := range map[string]func(testing.TB) string{
		"sqlite": func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "storage", "app.db") },
		"memory": func(testing.TB) string { return "sqlite::memory:" },

		"postgres": testserver.Postgres,
		"mysql":    testserver.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newURL(t))
		})
	}
}

// open opens a database and closes it at the end of the test.
func open(t *testing.T, cfg database.Config) *database.DB {
	t.Helper()
	return openLogged(t, cfg, nil)
}

func openLogged(t *testing.T, cfg database.Config, log *slog.Logger) *database.DB {
	t.Helper()
	db, err := database.Open(cfg, log, drivers...)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return db
}

// Author and Book are what the suite stores.
type Author struct {
	ID        int64
	Name      string `gorm:"size:100;uniqueIndex"`
	Age       int    `gorm:"check:age_is_positive,age >= 0"`
	CreatedAt time.Time
	Books     []Book
}

// Book belongs to an Author.
type Book struct {
	ID       int64
	AuthorID int64
	Title    string `gorm:"size:100"`
}

// openLibrary opens a database with the tables of Author and Book.
func openLibrary(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, database.Config{URL: url})
	must(t, db.With(t.Context()).AutoMigrate(&Author{}, &Book{}))
	return db
}

// names returns those of all authors, in order.
func names(t *testing.T, handle *gorm.DB) []string {
	t.Helper()
	found := []string{}
	must(t, handle.Model(&Author{}).Order("name").Pluck("name", &found).Error)
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not happen in time", what)
		case <-tick.C:
		}
	}
}

// logBuffer collects log lines from any goroutine.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newLog returns a logger of all levels and what it has written.
func newLog() (*slog.Logger, *logBuffer) {
	written := &logBuffer{}
	return slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug})), written
}
