package app_test

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testConfig is a configuration on a SQLite file of the test and a free port.
func testConfig(t *testing.T) covet.Config {
	t.Helper()
	dir := t.TempDir()
	return covet.Config{
		App:      covet.Application{Name: "Test", Env: config.Test, Storage: dir},
		Database: database.Config{URL: "sqlite:" + dir + "/test.db"},
		Override: covet.Override{LogOutput: t.Output()},
	}
}

func newApp(t *testing.T, cfg covet.Config) *covet.App {
	t.Helper()
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return a
}

// start migrates and starts the application, and stops it with the test.
func start(t *testing.T, a *covet.App, roles covet.Roles) string {
	t.Helper()
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), roles); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return "http://" + a.Address()
}

// answer is what came back from a request.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request without keeping its connection.
func do(t *testing.T, method, url, accept string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	secret := errors.New("hunter2")
	handlers := map[string]echo.HandlerFunc{
		"/internal": func(echo.Context) error { return secret },
		"/panic":    func(echo.Context) error { panic(secret) },
		"/record":   func(echo.Context) error { return gorm.ErrRecordNotFound },
		"/teapot":   func(echo.Context) error { return echo.NewHTTPError(http.StatusTeapot, "hunter2") },
		"/conflict": func(echo.Context) error { return problem.Conflict("Taken.").WithHeader("Retry-After", "7") },
		"/eof":      func(echo.Context) error { return fmt.Errorf("querying: %w", io.ErrUnexpectedEOF) },
		"/chosen":   func(echo.Context) error { return problem.Internal(fmt.Errorf("x: %w", gorm.ErrRecordNotFound)) },
		"/thrown":   func(echo.Context) error { panic(fmt.Errorf("x: %w", gorm.ErrRecordNotFound)) },
		"/away":     func(echo.Context) error { return fmt.Errorf("querying: %w", driver.ErrBadConn) },
		"/canceled": func(echo.Context) error { return fmt.Errorf("background: %w", context.Canceled) },
		"/zero":     func(echo.Context) error { return &echo.HTTPError{} },
	}
	a := newApp(t, testConfig(t))
	for path, handler := range handlers {
		a.Echo.GET(path, handler)
	}
	base := start(t, a, covet.Roles{Web: true})
	tests := []struct {
		method, path string
		status       int
		code         string
	}{
		{http.MethodGet, "/internal", 500, "internal"},
		{http.MethodGet, "/panic", 500, "internal"},
		{http.MethodGet, "/record", 404, "not_found"},
		{http.MethodGet, "/teapot", 418, "status_418"},
		{http.MethodGet, "/conflict", 409, "conflict"},
		{http.MethodGet, "/eof", 500, "internal"},
		{http.MethodGet, "/chosen", 500, "internal"},
		{http.MethodGet, "/thrown", 500, "internal"},
		{http.MethodGet, "/canceled", 500, "internal"},
		{http.MethodGet, "/away", 503, "unavailable"},
		{http.MethodGet, "/zero", 500, "internal"},
		{http.MethodGet, "/nowhere", 404, "not_found"},
		{http.MethodPost, "/internal", 405, "method_not_allowed"},
	}
	for _, tt := range tests {
		problem := do(t, tt.method, base+tt.path, "application/json")
		var got struct {
			Status int
			Code   string
		}
		if err := json.Unmarshal([]byte(problem.body), &got); err != nil {
			t.Errorf("%s: %v in %s", tt.path, err, problem.body)
		}
		if problem.status != tt.status || got.Status != tt.status || got.Code != tt.code {
			t.Errorf("%s %s: %d %+v, want %d %s", tt.method, tt.path, problem.status, got, tt.status, tt.code)
		}
		if kind := problem.header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: type %s", tt.path, kind)
		}
		page := do(t, tt.method, base+tt.path, "text/html")
		if page.status != tt.status || !strings.Contains(page.body, "<h1>") || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s as a page: %+v", tt.path, page)
		}
		if strings.Contains(problem.body+page.body, "hunter2") { // the cause reaches the client
			t.Errorf("%s gives the cause away: %s", tt.path, problem.body)
		}
	}
	if got := do(t, http.MethodHead, base+"/nowhere", "*/*"); got.status != http.StatusNotFound || got.body != "" {
		t.Errorf("HEAD: %d %q", got.status, got.body)
	}
	if got := do(t, http.MethodHead, base+"/health", "*/*"); got.status != http.StatusOK || got.body != "" {
		t.Errorf("HEAD of a page: %d %q", got.status, got.body)
	}
	if got := do(t, http.MethodGet, base+"/conflict", "*/*"); got.header.Get("Retry-After") != "7" {
		t.Errorf("the problem's header is lost: %v", got.header)
	}
	if got := do(t, http.MethodPost, base+"/internal", "*/*"); got.header.Get("Allow") == "" {
		t.Error("405 does not say what is allowed")
	}
}

// A response that breaks half-way must not look complete.
func TestBrokenResponseIsCutOff(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	a.Echo.GET("/half", func(c echo.Context) error {
		c.Response().WriteHeader(http.StatusOK)
		_, _ = io.WriteString(c.Response(), strings.Repeat("row\n", 1000))
		c.Response().Flush()
		return errors.New("database away")
	})
	response, err := http.Get(start(t, a, covet.Roles{Web: true}) + "/half") //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%d bytes arrive as a complete response", len(body))
	}
}

// What a handler said of the response that did not come is not said of the error.
func TestErrorsForgetTheHandlersHeaders(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	a.Echo.GET("/export", func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Disposition", `attachment; filename="export.csv"`)
		h.Set("Content-Length", "100000")
		h.Set("ETag", `"v1"`)
		return errors.New("database away")
	})
	got := do(t, http.MethodGet, start(t, a, covet.Roles{Web: true})+"/export", "text/html")
	if got.status != http.StatusInternalServerError || got.header.Get("Content-Disposition")+got.header.Get("ETag") != "" {
		t.Errorf("answer = %+v", got)
	}
}

// A fault in the error page itself leaves the plain one.
func TestErrorPagePanics(t *testing.T) {
	t.Parallel()
	a, err := covet.New(testConfig(t), covet.Options{
		Drivers:   []database.Driver{sqlite.Driver{}},
		ErrorPage: func(*problem.Error) templ.Component { panic("no user") },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, http.MethodGet, start(t, a, covet.Roles{Web: true})+"/nowhere", "text/html"); got.status != 404 || !strings.Contains(got.body, "Not Found") {
		t.Errorf("answer = %+v", got)
	}
}

// Threat: DNS rebinding, by which a site on the internet reads causes and source
// from a developer's machine.
func TestCausesAreShownToLocalhostOnly(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.App.Env = config.Development
	a := newApp(t, cfg)
	a.Echo.GET("/fail", func(echo.Context) error { return errors.New("hunter2") })
	base := start(t, a, covet.Roles{Web: true})
	for host, shown := range map[string]bool{"localhost:8000": true, "127.0.0.1": true, "blog.localhost": true, "[::1]:8000": true, "evil.example": false, "192.168.1.7:8000": false} {
		for _, path := range []string{"/fail", "/dev/mail"} {
			for _, accept := range []string{"text/html", "application/json"} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Host, r.Close = host, true
				r.Header.Set("Accept", accept)
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				if err := errors.Join(err, response.Body.Close()); err != nil {
					t.Fatal(err)
				}
				if path == "/fail" && strings.Contains(string(body), "hunter2") != shown {
					t.Errorf("host %s, %s: the cause is shown = %v", host, accept, !shown)
				}
				if path == "/dev/mail" && (response.StatusCode == http.StatusOK) != shown {
					t.Errorf("host %s: the inbox answers %d", host, response.StatusCode)
				}
			}
		}
	}
}

func TestStartsOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	base := start(t, a, covet.Roles{Web: true})
	if err := a.Start(t.Context(), covet.Roles{Web: true}); err == nil {
		t.Error("it starts twice")
	}
	if got := do(t, http.MethodGet, base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("the second start stopped the first: %+v", got)
	}
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.DB.Ping(t.Context()); err == nil {
		t.Error("the database is still open")
	}
	if err := a.Start(t.Context(), covet.Roles{}); err == nil {
		t.Error("it starts after its end")
	}
}

// The schema is prepared after the port is taken and before anything needs it.
func TestPrepare(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	refused := errors.New("pending")
	err := a.Start(t.Context(), covet.Roles{Web: true, Work: true, Prepare: func(context.Context) error {
		if a.Address() == "" {
			t.Error("the port is not taken yet")
		}
		return refused
	}})
	if !errors.Is(err, refused) {
		t.Errorf("error = %v", err)
	}
}

func TestHealthAndReady(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	sick := &module{name: "sick"}
	if err := a.Use(sick); err != nil {
		t.Fatal(err)
	}
	base := start(t, a, covet.Roles{Web: true})
	if got := do(t, http.MethodGet, base+"/ready", "*/*"); got.status != http.StatusOK || !strings.Contains(got.body, `"latency_ms"`) {
		t.Errorf("ready = %+v", got)
	}
	sick.health = errors.New("secret cause")
	got := do(t, http.MethodGet, base+"/ready", "*/*")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"sick":{"status":"unavailable"`) || strings.Contains(got.body, "secret") {
		t.Errorf("ready = %+v", got)
	}
	if got := do(t, http.MethodGet, base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("health = %d; it must not depend on others", got.status)
	}
}

// A slow request that runs when the stop begins is answered.
func TestStopDrains(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	entered, leave := make(chan struct{}), make(chan struct{})
	a.Echo.GET("/slow", func(c echo.Context) error {
		close(entered)
		<-leave
		return c.String(http.StatusOK, "done")
	})
	base := start(t, a, covet.Roles{Web: true, Work: true})
	slow := make(chan string, 1)
	go func() {
		slow <- do(t, http.MethodGet, base+"/slow", "*/*").body
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(context.Background()) }()
	waitFor(t, "the listener to close", func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", a.Address())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(leave)
	if body := <-slow; body != "done" {
		t.Errorf("the slow request got %q", body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
	if err := a.Stop(context.Background()); err != nil {
		t.Errorf("stopping again: %v", err)
	}
}

// While a stop is announced, requests are still taken, so that a load balancer
// sees /ready turn to 503.
func TestStopIsAnnounced(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.HTTP.DrainDelay = time.Minute
	a := newApp(t, cfg)
	base := start(t, a, covet.Roles{Web: true})
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(ctx) }()
	waitFor(t, "/ready to turn to 503", func() bool {
		return do(t, http.MethodGet, base+"/ready", "*/*").status == http.StatusServiceUnavailable
	})
	if got := do(t, http.MethodGet, base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("requests are refused already: %+v", got)
	}
	cancel()
	if err := <-stopped; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("stopping: %v", err)
	}
}

func waitFor(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !met(); {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s in vain", what)
		}
	}
}

func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	base := start(t, newApp(t, testConfig(t)), covet.Roles{Web: true})
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(base + "/health") //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 || response.StatusCode != http.StatusOK {
		t.Errorf("%s %d, want HTTP/2.0 200", response.Proto, response.StatusCode)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t)
	if cfg.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	var coded *exit.Error
	err = newApp(t, cfg).Start(t.Context(), covet.Roles{Web: true})
	if !errors.As(err, &coded) || coded.Code != exit.Unavailable || !strings.Contains(coded.Hint, "--port") {
		t.Errorf("error = %v, want one that names --port", err)
	}
}

// module records what the kernel does with it.
type module struct {
	name     string
	log      *[]string
	startErr error
	health   error
}

var (
	_ covet.Starter       = (*module)(nil)
	_ covet.Stopper       = (*module)(nil)
	_ covet.HealthChecker = (*module)(nil)
)

func (m *module) Name() string                 { return m.name }
func (m *module) Health(context.Context) error { return m.health }
func (m *module) Stop(context.Context) error   { return m.note("stop") }
func (m *module) Start(context.Context) error  { return errors.Join(m.note("start"), m.startErr) }

func (m *module) note(what string) error {
	if m.log != nil {
		*m.log = append(*m.log, what+" "+m.name)
	}
	return nil
}

func TestModulesStartInOrderAndStopInReverse(t *testing.T) {
	t.Parallel()
	var log []string
	a := newApp(t, testConfig(t))
	if err := a.Use(&module{name: "one", log: &log}, &module{name: "two", log: &log}); err != nil {
		t.Fatal(err)
	}
	start(t, a, covet.Roles{})
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"start one", "start two", "stop two", "stop one"}, log); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestFailedStartUndoesItself(t *testing.T) {
	t.Parallel()
	var log []string
	broken := errors.New("broken")
	a := newApp(t, testConfig(t))
	err := a.Use(&module{name: "one", log: &log}, &module{name: "two", log: &log, startErr: broken})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), covet.Roles{Web: true}); !errors.Is(err, broken) {
		t.Fatalf("error = %v, want the module's", err)
	}
	if diff := cmp.Diff([]string{"start one", "start two", "stop one"}, log); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestUseRefusesANameTwice(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	if err := a.Use(&module{name: "one"}, &module{name: "one"}); err == nil || !strings.Contains(err.Error(), `"one"`) {
		t.Errorf("error = %v", err)
	}
}

// New describes the application: nothing is dialled and no file is made.
func TestNewTouchesNothing(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.Redis.URL = "redis://127.0.0.1:1"
	newApp(t, cfg)
	entries, err := os.ReadDir(cfg.App.Storage)
	if err != nil || len(entries) != 0 {
		t.Errorf("files: %v, %v", entries, err)
	}
}

func TestKeysDifferByPurpose(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.SecretKey = "0123456789abcdefghijklmnopqrstuvwxyz"
	a, b := newApp(t, cfg), newApp(t, cfg)
	if string(a.Key("one")) != string(b.Key("one")) {
		t.Error("the key of a purpose changes between processes")
	}
	if string(a.Key("one")) == string(a.Key("two")) || strings.Contains(string(a.Key("one")), cfg.SecretKey) {
		t.Error("two purposes share a key")
	}
	cfg.SecretKey = ""
	a, b = newApp(t, cfg), newApp(t, cfg)
	first, again := a.Key("one"), a.Key("one")
	if string(first) != string(again) {
		t.Error("without a SECRET_KEY the key changes within the process")
	}
	if string(a.Key("one")) == string(b.Key("one")) {
		t.Error("without a SECRET_KEY the key is not random")
	}
}

func TestConfigRules(t *testing.T) {
	t.Parallel()
	good := []string{
		"APP_ENV=production", "APP_URL=https://blog.example.com", "SMTP_URL=smtp://mail.example.com",
		"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a", "DATABASE_URL=sqlite:x.db",
	}
	tests := []struct {
		name    string
		environ []string
		keys    []string
	}{
		{"development needs nothing", []string{"DATABASE_URL=sqlite:x.db"}, nil},
		{"production", good, nil},
		{"production needs more", []string{"APP_ENV=production", "DATABASE_URL=sqlite:x.db"}, []string{"app.url", "secret_key", "smtp.url"}},
		{"short key", append(good, "SECRET_KEY=hunter2"), []string{"secret_key"}},
		{"monotonous key", append(good, "SECRET_KEY="+strings.Repeat("ab", 20)), []string{"secret_key"}},
		{"address with a password", append(good, "APP_URL=https://user:hunter2@blog.example.com"), []string{"app.url"}},
		{"negative timeout", append(good, "HTTP_READ_TIMEOUT=-1s"), []string{"http.read_timeout"}},
		{"address without scheme", append(good, "APP_URL=blog.example.com"), []string{"app.url"}},
		{"proxies", append(good, "TRUSTED_PROXIES=10.0.0.0/8,everybody"), []string{"trusted_proxies"}},
		{"origins", append(good, "HTTP_TRUSTED_ORIGINS=admin.example.com"), []string{"http.trusted_origins"}},
		{"sender", append(good, "MAIL_FROM=nobody"), []string{"mail"}},
		{"lease", append(good, "JOBS_LEASE=10ms"), []string{"jobs"}},
		{"port", append(good, "PORT=70000"), []string{"port"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load[covet.Config](config.Options{Dir: t.TempDir(), Environ: tt.environ})
			var invalid *config.Error
			var keys []string
			if errors.As(err, &invalid) {
				for _, fault := range invalid.Faults {
					keys = append(keys, fault.Key)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.keys, keys); diff != "" {
				t.Errorf("faulty keys (-want +got):\n%s\n%v", diff, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the key is shown: %v", err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	if got := cfg.Warnings(); got != nil {
		t.Errorf("warnings in test: %v", got)
	}
	cfg.App.Env = config.Production
	if got := cfg.Warnings(); len(got) != 3 {
		t.Errorf("%d warnings, want those about SQLite, the queue and TLS: %v", len(got), got)
	}
}
