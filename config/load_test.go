package config_test

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/covetgo/covet/config"
)

// Base stands for the configuration of the library, which applications embed.
type Base struct {
	App struct {
		Name string
		Env  string `enum:"development,test,production"`
	}
	Port      int    `default:"8000" min:"1" max:"65535" doc:"TCP port"`
	SecretKey string `secret:"true" required:"production" min:"32"`
	Database  Database
	Log       struct {
		Level  slog.Level `default:"INFO"`
		Format string     `default:"text" enum:"text,json"`
	}
	TrustedProxies []netip.Prefix
}

// Database stands for the configuration of a leaf package.
type Database struct {
	URL             string        `default:"sqlite:storage/app.db"`
	MaxOpenConns    int           `default:"25"`
	ConnMaxLifetime time.Duration `default:"30m"`
}

// Config is the configuration of an application.
type Config struct {
	Base
	Uploads struct {
		MaxSize config.Bytes `default:"10MB"`
		Types   []string     `default:"png,jpg"`
		Labels  map[string]string
		Retries []time.Duration
	}
	Ratio   float64 `default:"0.5"`
	Verbose bool
	Ignored string `config:"-"`
	Renamed string `config:"other_name"`
}

// project writes files into a new folder: "config/config.yaml", ".env".
func project(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t testing.TB, files map[string]string, environ ...string) *config.Loaded[Config] {
	t.Helper()
	loaded, err := config.Load[Config](config.Options{Dir: project(t, files), Environ: append([]string{}, environ...)})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// faults loads and returns what was refused.
func faults(t testing.TB, files map[string]string, environ ...string) []config.Fault {
	t.Helper()
	_, err := config.Load[Config](config.Options{Dir: project(t, files), Environ: append([]string{}, environ...)})
	var refused *config.Error
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a *config.Error", err)
	}
	return refused.Faults
}

func entry(t testing.TB, entries []config.Entry, key string) config.Entry {
	t.Helper()
	for _, e := range entries {
		if e.Key == key {
			return e
		}
	}
	t.Fatalf("no entry %s", key)
	return config.Entry{}
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	got := load(t, nil)
	if got.Env != config.Development || got.Value.App.Env != config.Development {
		t.Errorf("environment: got %q and %q", got.Env, got.Value.App.Env)
	}
	want := Database{URL: "sqlite:storage/app.db", MaxOpenConns: 25, ConnMaxLifetime: 30 * time.Minute}
	if diff := cmp.Diff(want, got.Value.Database); diff != "" {
		t.Error(diff)
	}
	if got.Value.Uploads.MaxSize != 10_000_000 || got.Value.Ratio != 0.5 || got.Value.Port != 8000 {
		t.Errorf("got %+v", got.Value)
	}
}

func TestLoadLayers(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config/config.yaml":             "port: 1\ndatabase:\n  max_open_conns: 1\n  url: yaml\nlog:\n  format: json\n",
		"config/config.development.yaml": "port: 2\ndatabase:\n  max_open_conns: 2\n",
		"config/config.production.yaml":  "port: 99\n",
		".env":                           "# local\nPORT=3\nOTHER_PROGRAM=1\nAPP_NAME=\"from dotenv\"\n",
	}
	dir := project(t, files)
	loaded, err := config.Load[Config](config.Options{
		Dir: dir, Environ: []string{"PORT=4", "UPLOADS_TYPES=a, b,,c"},
		Defaults: map[string]string{"ratio": "0.25"}, Flags: map[string]string{"port": "5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Entry{
		{Key: "app.env", Env: "APP_ENV", Value: "development", Source: "default"},
		{Key: "app.name", Env: "APP_NAME", Value: "from dotenv", Source: ".env:4"},
		{Key: "database.conn_max_lifetime", Env: "DATABASE_CONN_MAX_LIFETIME", Value: "30m", Source: "default"},
		{
			Key: "database.max_open_conns", Env: "DATABASE_MAX_OPEN_CONNS",
			Value: "2", Source: "config/config.development.yaml:3",
		},
		{Key: "database.url", Env: "DATABASE_URL", Value: "yaml", Source: "config/config.yaml:4"},
		{Key: "log.format", Env: "LOG_FORMAT", Value: "json", Source: "config/config.yaml:6"},
		{Key: "log.level", Env: "LOG_LEVEL", Value: "INFO", Source: "default"},
		{Key: "other_name", Env: "OTHER_NAME", Source: "default"},
		{Key: "port", Env: "PORT", Value: "5", Source: "flag --port", Doc: "TCP port"},
		{Key: "ratio", Env: "RATIO", Value: "0.25", Source: "default"},
		{Key: "secret_key", Env: "SECRET_KEY", Source: "default"},
		{Key: "trusted_proxies", Env: "TRUSTED_PROXIES", Source: "default"},
		{Key: "uploads.labels", Env: "UPLOADS_LABELS", Source: "default"},
		{Key: "uploads.max_size", Env: "UPLOADS_MAX_SIZE", Value: "10MB", Source: "default"},
		{Key: "uploads.retries", Env: "UPLOADS_RETRIES", Source: "default"},
		{Key: "uploads.types", Env: "UPLOADS_TYPES", Value: "a, b,,c", Source: "environment UPLOADS_TYPES"},
		{Key: "verbose", Env: "VERBOSE", Source: "default"},
	}
	if diff := cmp.Diff(want, loaded.Entries()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, loaded.Value.Uploads.Types); diff != "" {
		t.Error(diff)
	}
}

func TestLoadTypes(t *testing.T) {
	t.Parallel()
	got := load(t, map[string]string{"config/config.yaml": `
verbose: yes
trusted_proxies: [10.0.0.0/8, "fd00::/8"]
uploads:
  max_size: 1.5GiB
  types:
    - &png png
    - *png
  labels: {Case: Kept, "with.dot": "1"}
  retries: [1s, 2m, 1d]
log: {level: debug}
`}, "DATABASE_CONN_MAX_LIFETIME=7d12h", "RATIO=1e-3")
	if !got.Value.Verbose || got.Value.Log.Level != slog.LevelDebug || got.Value.Ratio != 0.001 {
		t.Errorf("got %+v", got.Value)
	}
	if got.Value.Database.ConnMaxLifetime != 180*time.Hour {
		t.Errorf("got %v", got.Value.Database.ConnMaxLifetime)
	}
	if diff := cmp.Diff([]string{"png", "png"}, got.Value.Uploads.Types); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"Case": "Kept", "with.dot": "1"}, got.Value.Uploads.Labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Minute, 24 * time.Hour},
		got.Value.Uploads.Retries); diff != "" {
		t.Error(diff)
	}
	prefixes := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	if diff := cmp.Diff(prefixes, got.Value.TrustedProxies, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

func TestLoadEmptyVariableOverrides(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config/config.yaml": "port: 1\nlog: {format: json}\nuploads: {types: [a]}\nverbose: true\n",
	}
	got := load(t, files, "PORT=", "LOG_FORMAT=", "UPLOADS_TYPES=", "VERBOSE=", "DATABASE_URL=", "APP_ENV=")
	if v := got.Value; v.Port != 0 || v.Log.Format != "" || len(v.Uploads.Types) != 0 ||
		v.Verbose || v.Database.URL != "" {
		t.Errorf("got %+v", v)
	}
	if got.Env != config.Development || got.Value.App.Env != config.Development {
		t.Errorf("an empty APP_ENV selects %q, %q", got.Env, got.Value.App.Env)
	}
	if e := entry(t, got.Entries(), "port"); e.Source != "environment PORT" {
		t.Errorf("source: %s", e.Source)
	}
}

func TestLoadDotenvOnlyInDevelopment(t *testing.T) {
	t.Parallel()
	files := map[string]string{".env": "PORT=3\nsyntax error\n"}
	secret := "SECRET_KEY=" + strings.Repeat("x", 32)
	for _, env := range []string{config.Test, config.Production} {
		if got := load(t, files, "APP_ENV="+env, secret); got.Value.Port != 8000 || got.Value.App.Env != env {
			t.Errorf("%s: got port %d in %q", env, got.Value.Port, got.Value.App.Env)
		}
	}
}

func TestLoadEnvironmentFlag(t *testing.T) {
	t.Parallel()
	opts := config.Options{
		Dir:     t.TempDir(),
		Environ: []string{"APP_ENV=production"},
		Flags:   map[string]string{"app.env": "test"},
	}
	got, err := config.Load[Config](opts)
	if err != nil {
		t.Fatal(err)
	}
	if got.Env != config.Test || got.Value.App.Env != config.Test {
		t.Errorf("got %q and %q", got.Env, got.Value.App.Env)
	}
}

func TestEntriesHideSecrets(t *testing.T) {
	t.Parallel()
	got := load(t, nil, "SECRET_KEY="+strings.Repeat("s", 40),
		"DATABASE_URL=postgres://app:hunter2@db/blog?sslpassword=hunter3")
	if e := entry(t, got.Entries(), "secret_key"); e.Value != "[hidden]" {
		t.Errorf("secret_key: %q", e.Value)
	}
	if e := entry(t, got.Entries(), "database.url"); e.Value != "postgres://app:[hidden]@db/blog?sslpassword=[hidden]" {
		t.Errorf("database.url: %q", e.Value)
	}
}

func TestLoadRefusesUnknownKeysOfOptions(t *testing.T) {
	t.Parallel()
	for _, opts := range []config.Options{
		{Flags: map[string]string{"prot": "1"}},
		{Defaults: map[string]string{"prot": "1"}},
	} {
		opts.Dir, opts.Environ = t.TempDir(), []string{}
		_, err := config.Load[Config](opts)
		var refused *config.Error
		if err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), `"prot"`) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAppEnv(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]string{
		"": config.Development, "APP_ENV=": config.Development, "APP_ENV=test": config.Test,
		"APP_ENV=production": config.Production, "APP_ENV=prod": "",
	} {
		got, err := config.AppEnv([]string{environ})
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v", environ, got, err)
		}
	}
}
