package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/covetgo/covet/scaffold"
)

// A new application is complete: its go.mod and go.sum are what go mod tidy leaves, and all its packages are found,
// tests too. The Go command may fetch what no package of this module needs, such as the go.mod of a module for Windows.
// When this fails, the library requires something else than before: run make generate.
func TestRequirementsAreComplete(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]scaffold.Options{
		"default":  {},
		"sqlite":   {Databases: []scaffold.Dialect{scaffold.SQLite}},
		"postgres": {Databases: []scaffold.Dialect{scaffold.Postgres}, Without: []scaffold.Battery{scaffold.API}},
		"mysql":    {Databases: []scaffold.Dialect{scaffold.MySQL}, Without: []scaffold.Battery{scaffold.Auth}},
		"all":      {Databases: scaffold.Dialects(), Without: scaffold.Batteries()},
	} {
		opts.Name, opts.Module, opts.Replace = "blog", "example.com/blog", checkout
		dir := filepath.Join(t.TempDir(), "blog")
		project, err := scaffold.Plan(opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := project.Write(dir, false); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"mod", "tidy", "-diff"}, {"list", "-deps", "-test", "./..."}} {
			cmd := exec.CommandContext(t.Context(), "go", args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local")
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: go %v: %v\n%s", name, args, err, output)
			}
		}
	}
}
