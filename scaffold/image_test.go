package scaffold_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/config"
)

// TestImageHasTheConfiguration copies what the Dockerfile copies into the image, and loads the configuration of each
// environment from there: the image holds what the program reads.
func TestImageHasTheConfiguration(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile("skeleton/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, final, _ := strings.Cut(string(dockerfile), "FROM scratch")
	workdir := regexp.MustCompile(`(?m)^WORKDIR (\S+)$`).FindStringSubmatch(final)[1]
	copied := regexp.MustCompile(`(?m)^COPY ([^-\s]\S*) (\S+)$`).FindAllStringSubmatch(final, -1)

	source, image := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"config.yaml": "port: 1111\n", "config.production.yaml": "port: 2222\n", "config.staging.yaml": "port: 3333\n",
	} {
		write(t, filepath.Join(source, "config", name), text)
	}
	for _, line := range copied {
		files, err := filepath.Glob(filepath.Join(source, filepath.FromSlash(line[1])))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			relative, err := filepath.Rel(source, file)
			if err != nil {
				t.Fatal(err)
			}
			if ignored(t, filepath.ToSlash(relative)) {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(image, filepath.FromSlash(line[2]), filepath.Base(file)), string(text))
		}
	}
	for env, want := range map[string]int{"development": 1111, "production": 2222} {
		loaded, err := config.Peek[struct{ Port int }](config.Options{
			Dir: filepath.Join(image, filepath.FromSlash(workdir)), Environ: []string{"APP_ENV=" + env},
		})
		if err != nil {
			t.Errorf("%s: %v", env, err)
		} else if loaded.Value.Port != want {
			t.Errorf("%s: port %d, want %d", env, loaded.Value.Port, want)
		}
	}
}

// TestImageHasNoSecrets demands that files with secrets do not reach the builder.
func TestImageHasNoSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".env", ".env.local", "production.env", ".git", "storage", ".covet"} {
		if !ignored(t, name) {
			t.Errorf(".dockerignore does not exclude %s", name)
		}
	}
}

// ignored reports whether .dockerignore of the skeleton excludes a file.
func ignored(t *testing.T, name string) bool {
	t.Helper()
	text, err := os.ReadFile("skeleton/.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	excluded := false
	for line := range strings.Lines(string(text)) {
		pattern, included := strings.CutPrefix(strings.TrimSpace(line), "!")
		for part := name; part != "."; part = path.Dir(part) { // a folder excludes what is in it
			if match, err := path.Match(strings.Trim(pattern, "/"), part); err != nil {
				t.Fatal(err)
			} else if match {
				excluded = !included
			}
		}
	}
	return excluded
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
