// Package apptest starts an application for a test: with its own database, captured mails, and jobs that run only when
// the test calls DrainJobs. A client with a cookie jar requests pages, fills in forms and submits them.
//
//	func TestContact(t *testing.T) {
//		t.Parallel()
//		a := apptest.New(t, app.New)
//
//		page := a.Client().Get("/contact").Form("/contact").
//			Fill("email", "ada@example.com").
//			Fill("body", "Hello, I would like to know more.").
//			Submit().MustStatus(http.StatusOK)
//
//		a.DrainJobs()
//		if len(a.Mails()) != 1 {
//			t.Errorf("the team got no mail: %s", page.Text("main"))
//		}
//	}
//
// The database is a new one of the kind that config/config.yaml configures for development, or SQLite: a SQLite file in
// a temporary folder, or a database on the server at TEST_POSTGRES_URL or TEST_MYSQL_URL, which is dropped at the end.
// The environment variable TEST_DATABASE (sqlite, postgres or mysql) selects another kind that the application links.
// If the server cannot be reached, the test is skipped with a message. Tests may run in parallel.
package apptest

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/command"
	"github.com/covetgo/covet/app/internal/fortest"
	"github.com/covetgo/covet/app/mail"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/testserver"
)

// App is an application under test. Its embedded App is the application itself.
type App struct {
	*covet.App
	// URL is the address of the application, such as "http://127.0.0.1:51234".
	URL string

	t     testing.TB
	mail  *mail.Memory
	clock *clock

	contract *contract // nil without an API
}

// Option changes the configuration of the application under test.
type Option func(*options)

type options struct {
	flags           map[string]string
	strongPasswords bool
	undocumented    bool
}

// Set sets a configuration key: Set("contact.to", "team@example.com").
func Set(key, value string) Option {
	return func(o *options) { o.flags[key] = value }
}

// StrongPasswords hashes passwords at the cost of production, which takes about a tenth of a second each. Defaults to
// cheap hashing.
func StrongPasswords() Option {
	return func(o *options) { o.strongPasswords = true }
}

// New creates the application with the constructor that its main uses, migrates a new database, and serves requests
// until the test ends.
func New[C any, P command.Config[C]](t testing.TB, build func(C) (*covet.App, error), opts ...Option) *App {
	t.Helper()
	o := options{flags: map[string]string{
		"database.url": databaseURL(t, configuredKind[C, P](t)),
		"app.data_dir": t.TempDir(),
		"secret_key":   "only-for-tests-0123456789-abcdefghijklmnop",
		"log.level":    "warn",
		"redis.url":    "",
		"storage.url":  "",
	}}
	for _, opt := range opts {
		opt(&o)
	}
	loaded, err := config.Load[C](config.Options{
		Dir: projectDir(t), Environ: []string{"APP_ENV=test"}, Flags: o.flags,
	})
	if err != nil {
		t.Fatalf("loading the configuration: %v", err)
	}
	sent := new(mail.Memory)
	kernel := P(&loaded.Value).Kernel()
	kernel.Override = covet.Override{Mail: sent, LogOutput: t.Output()}
	ticking := new(clock)
	kernel.Jobs.Clock = ticking.now
	inner, err := build(loaded.Value)
	if err != nil {
		t.Fatalf("creating the application: %v", err)
	}
	for _, module := range inner.Modules() {
		if m, ok := module.(interface{ UseCheapPasswords(fortest.Only) }); ok && !o.strongPasswords {
			m.UseCheapPasswords(fortest.Only{})
		}
	}
	a := &App{App: inner, t: t, mail: sent, clock: ticking}
	if !o.undocumented {
		a.contract = newContract(a)
	}
	return start(t, a)
}

// start migrates, serves, and registers the cleanup.
func start(t testing.TB, a *App) *App {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Errorf("stopping the application: %v", err)
		}
	})
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatalf("migrating: %v", err)
	}
	if err := a.Start(t.Context(), covet.Roles{}); err != nil {
		t.Fatalf("starting the application: %v", err)
	}
	server := httptest.NewServer(a.Echo)
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// Mails returns the sent mails, oldest first.
func (a *App) Mails() []*mail.Envelope { return a.mail.Sent() }

// configuredKind returns the kind of database that the project configures.
func configuredKind[C any, P command.Config[C]](t testing.TB) string {
	t.Helper()
	if kind := os.Getenv("TEST_DATABASE"); kind != "" {
		return kind
	}
	loaded, err := config.Load[C](config.Options{
		Dir: projectDir(t), Environ: []string{"APP_ENV=test"}, Defaults: map[string]string{"database.url": "sqlite:test.db"},
	})
	if err != nil {
		t.Fatalf("loading the configuration: %v", err)
	}
	kind, _, _ := strings.Cut(P(&loaded.Value).Kernel().Database.URL, ":")
	return kind
}

// databaseURL returns a new database of a kind, which may be the scheme of a URL.
func databaseURL(t testing.TB, kind string) string {
	t.Helper()
	switch kind {
	case "sqlite":
		return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	case "postgres", "postgresql":
		return testserver.Postgres(t)
	case "mysql", "mariadb":
		return testserver.MySQL(t)
	default:
		t.Fatalf("unknown test database %q: TEST_DATABASE must be sqlite, postgres or mysql", kind)
		return ""
	}
}

// projectDir returns the nearest parent folder with config/config.yaml, or otherwise with go.mod: the working directory
// of a test is that of its package.
func projectDir(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		for _, name := range []string{"config/config.yaml", "go.mod"} {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
				return dir
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no config/config.yaml or go.mod in this folder or its parents")
		}
		dir = parent
	}
}
