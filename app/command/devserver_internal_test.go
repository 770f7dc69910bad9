package command

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/devlink"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/migrations"
)

// devServerTest is a dev server without a builder: a control server, a Redis, and an application below it.
type devServerTest struct {
	link     devlink.Link
	messages chan devlink.Message
	environ  []string
	posts    []string      // the application's migrations
	hang     chan struct{} // what GET /hang says when it is asked
	runs     *slowRuns     // of jobs; nil for an application without
}

func newDevServer(t *testing.T) *devServerTest {
	t.Helper()
	l := &devServerTest{messages: make(chan devlink.Message, 8), posts: []string{"1_posts"}, hang: make(chan struct{}, 1)}
	l.link = devlink.Link{Token: devlink.NewToken(), Public: "http://localhost:3999"}
	server := httptest.NewServer(devlink.Handler(l.link.Token, func(m devlink.Message) { l.messages <- m }))
	t.Cleanup(server.Close)
	l.link.Control = server.URL
	queue, err := redis.Listen(t.Context(), l.link.Token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := queue.Stop(); err != nil {
			t.Error(err)
		}
	})
	l.link.Redis = queue.Address()
	dir := t.TempDir()
	l.environ = []string{
		"DATABASE_URL=sqlite:" + filepath.Join(dir, "test.db"), "APP_DATA_DIR=" + dir,
		"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a",
	}
	return l
}

func (l *devServerTest) build(cfg testConfig) (*covet.App, error) {
	files := fstest.MapFS{}
	for _, name := range l.posts {
		table := name[strings.Index(name, "_")+1:]
		files["sqlite/"+name+".sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + table +
			" (id INTEGER PRIMARY KEY);\n-- +goose Down\nDROP TABLE " + table + ";\n")}
	}
	a, err := covet.New(cfg.Config, covet.Options{
		Drivers: []database.Driver{sqlite.Driver{}}, Migrations: migrations.Source{Name: "app", FS: files},
	})
	if err != nil {
		return nil, err
	}
	a.Echo.GET("/who", func(c echo.Context) error {
		return c.String(http.StatusOK, c.RealIP()+" "+c.Scheme()+" "+a.LocalURL()+" "+a.Config.BaseURL()+
			" "+a.Redis.Address())
	})
	if l.runs != nil {
		covetjobs.Register[slow](a.Jobs, l.runs)
		a.Echo.GET("/enqueue", func(c echo.Context) error {
			_, err := a.Jobs.Enqueue(c.Request().Context(), slow{Number: 1})
			return err
		})
	}
	a.Echo.GET("/hang", func(c echo.Context) error {
		l.hang <- struct{}{}
		<-c.Request().Context().Done() // a client that does not go away
		return nil
	})
	return a, nil
}

type ended struct {
	code      int
	out, errs string
}

// run runs a command under the dev server, with this as its standard input.
func (l *devServerTest) run(ctx context.Context, stdin io.Reader, args ...string) ended {
	var out, errs output
	p := &program{name: "blog", dir: ".", in: stdin, out: &out, err: &errs}
	p.load = func(flags map[string]string) (*loaded, error) {
		c, err := config.Load[testConfig](config.Options{
			Dir: filepath.Dir("."), Environ: l.environ, Flags: flags, Defaults: map[string]string{"app.name": "blog"},
		})
		if err != nil {
			return nil, err
		}
		c.Value.Override.LogOutput = &errs
		if c.Value.DevServer, err = (link{Link: &l.link}).forConfig(&c.Value.Config); err != nil {
			return nil, err
		}
		return &loaded{kernel: c.Value.Config, build: func() (*covet.App, error) { return l.build(c.Value) }}, nil
	}
	code := p.run(ctx, args)
	return ended{code, out.String(), errs.String()}
}

// serve starts the application and returns its address, its standard input, and how it ends.
func (l *devServerTest) serve(t *testing.T) (address string, stdin io.WriteCloser, end <-chan ended) {
	t.Helper()
	r, w := io.Pipe()
	done := make(chan ended, 1)
	var running sync.WaitGroup
	running.Go(func() { done <- l.run(context.WithoutCancel(t.Context()), r, "serve", "--port", "1") })
	t.Cleanup(func() {
		_ = w.Close()
		running.Wait()
	})
	select {
	case m := <-l.messages:
		if m.Ready == nil {
			t.Fatalf("got %+v", m)
		}
		return m.Ready.Address, w, done
	case e := <-done:
		t.Fatalf("it ended: %+v", e)
	}
	panic("unreachable")
}

func get(t *testing.T, url string, header http.Header) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, values := range header {
		r.Header[key] = values
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestServeUnderDevServer(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	address, stdin, end := l.serve(t)
	if !strings.HasPrefix(address, "127.0.0.1:") || address == "127.0.0.1:1" {
		t.Errorf("it listens on %s", address)
	}
	got := get(t, "http://"+address+"/who", http.Header{"X-Forwarded-For": {"192.0.2.7"}, "X-Forwarded-Proto": {"https"}})
	if want := "192.0.2.7 https http://localhost:3999 http://localhost:3999 embedded (covet serve)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := io.WriteString(stdin, devlink.StopLine+"\n"); err != nil {
		t.Fatal(err)
	}
	e := <-end
	if e.code != exit.OK || !strings.Contains(e.out, "Migrated app: 1 posts") || strings.Contains(e.out, "Ctrl-C") {
		t.Errorf("it ended: %+v", e)
	}
}

// A second process of the application starts while the first one still runs, as between two builds.
func TestTwoProcessesUnderOneDevServer(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	first, stdin, end := l.serve(t)
	second, _, _ := l.serve(t)
	if first == second {
		t.Errorf("both listen on %s", first)
	}
	_ = stdin.Close()
	if e := <-end; e.code != exit.OK {
		t.Errorf("the first one ended: %+v", e)
	}
	if got := get(t, "http://"+second+"/health", nil); !strings.Contains(got, "ok") {
		t.Errorf("the second one says %s", got)
	}
}

// The dev server was killed: requests that would take for ever do not keep its application alive.
func TestEndOfTheDevServerEndsHangingRequests(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	address, stdin, end := l.serve(t)
	var client sync.WaitGroup
	client.Go(func() {
		r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet,
			"http://"+address+"/hang", nil)
		if err != nil {
			t.Error(err)
			return
		}
		if response, err := http.DefaultClient.Do(r); err == nil {
			_ = response.Body.Close()
		}
	})
	<-l.hang
	if _, err := io.WriteString(stdin, devlink.StopLine+"\n"); err != nil { // waits for the request
		t.Fatal(err)
	}
	_ = stdin.Close()
	deadline := time.NewTimer(20 * time.Second) // requests have 30 seconds otherwise
	defer deadline.Stop()
	select {
	case <-end:
	case <-deadline.C:
		t.Error("the application goes on without its dev server")
	}
	client.Wait()
}

func TestPendingMigrationsAreReported(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	_, stdin, end := l.serve(t)
	_ = stdin.Close()
	<-end
	l.posts = []string{"1_posts", "2_comments"}
	r, w := io.Pipe()
	defer w.Close()
	e := l.run(t.Context(), r, "serve")
	if e.code != exit.Unavailable || !strings.Contains(e.errs, "1 migration is pending") {
		t.Errorf("it ended: %+v", e)
	}
	want := devlink.Migration{Source: "app", Version: 2, Name: "comments"}
	if m := <-l.messages; m.Pending == nil || len(m.Pending.Migrations) != 1 || m.Pending.Migrations[0] != want ||
		m.Pending.Database == "" {
		t.Errorf("the dev server received %+v", m)
	}
	if e := l.run(t.Context(), strings.NewReader(""), "worker"); e.code != exit.Unavailable || len(l.messages) != 0 {
		t.Errorf("a worker: %+v, %d messages", e, len(l.messages))
	}
}

// A worker in another terminal works the queue of the dev server, needs no REDIS_URL, and has nothing to tell the dev
// server.
func TestWorkerJoinsTheDevServer(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	l.serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := l.run(ctx, strings.NewReader(""), "worker") // its end is in its context, not in its input
	if strings.Contains(e.errs, "REDIS_URL") || len(l.messages) != 0 {
		t.Errorf("it ended: %+v, %d messages", e, len(l.messages))
	}
}

// The dev server has ended before the application could tell it: nobody will ever stop it.
func TestUnresponsiveDevServerEndsTheApplication(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	l.link.Token = devlink.NewToken()
	l.environ = append(l.environ, "REDIS_URL=")
	l.link.Redis = ""
	r, w := io.Pipe()
	defer w.Close()
	if e := l.run(t.Context(), r, "serve"); e.code != exit.Failure || !strings.Contains(e.errs, "telling covet serve") {
		t.Errorf("it ended: %+v", e)
	}
}

// The attack: a user who can set one variable makes a server believe a dev server of theirs.
func TestDevServerCountsInDevelopmentOnly(t *testing.T) {
	t.Parallel()
	devServer := link{Link: &devlink.Link{
		Control: "http://127.0.0.1:1",
		Token:   "x",
		Public:  "http://localhost:3999",
		Redis:   "127.0.0.1:2",
	}}
	broken := link{err: errors.New("unreadable")}
	for _, env := range []string{config.Production, config.Test} {
		kernel := covet.Config{App: covet.Application{Env: env}}
		for _, l := range []link{devServer, broken} {
			if got, err := l.forConfig(&kernel); got != nil || err != nil {
				t.Errorf("%s: %+v, %v", env, got, err)
			}
		}
		kernel.DevServer, kernel.Port = devServer.Link, 8000
		kernel.App.DataDir, kernel.Database.URL = t.TempDir(), "sqlite::memory:"
		a, err := newTestApp(testConfig{kernel})
		if err != nil {
			t.Fatal(err)
		}
		if a.Config.DevServer != nil || a.Config.Port != 8000 || !a.Redis.Embedded() || len(a.Config.TrustedProxies) > 0 ||
			a.Config.Log.Terminal {
			t.Errorf("%s: the dev server counts: %+v", env, a.Config)
		}
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := broken.forConfig(&covet.Config{}); err == nil {
		t.Error("in development, a variable that cannot be read is ignored")
	}
}

// slow is a job that runs until it is released, or its process wants to end.
type slow struct{ Number int }

func (slow) Kind() string { return "slow" }

// slowRuns counts how jobs of one test end.
type slowRuns struct {
	begun, release chan struct{}
	done, given    atomic.Int32
}

func (slow) Work(ctx context.Context, runs *slowRuns) error {
	runs.begun <- struct{}{}
	select {
	case <-runs.release:
		runs.done.Add(1)
		return nil
	case <-ctx.Done():
		runs.given.Add(1)
		return ctx.Err()
	}
}

// A swap while a job runs: it may finish within the time that the dev server gives it, or goes back to the queue and
// runs in the next process, at once. It is neither lost nor done twice.
func TestJobsOutliveASwap(t *testing.T) {
	t.Parallel()
	for name, finishes := range map[string]bool{"it finishes": true, "it goes back": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newDevServer(t)
			l.runs = &slowRuns{begun: make(chan struct{}, 8), release: make(chan struct{})}
			address, stdin, end := l.serve(t)
			get(t, "http://"+address+"/enqueue", nil)
			<-l.runs.begun
			l.serve(t) // the next process is ready, and the first one is asked to end
			if _, err := io.WriteString(stdin, devlink.StopLine+"\n"); err != nil {
				t.Fatal(err)
			}
			if finishes {
				close(l.runs.release)
			}
			if e := <-end; e.code != exit.OK {
				t.Errorf("the first one ended: %+v", e)
			}
			if !finishes {
				<-l.runs.begun // in the second process
				close(l.runs.release)
			}
			waitFor(t, func() bool { return l.runs.done.Load() == 1 })
			if again := len(l.runs.begun); again != 0 || l.runs.given.Load() > 1 || finishes != (l.runs.given.Load() == 0) {
				t.Errorf("begun %d times more, given back %d times", again, l.runs.given.Load())
			}
		})
	}
}

func waitFor(t *testing.T, met func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !met(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it never happens")
		}
	}
}

// A process with a Redis of its own would take the jobs that run under the dev server for lost.
func TestEmbeddedQueueIsRefusedBesideTheDevServer(t *testing.T) {
	t.Parallel()
	l := newDevServer(t)
	l.serve(t)
	waitFor(t, func() bool {
		alone := *l
		alone.link.Redis = ""
		r, w := io.Pipe()
		defer w.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		e := alone.run(ctx, r, "serve")
		select {
		case <-l.messages: // it was quicker than the guard
		default:
		}
		return e.code == exit.Unavailable && strings.Contains(e.errs, "one process can use the embedded queue")
	})
}
