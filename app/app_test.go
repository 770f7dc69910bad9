package app_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testConfig is a configuration on a SQLite file of the test and a free port.
func testConfig(t *testing.T) covet.Config {
	t.Helper()
	dir := t.TempDir()
	return covet.Config{
		App:      covet.Application{Name: "Test", Env: config.Test, DataDir: dir},
		Database: database.Config{URL: "sqlite:" + dir + "/test.db"},
		Override: covet.Override{LogOutput: t.Output()},
	}
}

func newApp(t *testing.T, cfg covet.Config) *covet.App {
	t.Helper()
	return newAppOf(t, cfg, covet.Options{})
}

// newAppOf returns an application on SQLite, which is stopped with the test.
func newAppOf(t *testing.T, cfg covet.Config, opts covet.Options) *covet.App {
	t.Helper()
	opts.Drivers = []database.Driver{sqlite.Driver{}}
	a, err := covet.New(cfg, opts)
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

// A response that breaks half-way must not look complete.
// What a handler said of the response that did not come is not said of the error.
// A fault in the error page itself leaves the plain one.
// Threat: DNS rebinding, by which a site on the internet reads causes and source
// from a developer's machine.
// The schema is prepared after the port is taken and before anything needs it.
func TestHealthAndReady(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	sick := &module{name: "sick"}
	if err := a.Use(sick); err != nil {
		t.Fatal(err)
	}
	base := start(t, a, covet.Roles{Web: true})
	if got := do(t, http.MethodGet, base+"/ready", "*/*"); got.status != http.StatusOK ||
		!strings.Contains(got.body, `"latency_ms"`) {
		t.Errorf("ready = %+v", got)
	}
	sick.health = errors.New("secret cause")
	got := do(t, http.MethodGet, base+"/ready", "*/*")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"sick":{"status":"unavailable"`) ||
		strings.Contains(got.body, "secret") {
		t.Errorf("ready = %+v", got)
	}
	if got := do(t, http.MethodGet, base+"/health", "*/*"); got.status != http.StatusOK {
		t.Errorf("health = %d; it must not depend on others", got.status)
	}
}

// A slow request that runs when the stop begins is answered.
// While a stop is announced, requests are still taken, so that a load balancer
// sees /ready turn to 503.
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

// module records what the kernel does with it.
// New describes the application: nothing is dialled and no file is made.
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
		{
			"production needs more",
			[]string{"APP_ENV=production", "DATABASE_URL=sqlite:x.db"},
			[]string{"app.url", "secret_key", "smtp.url"},
		},
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
