package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/migrations"
)

type testConfig struct{ covet.Config }

// greetCommand is a command that the application adds.
func greetCommand(a *covet.App) *cobra.Command {
	return &cobra.Command{
		Use:  "shout",
		RunE: func(cmd *cobra.Command, _ []string) error { cmd.Println("HELLO FROM " + a.Config.App.Name); return nil },
	}
}

type greeter struct{}

func (greeter) Name() string { return "greeter" }

func (greeter) Commands(a *covet.App) []*cobra.Command {
	return []*cobra.Command{{
		Use: "hello",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.Println("hello from " + a.Config.App.Name)
			return nil
		},
	}}
}

func newTestApp(cfg testConfig) (*covet.App, error) {
	var texts *text.Set
	if cfg.App.Name == "translated" {
		texts = text.MustLoad("", fstest.MapFS{
			"en.yaml": {Data: []byte("title: Posts\nlead: Read {n} of them\n")}, "de.yaml": {Data: []byte("title: Beiträge\n")},
		}, ".")
	}
	a, err := covet.New(cfg.Config, covet.Options{
		Texts:   texts,
		Drivers: []database.Driver{sqlite.Driver{}},
		Seeds:   testSeeds(),
		Migrations: migrations.Source{Name: "app", FS: fstest.MapFS{
			"sqlite/1_posts.sql": {Data: []byte("-- +goose Up\nCREATE TABLE posts (id INTEGER PRIMARY KEY);\n-- +goose Down\n" +
				"DROP TABLE posts;\n")},
		}},
	})
	if err != nil {
		return nil, err
	}
	registerTestJobs(a)
	return a, a.Use(greeter{})
}

// output is what is written by several goroutines, the log and the end of a program.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// run runs a command line of the application "blog" in dir, and returns its
// code, output and errors.
func run(ctx context.Context, dir string, environ []string, args ...string) (code int, out, errs string) {
	var stdout, stderr output
	code = newProgram(dir, environ, &stdout, &stderr).run(ctx, args)
	return code, stdout.String(), stderr.String()
}

func newProgram(dir string, environ []string, out, errs io.Writer) *program {
	environ = append([]string{"DATABASE_URL=sqlite:" + filepath.Join(dir, "test.db"), "APP_DATA_DIR=" + dir}, environ...)
	load := func(flags map[string]string) (*loaded, error) {
		l, err := config.Load[testConfig](config.Options{
			Dir: dir, Environ: environ, Flags: flags, Defaults: map[string]string{"app.name": "blog"},
		})
		if err != nil {
			return nil, err
		}
		l.Value.Override.LogOutput = errs
		return &loaded{
			entries: l.Entries(),
			kernel:  l.Value.Config,
			build:   func() (*covet.App, error) { return newTestApp(l.Value) },
		}, nil
	}
	return &program{
		name:     "blog",
		dir:      dir,
		in:       strings.NewReader(""),
		out:      out,
		err:      errs,
		commands: []Constructor{greetCommand},
		load:     load,
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		environ  []string
		args     []string
		code     int
		out, err string
	}{
		{name: "help", args: []string{"--help"}, out: "greeter"},
		{name: "no command", out: "Available Commands"},
		{name: "unknown command", args: []string{"bogus"}, code: exit.Usage, err: `blog: unknown command "bogus".`},
		{name: "mistyped command", args: []string{"serv"}, code: exit.Usage, err: `Did you mean "serve"?`},
		{name: "unknown flag", args: []string{"serve", "--prt"}, code: exit.Usage, err: "unknown flag: --prt"},
		{
			name: "usage after a wrong flag", args: []string{"serve", "--prt"}, code: exit.Usage,
			err: "Usage: blog serve [flags]\nSee \"blog serve --help\".",
		},
		{name: "argument too many", args: []string{"routes", "x"}, code: exit.Usage, err: `blog routes does not accept "x"`},
		{
			name: "argument missing", args: []string{"migrate", "create"}, code: exit.Usage,
			err: "blog migrate create requires an argument",
		},
		{
			name: "no number", args: []string{"migrate", "down", "x"},
			code: exit.Usage, err: `invalid number of migrations "x"`,
		},
		{name: "routes", args: []string{"routes"}, out: "GET     /health"},
		{name: "module's command", args: []string{"hello"}, out: "hello from blog"},
		{name: "the application's own command", args: []string{"shout"}, out: "HELLO FROM blog"},
		{name: "config", args: []string{"config"}, environ: []string{"PORT=3000"}, out: "environment PORT"},
		{
			name: "secret", args: []string{"config"}, environ: []string{"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a"},
			out: "[hidden]",
		},
		{name: "bad configuration", args: []string{"routes"}, environ: []string{"PORT=many"}, code: exit.Config, err: "port"},
		{
			name: "several faults", args: []string{"serve"}, environ: []string{"APP_ENV=production", "PORT=-1"},
			code: exit.Config, err: "secret_key",
		},
		{
			name: "database down", args: []string{"migrate", "up"}, environ: []string{"DATABASE_URL=sqlite:/dev/null/x.db"},
			code: exit.Unavailable, err: "DATABASE_URL",
		},
		{
			name: "unknown database", args: []string{"routes"}, environ: []string{"DATABASE_URL=oracle://x"},
			code: exit.Config, err: "sqlite",
		},
		{
			name: "Redis down", args: []string{"serve", "--port", "0"},
			environ: []string{"REDIS_URL=redis://:hunter2@127.0.0.1:1"}, code: exit.Unavailable, err: "127.0.0.1:1",
		},
		{name: "lonely worker", args: []string{"worker"}, code: exit.Unavailable, err: "REDIS_URL=redis://localhost:6379"},
		{name: "nobody works", args: []string{"serve", "--no-worker"}, code: exit.Usage, err: "Set REDIS_URL"},
		{
			name: "malformed SMTP_URL", args: []string{"routes"}, environ: []string{"SMTP_URL=mail", "MAIL_FROM=nobody"},
			code: exit.Config, err: "mail",
		},
		{
			name: "pending migrations", args: []string{"serve"}, environ: production, code: exit.Unavailable,
			err: "blog migrate up",
		},
		{
			name: "nobody answers", args: []string{"health"}, environ: []string{"PORT=1"}, code: exit.Unavailable,
			err: "nothing listens on localhost:1",
		},
		{
			name: "create elsewhere", args: []string{"migrate", "create", "x"}, code: exit.Failure,
			err: "no folder migrations/sqlite",
		},
		{name: "version", args: []string{"version"}, out: "blog"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(t.Context(), t.TempDir(), tt.environ, tt.args...)
			if code != tt.code {
				t.Errorf("code = %d, want %d", code, tt.code)
			}
			if tt.name == "help" {
				tt.out = "hello"
			}
			if !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.err) {
				t.Errorf("output:\n%s\nerrors:\n%s\nwant %q and %q", out, errs, tt.out, tt.err)
			}
			if strings.Contains(out+errs, "hunter2") || strings.Contains(out+errs, "kZ3v9") {
				t.Errorf("a secret is shown:\n%s\n%s", out, errs)
			}
		})
	}
}

var production = []string{
	"APP_ENV=production", "APP_URL=https://blog.example.com", "SMTP_URL=smtp://mail.example.com",
	"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a", "PORT=0",
}

// A command that a module may have says what keeps it from being known.
func TestModuleCommandWithBrokenConfiguration(t *testing.T) {
	t.Parallel()
	code, _, errs := run(t.Context(), t.TempDir(), []string{"PORT=many"}, "hello")
	if code != exit.Config || !strings.Contains(errs, "port") || strings.Contains(errs, "unknown command") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, out, errs := run(t.Context(), t.TempDir(), []string{"PORT=many"}, "--help"); code != 0 ||
		!strings.Contains(out, "serve") {
		t.Errorf("help: code %d: %s", code, errs)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"migrate", "status"}, "app 1 posts pending"},
		{[]string{"migrate", "up"}, "Applied app 1 posts"},
		{[]string{"migrate", "up"}, "Nothing to do"},
		{[]string{"migrate", "status"}, "app 1 posts applied"},
		{[]string{"migrate", "down", "--yes"}, "Rolled back app 1 posts"},
		{[]string{"migrate", "down"}, "Nothing to do"},
		{[]string{"migrate", "status", "--json"}, `"state": "pending"`},
	} {
		code, out, errs := run(t.Context(), dir, nil, step.args...)
		// However wide the columns are.
		if code != exit.OK || !strings.Contains(strings.Join(strings.Fields(out), " "), step.want) {
			t.Errorf("%v: %d\n%s%s\nwant %q", step.args, code, out, errs, step.want)
		}
	}
}

// Threat: a script, or a command in the wrong terminal, removes a table of production.
func TestMigrateDownNeedsConsent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, environ := range [][]string{nil, production} {
		if code, _, errs := run(t.Context(), dir, environ, "migrate", "up"); code != exit.OK {
			t.Fatal(errs)
		}
		code, out, errs := run(t.Context(), dir, environ, "migrate", "down")
		if code != exit.Refused {
			t.Errorf("code %d, want %d", code, exit.Refused)
		}
		for _, want := range []string{"rolls back 1 migration", "app 1 posts", "DROP TABLE posts", "--yes"} {
			if !strings.Contains(errs, want) {
				t.Errorf("the error lacks %q:\n%s%s", want, out, errs)
			}
		}
		if _, out, _ = run(t.Context(), dir, environ, "migrate", "status", "--json"); strings.Contains(out, "pending") {
			t.Errorf("the migration was reverted:\n%s", out)
		}
	}
}

func TestMigrateCreate(t *testing.T) { //nolint:paralleltest // it changes the working directory
	t.Chdir(t.TempDir())
	for _, dialect := range []string{"sqlite", "mysql"} {
		if err := os.MkdirAll(filepath.Join("migrations", dialect), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := run(t.Context(), ".", nil, "migrate", "create", "add", "title")
	files, err := filepath.Glob("migrations/*/*_add_title.sql")
	if code != exit.OK || err != nil || len(files) != 2 || !strings.Contains(out, files[0]) {
		t.Errorf("%d %v %v\n%s%s", code, files, err, out, errs)
	}
	if code, _, _ := run(t.Context(), ".", nil, "migrate", "create", "9!"); code != exit.Usage {
		t.Errorf("a wrong name ends with %d", code)
	}
}

func TestRoutesAsJSON(t *testing.T) {
	t.Parallel()
	_, out, _ := run(t.Context(), t.TempDir(), nil, "routes", "--json")
	var list []route
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) < 2 {
		t.Fatalf("%v in %s", err, out)
	}
	for _, r := range list {
		if r.Method == "" || r.Path == "" || strings.Contains(r.Handler, "/") {
			t.Errorf("route = %+v", r)
		}
	}
}

// serve works from an empty folder, says where it is, answers, and stops with
// its context.
func TestServe(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	type result struct {
		code      int
		out, errs string
	}
	ended := make(chan result, 1)
	go func() {
		code, out, errs := run(ctx, dir, nil, "serve", "--port", port)
		ended <- result{code, out, errs}
	}()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if code, _, _ := run(t.Context(), dir, []string{"PORT=" + port}, "health"); code == exit.OK {
			break
		}
		if time.Now().After(deadline) {
			cancel()
			t.Fatalf("it never answers: %+v", <-ended)
		}
	}
	response, err := http.Get("http://localhost:" + port + "/dev/mail") //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the inbox: %d, %v", response.StatusCode, err)
	}
	if code, _, errs := run(t.Context(), dir, nil, "serve", "--port", port); code != exit.Unavailable ||
		!strings.Contains(errs, "port "+port+" is in use") {
		t.Errorf("a second one: %d %s", code, errs)
	}
	other := freePort(t)
	if code, _, errs := run(t.Context(), dir, nil, "serve", "--port", other); code != exit.Unavailable ||
		!strings.Contains(errs, "REDIS_URL") {
		t.Errorf("a second one on another port: %d %s", code, errs)
	}
	cancel()
	got := <-ended
	if env, err := os.ReadFile(filepath.Join(dir, ".env")); err != nil || !strings.HasPrefix(string(env), "SECRET_KEY=") {
		t.Errorf("the secret: %q, %v", env, err)
	}
	if got.code != exit.OK || !strings.Contains(got.out, "blog is running on http://localhost:"+port) ||
		!strings.Contains(got.out, "Migrated app: 1 posts") {
		t.Errorf("serve: %+v", got)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(errors.New("no TCP address"))
	}
	return strconv.Itoa(address.Port)
}
