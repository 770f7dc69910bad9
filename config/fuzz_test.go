package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/config"
)

// Whatever a file holds, Load ends with a configuration or with faults, and the faults do not show the secret.
func fuzzFile(f *testing.F, name string) {
	f.Helper()
	const secret = "correct-horse-battery-staple-0123456789"
	dir := f.TempDir()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		loaded, err := config.Load[Config](config.Options{Dir: dir, Environ: []string{"SECRET_KEY=" + secret}})
		var refused *config.Error
		if (err == nil) == (loaded == nil) || (err != nil && !errors.As(err, &refused)) {
			t.Fatalf("got %v, %v", loaded, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) && !strings.Contains(text, secret) {
			t.Fatalf("the secret is shown: %v", err)
		}
	})
}

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		"", "port: 1", "a: &a [*a]", "database: &d {url: *d}", "? [a]\n: b", "---\n...\n---",
		"\t", "port: !!binary a", "<<: 1",
		"port:\n  - 1", "log: {format: text, format: json}", "%YAML 9.9\n---", "uploads: {labels: {? {}: a}}",
	} {
		f.Add(seed)
	}
	fuzzFile(f, "config/config.yaml")
}

func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{
		"", "PORT=1", "export PORT=1 # x", "A='b\nc'\nPORT=2", "A=\"\\", "A=\"\\xé\"", "=", "A==", "A='x'y",
		"\ufeffPORT=1\r\n", "é=1",
	} {
		f.Add(seed)
	}
	fuzzFile(f, ".env")
}

func FuzzDuration(f *testing.F) {
	for _, seed := range []string{
		"1s", "7d", "1d12h", "-1d", "106751d", "106752d", "d", "1d-1h", "1h1d",
		"+1d", "-0d1h", "2147483648d",
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		loaded, err := config.Load[struct{ D time.Duration }](config.Options{Dir: dir, Environ: []string{"D=" + text}})
		if err != nil {
			return
		}
		want, parseErr := time.ParseDuration(text)
		if parseErr == nil && want != loaded.Value.D {
			t.Fatalf("%q: got %v, want %v", text, loaded.Value.D, want)
		}
	})
}
