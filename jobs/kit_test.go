package jobs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/internal/testserver"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmigrations "github.com/covetgo/covet/migrations"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerProcessEnv) != "" {
		os.Exit(workerProcess())
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = parallel.Value.Set("8") // these tests wait much more than they compute
	}
	goleak.VerifyTestMain(m)
}

// patience is how long tests wait for what they expect.
const patience = 2 * time.Minute

// kit is one combination of database and Redis.
type kit struct {
	dbURL, redisURL string // an empty redisURL is the embedded Redis
	db              *database.DB
	redis           *covetredis.Server
	log             *recorder
}

var databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
	"postgres": testserver.Postgres,
	"mysql":    testserver.MySQL,
}

var redises = map[string]func(t testing.TB) string{
	"embedded": func(testing.TB) string { return "" },
	"redis":    testserver.Redis,
}

// everywhere runs test on each database with each Redis.
func everywhere(t *testing.T, test func(t *testing.T, k *kit)) {
	t.Helper()
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onDatabases(t, redisURL, test)
		})
	}
}

// inPairs runs test on each database and on each Redis, but not on all combinations, of which it needs no proof.
func inPairs(t *testing.T, test func(t *testing.T, k *kit)) {
	t.Helper()
	for database, redis := range map[string]string{"sqlite": "embedded", "postgres": "redis", "mysql": "redis"} {
		t.Run(database+" with "+redis, func(t *testing.T) {
			t.Parallel()
			test(t, newKit(t, databases[database](t), redises[redis](t)))
		})
	}
}

// onDatabases runs test on each database, with one Redis.
func onDatabases(t *testing.T, redisURL func(testing.TB) string, test func(t *testing.T, k *kit)) {
	t.Helper()
	for name, dbURL := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newKit(t, dbURL(t), redisURL(t)))
		})
	}
}

func newKit(t testing.TB, dbURL, redisURL string) *kit {
	t.Helper()
	k := &kit{dbURL: dbURL, redisURL: redisURL, log: &recorder{}}
	path, embedded := strings.CutPrefix(dbURL, "sqlite:")
	if embedded {
		if err := os.WriteFile(path, migrated(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k.db = openDB(t, dbURL)
	if !embedded {
		migrate(t, k.db)
	}
	k.redis = openRedis(t, redisURL)
	return k
}

// migrated is a SQLite database with the tables of the library, which is copied because making it takes longer.
var migrated = sync.OnceValue(func() []byte {
	data, err := func() (data []byte, err error) {
		dir, err := os.MkdirTemp("", "jobs")
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		path := filepath.Join(dir, "migrated.db")
		db, err := database.Open(database.Config{URL: "sqlite:" + path}, nil, sqlite.Driver{})
		if err != nil {
			return nil, err
		}
		_, err = covetmigrations.NewRunner(db, covetmigrations.Library()).Up(context.Background())
		if err = errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}()
	if err != nil {
		panic(err)
	}
	return data
})

func openDB(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
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

func openRedis(t testing.TB, url string) *covetredis.Server {
	t.Helper()
	server, err := covetredis.New(covetredis.Config{URL: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

// migrate creates the tables of the library.
func migrate(t testing.TB, db *database.DB) {
	t.Helper()
	if _, err := covetmigrations.NewRunner(db, covetmigrations.Library()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// client makes a client that polls often and has a job Probe, which runs the function called like it.
func (k *kit) client(t testing.TB, cfg covetjobs.Config, w *work) *covetjobs.Client {
	t.Helper()
	if cfg.PollInterval == 0 {
		cfg.PollInterval = 50 * time.Millisecond
	}
	c := covetjobs.New(cfg, k.db, k.redis, slog.New(k.log))
	covetjobs.Register[Probe](c, w)
	t.Cleanup(func() { stop(t, c) })
	return c
}

// started is client, started as a worker.
func (k *kit) started(t testing.TB, cfg covetjobs.Config, w *work) *covetjobs.Client {
	t.Helper()
	c := k.client(t, cfg, w)
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	return c
}

func stop(t testing.TB, c *covetjobs.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(t testing.TB, c *covetjobs.Client, job any, opts ...covetjobs.EnqueueOption) string {
	t.Helper()
	id, err := c.Enqueue(t.Context(), job, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (k *kit) row(t testing.TB, id string) covetmodels.OutboxRow {
	t.Helper()
	var row covetmodels.OutboxRow
	if err := k.db.With(t.Context()).Take(&row, "id = ?", id).Error; err != nil {
		t.Fatal(err)
	}
	return row
}

// awaitState waits until the row is in the state and returns it.
func (k *kit) awaitState(t testing.TB, id string, want covetjobs.State) covetmodels.OutboxRow {
	t.Helper()
	var row covetmodels.OutboxRow
	await(t, fmt.Sprintf("job %s to be %s", id, want), func() bool {
		row = k.row(t, id)
		return row.State == want
	})
	return row
}

func (k *kit) count(t testing.TB, c *covetjobs.Client, state covetjobs.State) int {
	t.Helper()
	counts, err := c.Inspector().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts[state]
}

// await polls the condition until it holds.
func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Probe is the job of these tests.
type Probe struct {
	Name string `json:"name"`
}

func (p Probe) Work(ctx context.Context, w *work) error { return w.run(ctx, p.Name) }

func (Probe) Options() covetjobs.Options {
	return covetjobs.Options{MaxRetry: 2, Backoff: func(int) time.Duration { return 10 * time.Millisecond }}
}

// work counts the runs of each probe and does what it was told to for the name.
type work struct {
	mu   sync.Mutex
	runs map[string]int
	does map[string]func(ctx context.Context) error
}

func newWork() *work {
	return &work{runs: map[string]int{}, does: map[string]func(context.Context) error{}}
}

func (w *work) on(name string, do func(ctx context.Context) error) *work {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.does[name] = do
	return w
}

func (w *work) run(ctx context.Context, name string) error {
	w.mu.Lock()
	w.runs[name]++
	do := w.does[name]
	w.mu.Unlock()
	if do == nil {
		return nil
	}
	return do(ctx)
}

func (w *work) count(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs[name]
}

// total is the number of runs and of names that ran.
func (w *work) total() (runs, names int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.runs {
		runs += n
	}
	return runs, len(w.runs)
}

// recorder is a slog handler that keeps what was logged.
type recorder struct {
	mu      sync.Mutex
	records []string
}

func (r *recorder) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (r *recorder) Handle(_ context.Context, record slog.Record) error {
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

func (r *recorder) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r *recorder) WithGroup(string) slog.Handler      { return r }

// having returns the records that contain text.
func (r *recorder) having(text string) []string {
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
