package app_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/jobs"
)

// battery is a module with every capability of this file; what a test leaves nil does nothing.
type battery struct {
	name       string
	middleware []covet.Middleware
	warnings   []string
	servers    []covet.Server
	tls        *tls.Config
	context    func(context.Context) context.Context
	register   func(*covet.App) error
}

var (
	_ covet.Module             = (*battery)(nil)
	_ covet.MiddlewareProvider = (*battery)(nil)
	_ covet.Warner             = (*battery)(nil)
	_ covet.ServerProvider     = (*battery)(nil)
	_ covet.TLSProvider        = (*battery)(nil)
	_ covet.ContextProvider    = (*battery)(nil)
	_ covet.Worker             = (*battery)(nil)
)

func (b *battery) Name() string                                   { return b.name }
func (b *battery) Middleware() []covet.Middleware                 { return b.middleware }
func (b *battery) Warnings() []string                             { return b.warnings }
func (b *battery) Servers() ([]covet.Server, error)               { return b.servers, nil }
func (b *battery) TLSConfig(context.Context) (*tls.Config, error) { return b.tls, nil }
func (b *battery) Context(ctx context.Context) context.Context    { return b.in(ctx) }
func (b *battery) RegisterJobs(a *covet.App) error {
	if b.register == nil {
		return nil
	}
	return b.register(a)
}

func (b *battery) in(ctx context.Context) context.Context {
	if b.context == nil {
		return ctx
	}
	return b.context(ctx)
}

func TestMiddlewareRunsAtItsPosition(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	var order []string
	record := func(name string, position covet.Position) covet.Middleware {
		return covet.Middleware{Name: name, Position: position, Func: func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				order = append(order, name)
				return next(c)
			}
		}}
	}
	refuse := covet.Middleware{
		Name: "refuse", Position: covet.BeforeChecks,
		Func: func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				if c.Request().Header.Get("X-Closed") != "" {
					return c.NoContent(http.StatusServiceUnavailable)
				}
				return next(c)
			}
		},
	}
	err := a.Use(
		&battery{name: "one", middleware: []covet.Middleware{
			record("before routing", covet.BeforeRouting), record("outermost", covet.Outermost),
			record("identify", covet.Identify),
		}},
		&battery{name: "two", middleware: []covet.Middleware{
			record("before checks", covet.BeforeChecks), refuse, record("before routing, second", 0),
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	send := func(method string, header http.Header) int {
		order = nil
		r := httptest.NewRequest(method, "http://example.com/nowhere", nil)
		r.Header = header
		w := httptest.NewRecorder()
		a.Echo.ServeHTTP(w, r)
		return w.Code
	}
	for name, c := range map[string]struct {
		method string
		header http.Header
		status int
		want   []string
	}{
		"unknown address": {
			http.MethodGet,
			http.Header{},
			http.StatusNotFound,
			[]string{"outermost", "before checks", "identify", "before routing", "before routing, second"},
		},
		"cross-origin write": {
			http.MethodPost,
			http.Header{"Origin": {"https://evil.example"}},
			http.StatusForbidden,
			[]string{"outermost", "before checks"},
		},
		"refused before the checks": {
			http.MethodGet,
			http.Header{"X-Closed": {"1"}},
			http.StatusServiceUnavailable,
			[]string{"outermost", "before checks"},
		},
	} {
		if status := send(c.method, c.header); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
		if diff := cmp.Diff(c.want, order); diff != "" {
			t.Errorf("%s: order (-want +got):\n%s", name, diff)
		}
	}
}

func TestFaultyMiddlewareIsRefused(t *testing.T) {
	t.Parallel()
	pass := func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	for want, m := range map[string]covet.Middleware{
		"middleware without a name":           {Func: pass},
		`middleware "a": Func is nil`:         {Name: "a"},
		`middleware "a": unknown position 99`: {Name: "a", Position: 99, Func: pass},
		`middleware "b": unknown position -1`: {Name: "b", Position: -1, Func: pass},
	} {
		err := newApp(t, testConfig(t)).Use(&battery{name: "m", middleware: []covet.Middleware{m}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

type wordKey struct{}

// wordJob sends what it finds in its context.
type wordJob struct{}

func (wordJob) Work(ctx context.Context, found chan<- string) error {
	word, _ := ctx.Value(wordKey{}).(string)
	found <- word
	return nil
}

func TestContextReachesRequestsAndJobs(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	found := make(chan string, 1)
	module := &battery{
		name:    "words",
		context: func(ctx context.Context) context.Context { return context.WithValue(ctx, wordKey{}, "here") },
		register: func(a *covet.App) error {
			jobs.Register[wordJob](a.Jobs, (chan<- string)(found))
			return nil
		},
	}
	a.Echo.GET("/word", func(c echo.Context) error { // registered before the module is used
		word, _ := c.Request().Context().Value(wordKey{}).(string)
		return c.String(http.StatusOK, word)
	})
	if err := a.Use(module); err != nil {
		t.Fatal(err)
	}
	url := start(t, a, covet.Roles{Web: true, Work: true})
	if got := do(t, http.MethodGet, url+"/word", "*/*"); got.body != "here" {
		t.Errorf("the request found %q", got.body)
	}
	if _, err := a.Jobs.Enqueue(t.Context(), wordJob{}); err != nil {
		t.Fatal(err)
	}
	select {
	case word := <-found:
		if word != "here" {
			t.Errorf("the job found %q", word)
		}
	case <-time.After(20 * time.Second):
		t.Error("the job did not run")
	}
	if word, _ := a.Context(t.Context()).Value(wordKey{}).(string); word != "here" {
		t.Errorf("App.Context gave %q", word)
	}
}

func TestModulesWarnAtStart(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	var out strings.Builder
	cfg.Override.LogOutput = &out
	a := newApp(t, cfg)
	if err := a.Use(&battery{name: "m", warnings: []string{"the sample rate is 1"}}); err != nil {
		t.Fatal(err)
	}
	start(t, a, covet.Roles{})
	if err := a.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `level=WARN msg="the sample rate is 1"`) {
		t.Errorf("the log lacks the warning:\n%s", out.String())
	}
}

func TestAdditionalServers(t *testing.T) {
	t.Parallel()
	own := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "figures") })
	figures, mirror := freeAddress(t), freeAddress(t)
	for name, c := range map[string]struct {
		roles         covet.Roles
		figures, site bool
	}{
		"web":     {covet.Roles{Web: true}, true, true},
		"worker":  {covet.Roles{Work: true}, true, false},
		"nothing": {covet.Roles{}, false, false},
	} {
		a := newApp(t, testConfig(t))
		if err := a.Use(&battery{name: "m", servers: []covet.Server{
			{Name: "metrics", Address: figures, Handler: own, Worker: true}, {Name: "mirror", Address: mirror},
		}}); err != nil {
			t.Fatal(err)
		}
		start(t, a, c.roles)
		if got := reachable(t, "http://"+figures, "figures"); got != c.figures {
			t.Errorf("%s: metrics reachable is %t", name, got)
		}
		if got := reachable(t, "http://"+mirror+"/health", `"ok"`); got != c.site {
			t.Errorf("%s: mirror reachable is %t", name, got)
		}
		if err := a.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if reachable(t, "http://"+figures, "figures") {
			t.Errorf("%s: the server outlives the application", name)
		}
	}
}

func TestAdditionalServerOnTakenAddress(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	a := newApp(t, testConfig(t))
	if err := a.Use(&battery{
		name:    "figures",
		servers: []covet.Server{{Name: "metrics", Address: taken.Addr().String()}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = a.Start(t.Context(), covet.Roles{Web: true})
	if err == nil || !strings.Contains(err.Error(), `starting the server "metrics"`) ||
		!strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("error is %v", err)
	}
}

func TestTLSOfAModule(t *testing.T) {
	t.Parallel()
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	t.Cleanup(certificates.Close)
	cfg := &tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12}

	a := newApp(t, testConfig(t))
	if err := a.Use(&battery{name: "plain"}, &battery{name: "edge", tls: cfg}); err != nil {
		t.Fatal(err)
	}
	url := start(t, a, covet.Roles{Web: true})
	transport := certificates.Client().Transport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	transport.ForceAttemptHTTP2 = true
	client := &http.Client{Transport: transport}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		strings.Replace(url, "http://", "https://", 1)+"/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		t.Errorf("status %d over %s", response.StatusCode, response.Proto)
	}

	both := newApp(t, testConfig(t))
	if err := both.Use(&battery{name: "edge", tls: cfg}, &battery{name: "acme", tls: cfg}); err != nil {
		t.Fatal(err)
	}
	if err := both.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := both.Start(t.Context(), covet.Roles{Web: true}); err == nil ||
		!strings.Contains(err.Error(), "several modules configure TLS: edge, acme") {
		t.Errorf("two configurations: %v", err)
	}
}

// freeAddress returns an address that nothing listened on a moment ago. It is on a loopback address that other tests and
// outgoing connections do not use, where the system has one, so that none of them takes the port meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// reachable reports whether a GET returns a body that contains want.
func reachable(t *testing.T, url, want string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	var refused *net.OpError
	if errors.As(err, &refused) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(body), want)
}
