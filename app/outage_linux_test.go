package app_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	goredis "github.com/redis/go-redis/v9"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/jobs"
)

// everyOutage is whether TestOutages runs all rows of the document instead of those of quickOutages.
var everyOutage = flag.Bool("outages", false, "every state of every dependency in TestOutages")

// quickOutages are states that differ in kind, of dependencies that start fast.
var quickOutages = map[string][]string{
	"PostgreSQL": {"stops and starts", "refuses connections", "is read-only"},
	"Redis":      {"stops and starts", "refuses the password", "has no memory left"},
	"SQLite":     {"its disk is full"},
	"files":      {"the folder is read-only"},
}

// outage is a row of the table of docs/deployment.md.
type outage struct {
	dependency, state string
	read, write       int
	check             string // of /ready
	jobsWait          bool
}

// documentedOutages reads the table.
func documentedOutages(t *testing.T) []outage {
	t.Helper()
	text, err := os.ReadFile("../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| ([^|]+) \\| ([^|]+) \\| (\\d+) \\| (\\d+) \\| 503 `(\\w+)` \\| (wait|run) \\|$")
	var list []outage
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		read, _ := strconv.Atoi(m[3])
		write, _ := strconv.Atoi(m[4])
		list = append(list, outage{m[1], m[2], read, write, m[5], m[6] == "wait"})
	}
	return list
}

// fault begins a state of a dependency and ends it. restarts is set where requests arrive all the time.
type fault struct {
	begin, end func(t *testing.T)
	restarts   bool
}

// TestOutages runs rows of the table of docs/deployment.md, with -outages all of them, and demands that each state that
// it knows is in it.
func TestOutages(t *testing.T) {
	t.Parallel()
	rows := documentedOutages(t)
	for dependency, set := range map[string]func(*testing.T) (*outageApp, map[string]fault){
		"PostgreSQL":     postgresFaults,
		"MySQL, MariaDB": mariaDBFaults,
		"Redis":          redisFaults,
		"SQLite":         sqliteFaults,
		"files":          fileFaults,
	} {
		if !*everyOutage && quickOutages[dependency] == nil {
			continue
		}
		t.Run(dependency, func(t *testing.T) {
			t.Parallel()
			a, faults := set(t)
			var tested []string
			for _, row := range rows {
				if row.dependency != dependency {
					continue
				}
				f, ok := faults[row.state]
				if !ok {
					t.Fatalf("the state %q of the document has no test", row.state)
				}
				tested = append(tested, row.state)
				if *everyOutage || slices.Contains(quickOutages[dependency], row.state) {
					t.Run(row.state, func(t *testing.T) { a.test(t, row, f) })
				}
			}
			for state := range faults {
				if !slices.Contains(tested, state) {
					t.Errorf("the state %q is not in the document", state)
				}
			}
		})
	}
}

// outageJob is done when it has sent its name.
type outageJob struct {
	Name string `json:"name"`
}

func (j outageJob) Work(_ context.Context, done chan<- string) error { done <- j.Name; return nil }

// outageApp is an application whose routes /read and /write use one dependency.
type outageApp struct {
	app  *covet.App
	base string
	done chan string
	ran  map[string]int // jobs that have been done, by name
}

func newOutageApp(t *testing.T, cfg covet.Config, read, write func(context.Context, *covet.App) error) *outageApp {
	t.Helper()
	cfg.HTTP.WriteTimeout = time.Second
	cfg.Redis.ReadTimeout = 300 * time.Millisecond
	cfg.Override.LogOutput = io.Discard // thousands of errors
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{
		sqlite.Driver{}, postgres.Driver{}, mysql.Driver{},
	}})
	if err != nil {
		t.Fatal(err)
	}
	o := &outageApp{app: a, done: make(chan string, 100), ran: map[string]int{}}
	jobs.Register[outageJob](a.Jobs, (chan<- string)(o.done))
	for path, use := range map[string]func(context.Context, *covet.App) error{"/read": read, "/write": write} {
		a.Echo.GET(path, func(c echo.Context) error {
			if err := use(c.Request().Context(), a); err != nil {
				return fmt.Errorf("handling: %w", err)
			}
			return c.NoContent(http.StatusOK)
		})
	}
	o.base = start(t, a, covet.Roles{Web: true, Work: true})
	return o
}

// test begins the state, compares what the application does with the row, ends the state, and expects that everything
// works with the first request.
func (o *outageApp) test(t *testing.T, row outage, f fault) {
	o.expectHealthy(t)
	load := func() (count map[int]int) { return nil }
	if f.restarts {
		load = o.load(t)
	}
	f.begin(t)
	if got := do(t, http.MethodGet, o.base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("/health: %+v", got)
	}
	if got := do(t, http.MethodGet, o.base+"/ready", "*/*"); got.status != http.StatusServiceUnavailable ||
		!strings.Contains(got.body, `"`+row.check+`":{"status":"unavailable"`) {
		t.Errorf("/ready: %d %s, want 503 for %s", got.status, got.body, row.check)
	}
	var requests sync.WaitGroup
	for path, want := range map[string]int{"/read": row.read, "/write": row.write} {
		for _, accept := range []string{"text/html", "application/json"} {
			requests.Go(func() {
				got := do(t, http.MethodGet, o.base+path, accept)
				if got.status != want || want == http.StatusServiceUnavailable && got.header.Get("Retry-After") != "5" {
					t.Errorf("%s as %s: %d, Retry-After %q, want %d", path, accept, got.status, got.header.Get("Retry-After"), want)
				}
			})
		}
	}
	requests.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // the end of a request
	defer cancel()
	_, err := o.app.Jobs.Enqueue(ctx, outageJob{"during"})
	if err != nil && !errors.Is(err, database.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("enqueuing: %v", err)
	}
	if err == nil && !row.jobsWait {
		o.await(t, "during")
	}
	f.end(t)
	o.expectHealthy(t)
	if err == nil && row.jobsWait {
		o.await(t, "during")
	}
	for status, n := range load() {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("%d responses have status %d", n, status)
		}
	}
}

// expectHealthy demands that the application works now.
func (o *outageApp) expectHealthy(t *testing.T) {
	t.Helper()
	if got := do(t, http.MethodGet, o.base+"/ready", "*/*"); got.status != http.StatusOK {
		t.Errorf("/ready: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/read", "/write"} {
		if got := do(t, http.MethodGet, o.base+path, "*/*"); got.status != http.StatusOK {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if _, err := o.app.Jobs.Enqueue(t.Context(), outageJob{"after"}); err != nil {
		t.Error(err)
	}
	o.await(t, "after")
}

// await waits until a job of this name has run since the last call for it.
func (o *outageApp) await(t *testing.T, name string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for o.ran[name] == 0 {
		select {
		case got := <-o.done:
			o.ran[got]++
		case <-deadline:
			t.Fatalf("the job %q has not run", name)
		}
	}
	o.ran[name]--
}

// load sends requests all the time until the returned function is called, which returns how many responses had which
// status.
func (o *outageApp) load(t *testing.T) (stop func() map[int]int) {
	t.Helper()
	quit := make(chan struct{})
	var mu sync.Mutex
	count := map[int]int{}
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() {
			accept := []string{"text/html", "application/json"}[i%2]
			for {
				select {
				case <-quit:
					return
				default:
				}
				for _, path := range []string{"/read", "/write"} {
					got := do(t, http.MethodGet, o.base+path, accept)
					mu.Lock()
					count[got.status]++
					mu.Unlock()
				}
			}
		})
	}
	end := sync.OnceFunc(func() { close(quit); clients.Wait() })
	t.Cleanup(end) // also when the test fails
	return func() map[int]int {
		end()
		t.Logf("responses by status: %v", count)
		return count
	}
}

func readRow(ctx context.Context, a *covet.App) error {
	var n int64
	return a.DB.With(ctx).Table("covet_audit").Count(&n).Error
}

func writeRow(ctx context.Context, a *covet.App) error {
	return a.DB.Transaction(ctx, func(ctx context.Context) error {
		return a.DB.With(ctx).Exec("DELETE FROM covet_audit").Error
	})
}

// proxyFaults are the states that a network can bring about.
func proxyFaults(p *testserver.Proxy, server *testserver.Process) map[string]fault {
	return map[string]fault{
		"refuses connections": {
			begin: func(*testing.T) { p.Cut() },
			end:   func(t *testing.T) { t.Helper(); p.Open(t) },
		},
		"does not respond": {
			begin: func(*testing.T) { p.Freeze() },
			end:   func(*testing.T) { p.Thaw() },
		},
		"stops and starts": {
			begin:    func(t *testing.T) { t.Helper(); server.Stop(t) },
			end:      func(t *testing.T) { t.Helper(); server.Start(t) },
			restarts: true,
		},
	}
}

// statements returns a fault that statements of the superuser begin and end.
func statements(server *testserver.Process, begin, end []string) fault {
	run := func(list []string) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			for _, query := range list {
				server.Exec(t, query)
			}
		}
	}
	return fault{begin: run(begin), end: run(end)}
}

func postgresFaults(t *testing.T) (*outageApp, map[string]fault) {
	t.Helper()
	server := testserver.NewPostgres(t)
	server.Exec(t, "CREATE ROLE app LOGIN")
	server.Exec(t, "CREATE DATABASE app OWNER app")
	url := "postgres://app@" + server.Address + "/app?sslmode=disable"
	proxy := testserver.NewProxy(t, url)
	cfg := testConfig(t)
	cfg.Database.URL = proxy.Through(t, url)
	cfg.Database.MaxIdleConns = 1 // each connection that the server has closed is a 503
	faults := proxyFaults(proxy, server)
	const disconnect = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'app'"
	faults["refuses the user"] = statements(server,
		[]string{"ALTER ROLE app NOLOGIN", disconnect}, []string{"ALTER ROLE app LOGIN"})
	faults["has no connection left"] = statements(server,
		[]string{"ALTER ROLE app CONNECTION LIMIT 0", disconnect}, []string{"ALTER ROLE app CONNECTION LIMIT -1"})
	var o *outageApp
	readOnly := statements(server,
		[]string{"ALTER ROLE app SET default_transaction_read_only = on", disconnect},
		[]string{"ALTER ROLE app RESET default_transaction_read_only", disconnect})
	faults["is read-only"] = fault{begin: readOnly.begin, end: func(t *testing.T) {
		t.Helper()
		readOnly.end(t)
		// The idle connection that has been closed by that is a 503, whichever check or request takes it.
		for deadline := time.Now().Add(30 * time.Second); readRow(t.Context(), o.app) != nil; {
			if time.Now().After(deadline) {
				t.Fatal("the application does not connect again")
			}
		}
	}}
	o = newOutageApp(t, cfg, readRow, writeRow)
	return o, faults
}

func mariaDBFaults(t *testing.T) (*outageApp, map[string]fault) {
	t.Helper()
	server := testserver.NewMariaDB(t)
	server.Exec(t, "CREATE DATABASE app CHARACTER SET utf8mb4")
	server.Exec(t, "CREATE USER app")
	server.Exec(t, "GRANT ALL ON app.* TO app")
	url := "mysql://app@" + server.Address + "/app"
	proxy := testserver.NewProxy(t, url)
	cfg := testConfig(t)
	cfg.Database.URL = proxy.Through(t, url)
	faults := proxyFaults(proxy, server)
	faults["refuses the user"] = statements(server,
		[]string{"ALTER USER app ACCOUNT LOCK", "KILL HARD USER app"}, []string{"ALTER USER app ACCOUNT UNLOCK"})
	faults["is read-only"] = statements(server, []string{"SET GLOBAL read_only = 1"}, []string{"SET GLOBAL read_only = 0"})
	return newOutageApp(t, cfg, readRow, writeRow), faults
}

func redisFaults(t *testing.T) (*outageApp, map[string]fault) {
	t.Helper()
	server := testserver.NewRedis(t, "--user", "app", "on", ">secret", "~*", "&*", "+@all")
	proxy := testserver.NewProxy(t, "redis://"+server.Address)
	cfg := testConfig(t)
	cfg.Redis.URL = proxy.Through(t, "redis://app:secret@127.0.0.1")
	admin := goredis.NewClient(&goredis.Options{Addr: server.Address, PoolSize: 1})
	t.Cleanup(func() { _ = admin.Close() })
	run := func(commands ...string) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			for _, command := range commands {
				var args []any
				for _, word := range strings.Fields(command) {
					args = append(args, word)
				}
				if err := admin.Do(t.Context(), args...).Err(); err != nil {
					t.Fatalf("%s: %v", command, err)
				}
			}
		}
	}
	var o *outageApp
	faults := proxyFaults(proxy, server)
	faults["has become a replica"] = fault{begin: run("REPLICAOF 127.0.0.1 1"), end: run("REPLICAOF NO ONE")}
	faults["has no memory left"] = fault{begin: run("CONFIG SET maxmemory 1"), end: run("CONFIG SET maxmemory 0")}
	faults["refuses the password"] = fault{
		begin: run("ACL SETUSER app <secret >other", "CLIENT KILL USER app"), end: run("ACL SETUSER app >secret"),
	}
	faults["loads its data"] = fault{
		begin: func(t *testing.T) {
			t.Helper()
			for i := range 300 {
				if err := admin.Set(t.Context(), fmt.Sprint("key", i), strings.Repeat("x", 2048), 0).Err(); err != nil {
					t.Fatal(err)
				}
			}
			run("CONFIG SET rdbcompression no", "SAVE")(t)
			server.Stop(t)
			server.Start(t, "--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
		},
		end: func(t *testing.T) {
			t.Helper()
			run("CONFIG SET key-load-delay 0")(t)
			for deadline := time.Now().Add(30 * time.Second); admin.Set(t.Context(), "loaded", "1", 0).Err() != nil; {
				if time.Now().After(deadline) {
					t.Fatal("Redis still loads its data")
				}
			}
		},
	}
	// After many failed dials the client of Redis dials once a second only.
	refuse := faults["refuses connections"]
	faults["refuses connections"] = fault{begin: refuse.begin, end: func(t *testing.T) {
		t.Helper()
		refuse.end(t)
		for deadline := time.Now().Add(30 * time.Second); o.app.Redis.Ping(t.Context()) != nil; {
			if time.Now().After(deadline) {
				t.Fatal("the client does not connect again")
			}
		}
	}}
	read := func(ctx context.Context, a *covet.App) error {
		err := a.Redis.Client().Get(ctx, "key").Err()
		if errors.Is(err, goredis.Nil) {
			err = nil
		}
		return err
	}
	write := func(ctx context.Context, a *covet.App) error { return a.Redis.Client().Set(ctx, "key", "1", 0).Err() }
	o = newOutageApp(t, cfg, read, write)
	return o, faults
}

// smallDisk mounts a disk of a few megabytes, and returns its folder. Without the right to do that the test is skipped.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("mounting a disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fullDisk fills a disk to the last byte.
func fullDisk(dir string) fault {
	name := filepath.Join(dir, "filling")
	return fault{
		begin: func(t *testing.T) {
			t.Helper()
			file, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			for err == nil {
				_, err = file.Write(make([]byte, 4096))
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
		},
		end: func(t *testing.T) {
			t.Helper()
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func sqliteFaults(t *testing.T) (*outageApp, map[string]fault) {
	t.Helper()
	disk := smallDisk(t)
	cfg := testConfig(t)
	cfg.Database.URL = "sqlite:" + disk + "/app.db"
	write := func(ctx context.Context, a *covet.App) error { // of more than the journal has room for already
		return a.DB.Transaction(ctx, func(ctx context.Context) error {
			err := a.DB.With(ctx).Exec("CREATE TABLE large AS SELECT randomblob(1000000) AS data").Error
			return errors.Join(err, a.DB.With(ctx).Exec("DROP TABLE IF EXISTS large").Error)
		})
	}
	return newOutageApp(t, cfg, readRow, write), map[string]fault{"its disk is full": fullDisk(disk)}
}

func fileFaults(t *testing.T) (*outageApp, map[string]fault) {
	t.Helper()
	disk := smallDisk(t)
	cfg := testConfig(t)
	cfg.Storage.URL = "file://" + disk
	remount := func(flags uintptr) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|flags, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(ctx context.Context, a *covet.App) error {
		return a.Storage.Put(ctx, "a/written", strings.NewReader(strings.Repeat("x", 10000)))
	}
	read := func(ctx context.Context, a *covet.App) error {
		file, err := a.Storage.Open(ctx, "a/b")
		if err != nil {
			return err
		}
		return file.Close()
	}
	o := newOutageApp(t, cfg, read, write)
	if err := o.app.Storage.Put(t.Context(), "a/b", strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	return o, map[string]fault{
		"the disk is full":        fullDisk(disk),
		"the folder is read-only": {begin: remount(syscall.MS_RDONLY), end: remount(0)},
	}
}
