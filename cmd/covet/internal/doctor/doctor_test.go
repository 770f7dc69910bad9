package doctor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/doctor"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/scaffold"
)

// checkout is the source of the library that the applications of the tests use.
func checkout(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// planned is a new application, rendered once for all tests.
var planned = sync.OnceValues(func() (*scaffold.Project, error) {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", ".."))
	if err != nil {
		return nil, err
	}
	return scaffold.Plan(scaffold.Options{Name: "blog", Replace: dir})
})

// scaffolded writes a new application, under version control and with a key.
func scaffolded(t testing.TB) string {
	t.Helper()
	project, err := planned()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "blog")
	if err := project.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	if _, err := config.EnsureSecret(dir, nil); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "--quiet")
	return dir
}

func git(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
}

// environ is that of the process without what configures applications, and with more.
func environ(more ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.HasSuffix(name, "_URL") || slices.Contains([]string{"PORT", "BIND", "SECRET_KEY", "APP_ENV"}, name)
	})
	return append(kept, append([]string{"PORT=0", "GOTOOLCHAIN=local"}, more...)...)
}

// examine returns all findings by name.
func examine(t testing.TB, dir string, more ...string) map[string]doctor.Finding {
	t.Helper()
	return byName(doctor.Examine(t.Context(), asked(t, dir, more...)))
}

// inspect returns the finding of one check, without the work of the others.
func inspect(t testing.TB, dir, check string, more ...string) doctor.Finding {
	t.Helper()
	return doctor.Check(t.Context(), asked(t, dir, more...), check)
}

func asked(t testing.TB, dir string, more ...string) doctor.App {
	t.Helper()
	return doctor.App{Root: dir, Name: "blog", Environ: environ(more...), Checkout: checkout(t)}
}

func byName(findings []doctor.Finding) map[string]doctor.Finding {
	found := map[string]doctor.Finding{}
	for _, f := range findings {
		found[f.Name] = f
	}
	return found
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace changes a text in a file, which has to be there.
func replace(t testing.TB, dir, name, before, after string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), before) {
		t.Fatalf("%s holds no %q", name, before)
	}
	write(t, dir, name, strings.ReplaceAll(string(content), before, after))
}

// built puts a program in the place of the application's binary, newer than everything else.
func built(t testing.TB, dir, script string) {
	t.Helper()
	const name = ".covet/bin/blog"
	write(t, dir, name, "#!/bin/sh\n"+script+"\n")
	path := filepath.Join(dir, filepath.FromSlash(name))
	later := time.Now().Add(time.Hour)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
}

func TestNewApplicationPasses(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	built(t, dir, `test "$1" = config`)
	findings := doctor.Examine(t.Context(), doctor.App{Root: dir, Name: "blog", Environ: environ(), Checkout: checkout(t)})
	names := make([]string, 0, len(findings))
	for _, f := range findings {
		names = append(names, f.Name)
		if f.Status != doctor.OK || f.Fix != "" || f.Detail == "" {
			t.Errorf("%+v, want all well", f)
		}
	}
	want := "go workspace git .env secret key library templ views modules places generated migrations migration files " +
		"configuration database redis mail files port"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("checks = %s, want %s", got, want)
	}
}

// No check needs another to pass, or anything of the application to be there.
func TestExamineNeedsNothing(t *testing.T) {
	t.Parallel()
	whole := len(examine(t, scaffolded(t)))
	for name, breakIt := range map[string]func(t *testing.T, dir string){
		"an empty folder": func(*testing.T, string) {},
		"nothing that can be read": func(t *testing.T, dir string) {
			t.Helper()
			for _, file := range []string{
				"go.mod", "config/config.yaml", "app/routes.go", "app/app.go", "app/views/home.templ", ".covet/generated/resource-post.json",
				"migrations/sqlite/20260101000001_a.sql", ".git", "storage",
			} {
				write(t, dir, file, "{ nonsense")
			}
		},
	} {
		dir := t.TempDir()
		breakIt(t, dir)
		found := examine(t, dir)
		if len(found) != whole {
			t.Errorf("%s: %d findings, want %d: %v", name, len(found), whole, found)
		}
		for check, finding := range found {
			if finding.Detail == "" || (finding.Status == doctor.OK) != (finding.Fix == "") {
				t.Errorf("%s: %s: %+v", name, check, finding)
			}
		}
	}
}

// Looking changes nothing.
func TestExamineWritesNothing(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	replace(t, dir, "app/views/home.templ", "package views", "package views\n\n// A change.")
	before := listing(t, dir)
	examine(t, dir)
	if after := listing(t, dir); after != before {
		t.Errorf("the files were\n%s\nand are\n%s", before, after)
	}
}

func listing(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() == ".git" {
			return filepath.SkipDir
		}
		content, err := os.ReadFile(path)
		if !entry.IsDir() && err != nil {
			return err
		}
		b.WriteString(path + "\n" + string(content))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
