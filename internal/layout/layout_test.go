package layout_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/internal/layout"
)

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// list returns the packages of the module by their path below it.
func list(t *testing.T) map[string]listed {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps",
		layout.Module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]listed{}
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(p.ImportPath, layout.Module)] = p
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	for path, listed := range packages {
		rule, ok := layout.Find(path)
		if !ok {
			t.Errorf("%s has no entry in internal/layout/packages.go", path)
			continue
		}
		for _, imported := range listed.Imports {
			name, ours := strings.CutPrefix(imported, layout.Module)
			if ours && !rule.MayImport(name) {
				t.Errorf("%s imports %s", path, name)
			}
		}
	}
	for _, p := range layout.Packages {
		prefix, below := strings.CutSuffix(p.Path, "/...")
		found := false
		for path := range packages {
			found = found || path == p.Path || below && strings.HasPrefix(path+"/", prefix+"/")
		}
		if !found {
			t.Errorf("internal/layout/packages.go lists %s, which does not exist", p.Path)
		}
	}
}

func TestNeverLinked(t *testing.T) {
	t.Parallel()
	packages := list(t)
	for _, p := range layout.Packages {
		for _, dep := range packages[p.Path].Deps {
			for _, unwanted := range p.NeverLinks {
				if dep+"/" == unwanted || dep == unwanted || strings.HasSuffix(unwanted, "/") && strings.HasPrefix(dep, unwanted) {
					t.Errorf("%s links %s", p.Path, dep)
				}
			}
		}
	}
}

func TestMayImport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"config", "app/exit", false},
		{"app/throttle", "app/redis", true},
		{"app/throttle", "app/database", false},
		{"app/web", "app/problem", true},
		{"app/web", "app", false},
		{"app", "app/web/ui", true},
		{"app", "app/command", false},
		{"app/auth", "app", true},
		{"app/auth", "app/admin", false},
		{"app/auth", "app/auth/views", true},
		{"app/auth/page", "app/auth", false},
		{"app/admin", "app/api", false},
		{"app/command", "app/auth", false},
		{"scaffold", "config", false},
		{"cmd/covet/internal/devserver/proxy", "internal/devlink", true},
		{"cmd/covet/internal/cli", "app", false},
		{"scaffold/skeleton/app", "app/auth", true},
		{"scaffold/skeleton/app", "app/internal/dev", false},
		{"scaffold/skeleton/app", "app/apptest", false},
		{"app", "app/apptest", false},
		{"app/apptest", "app/command", true},
	} {
		rule, ok := layout.Find(c.from)
		if !ok {
			t.Errorf("%s has no entry", c.from)
		}
		if got := rule.MayImport(c.to); got != c.want {
			t.Errorf("%s imports %s: allowed is %t", c.from, c.to, got)
		}
	}
	if _, ok := layout.Find("app/nothing"); ok {
		t.Error("an unknown package has an entry")
	}
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("../../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	spliced, err := layout.Splice(string(config))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(config), spliced); diff != "" {
		t.Errorf(".golangci.yml: run \"go run ./internal/layout/write\" (-file +current):\n%s", diff)
	}
	document, err := os.ReadFile("../../docs/layout.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(document), layout.Document()); diff != "" {
		t.Errorf("docs/layout.md: run \"go run ./internal/layout/write\" (-file +current):\n%s", diff)
	}
}
