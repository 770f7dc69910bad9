package app_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
)

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

func TestStoppingIsClosedAtStop(t *testing.T) {
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
func (m *module) Stop(context.Context) error   { return m.record("stop") }
func (m *module) Start(context.Context) error  { return errors.Join(m.record("start"), m.startErr) }

func (m *module) record(what string) error {
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

func TestNewTouchesNothing(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.Redis.URL = "redis://127.0.0.1:1"
	newApp(t, cfg)
	entries, err := os.ReadDir(cfg.App.DataDir)
	if err != nil || len(entries) != 0 {
		t.Errorf("files: %v, %v", entries, err)
	}
}
