package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/internal/testserver"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerProcessEnv) != "" {
		os.Exit(workerProcess())
	}
	jobtest.Main(m)
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

// databases return the URL of a migrated database of the test's own.
var databases = jobtest.URLs()

var redises = map[string]func(t testing.TB) string{
	"embedded": func(testing.TB) string { return "" },
	"redis":    testserver.Redis,
}

// everywhere runs test on each database and each Redis: SQLite with the embedded one, the others with a server. The
// store knows no Redis and the transport no database, so the other combinations show nothing new; with -scale they run
// as well.
func everywhere(t *testing.T, test func(t *testing.T, k *kit)) {
	t.Helper()
	if *scale == 0 {
		inPairs(t, test)
		return
	}
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onDatabases(t, redisURL, test)
		})
	}
}

// inPairs runs test on each database, with the Redis that goes with it.
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
	return &kit{
		dbURL: dbURL, redisURL: redisURL, log: &recorder{}, db: jobtest.Open(t, dbURL), redis: openRedis(t, redisURL),
	}
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
	tick := time.NewTicker(30 * time.Millisecond)
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
type recorder struct{ jobtest.Recorder }

// having returns the records that contain text.
func (r *recorder) having(text string) []string { return r.Having(text) }
