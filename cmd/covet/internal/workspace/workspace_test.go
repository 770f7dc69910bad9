package workspace_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/covetgo/covet/cmd/covet/internal/workspace"
)

func TestForeign(t *testing.T) {
	t.Parallel()
	const header = "go 1.26\n\n"
	for _, test := range []struct {
		name    string
		files   map[string]string // below the folder of the test, in which apps/blog is the application
		environ []string
		want    string // the file, or "" when the workspace is the application's own
	}{
		{"none", nil, nil, ""},
		{"of others", map[string]string{"go.work": header + "use ./shop\n"}, nil, "go.work"},
		{"without folders", map[string]string{"go.work": header}, nil, "go.work"},
		{"names it", map[string]string{"go.work": header + "use (\n\t./shop\n\t./apps/blog\n)\n"}, nil, ""},
		{"names a folder above it", map[string]string{"go.work": header + "use ./apps\n"}, nil, "go.work"},
		{"names a folder below it", map[string]string{"go.work": header + "use ./apps/blog/tools\n"}, nil, "go.work"},
		{"its own", map[string]string{"apps/blog/go.work": header + "use .\n"}, nil, ""},
		{
			"the nearest counts",
			map[string]string{"go.work": header + "use ./apps/blog\n", "apps/go.work": header},
			nil, "apps/go.work",
		},
		{"the nearest names it", map[string]string{"go.work": header, "apps/go.work": header + "use ./blog\n"}, nil, ""},
		{"switched off", map[string]string{"go.work": header}, []string{"GOWORK=off"}, ""},
		{"chosen", map[string]string{"go.work": header}, []string{"GOWORK=/elsewhere/go.work"}, ""},
		{"chosen and reverted", map[string]string{"go.work": header}, []string{"GOWORK=off", "GOWORK="}, "go.work"},
		{"unreadable", map[string]string{"go.work": "nonsense"}, nil, ""},
		{"a folder", map[string]string{"go.work/file": ""}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			root := filepath.Join(dir, "apps", "blog")
			write(t, filepath.Join(root, "go.mod"), "module blog\n")
			for name, text := range test.files {
				write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
			}
			want := ""
			if test.want != "" {
				want = filepath.Join(dir, filepath.FromSlash(test.want))
			}
			if got := workspace.Foreign(root, test.environ); got != want {
				t.Errorf("Foreign = %q, want %q", got, want)
			}
			wantEnviron := slices.Clone(test.environ)
			if want != "" {
				wantEnviron = append(wantEnviron, "GOWORK=off")
			}
			if environ := workspace.Environ(root, test.environ); !slices.Equal(environ, wantEnviron) {
				t.Errorf("Environ = %q, want %q", environ, wantEnviron)
			}
		})
	}
}

func TestForeignAbsoluteAndLinked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "blog")
	write(t, filepath.Join(root, "go.mod"), "module blog\n")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(root, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, use := range []string{root, "./link", link} {
		write(t, filepath.Join(dir, "go.work"), "go 1.26\n\nuse "+use+"\n")
		if got := workspace.Foreign(root, nil); got != "" {
			t.Errorf("use %s: Foreign = %q", use, got)
		}
	}
}

// Environ must not write into the array of its argument, which several commands share.
func TestEnvironCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.work"), "go 1.26\n")
	environ := append(make([]string, 0, 9), "A=1")
	workspace.Environ(dir, environ)
	if got := environ[:2][1]; got != "" {
		t.Errorf("Environ wrote %q behind its argument", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
