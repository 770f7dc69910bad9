package scaffold_test

import (
	"bytes"
	"flag"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold"
)

var update = flag.Bool("update", false, "write the golden files")

// variants are the choices that the golden lists show.
func variants() map[string]scaffold.Options {
	variants := map[string]scaffold.Options{
		"default":       {},
		"without-admin": {Without: []scaffold.Battery{scaffold.Admin}},
		"without-auth":  {Without: []scaffold.Battery{scaffold.Auth}},
		"without-api":   {Without: []scaffold.Battery{scaffold.API}},
		"bare":          {Databases: []scaffold.Dialect{scaffold.SQLite}, Without: scaffold.Batteries()},
		"everything":    {Databases: scaffold.Dialects()},
	}
	for _, dialect := range scaffold.Dialects() {
		variants[string(dialect)] = scaffold.Options{Databases: []scaffold.Dialect{dialect}}
	}
	return variants
}

// each renders every variant.
func each(t *testing.T, check func(t *testing.T, name string, project *scaffold.Project)) {
	t.Helper()
	for name, opts := range variants() {
		opts.Name = "my-blog"
		opts.Module = "example.com/blog"
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project, err := scaffold.Plan(opts)
			if err != nil {
				t.Fatal(err)
			}
			check(t, name, project)
		})
	}
}

// Run with -update after adding a file to the skeleton, and look at the difference.
func TestFilesOfVariants(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, name string, project *scaffold.Project) {
		t.Helper()
		got := strings.Join(paths(project), "\n") + "\n"
		golden := filepath.Join("testdata", "files", name+".txt")
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestVariantsAreClean(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, project *scaffold.Project) {
		t.Helper()
		for _, file := range project.Files {
			for _, word := range []string{scaffold.SkeletonName, scaffold.SkeletonPath, "Covet App", "covet:if",
				"covet:end", "covet:file"} {
				if bytes.Contains(file.Content, []byte(word)) {
					t.Errorf("%s speaks of %q", file.Path, word)
				}
			}
			if strings.HasSuffix(file.Path, ".go") {
				checkGo(t, file)
			}
		}
	})
}

// checkGo holds a rendered file against gofmt, and finds what is left when markers take everything out of a block.
func checkGo(t *testing.T, file scaffold.File) {
	t.Helper()
	formatted, err := format.Source(file.Content)
	if err != nil {
		t.Errorf("%s: %v", file.Path, err)
		return
	}
	if !bytes.Equal(formatted, file.Content) {
		t.Errorf("%s is not formatted", file.Path)
	}
	for _, empty := range []string{"import ()", "const ()", "var ()"} {
		if bytes.Contains(file.Content, []byte(empty)) {
			t.Errorf("%s has an empty block: %s", file.Path, empty)
		}
	}
}

// What users get is what the repository has: no build output, nothing forgotten.
func TestEmbeddedIsTracked(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "skeleton", "gomod").Output()
	if err != nil {
		t.Fatalf("asking git: %v", err)
	}
	tracked := strings.FieldsFunc(string(output), func(r rune) bool { return r == 0 })
	var embedded []string
	for _, source := range scaffold.Embedded() {
		err := fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				embedded = append(embedded, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(tracked)
	slices.Sort(embedded)
	if diff := cmp.Diff(tracked, embedded); diff != "" {
		t.Errorf("tracked (-) and embedded (+) differ: %s", diff)
	}
}

// An application lives in another module, which may not import internal packages of ours.
func TestSkeletonImportsNothingInternal(t *testing.T) {
	t.Parallel()
	skeleton := scaffold.Embedded()[0]
	err := fs.WalkDir(skeleton, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" {
			return err
		}
		source, err := fs.ReadFile(skeleton, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if strings.HasPrefix(imported, "github.com/covetgo/covet/") &&
				slices.Contains(strings.Split(imported, "/"), "internal") {
				t.Errorf("%s imports %s", name, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The committed templates' code differs from a new application's in names and lines only: both come from the generator
// that go.mod pins.
func TestGeneratorVersions(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "github.com/a-h/templ")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimSpace(string(output))
	project, err := scaffold.Plan(scaffold.Options{Name: "blog"})
	if err != nil {
		t.Fatal(err)
	}
	generated := 0
	for _, file := range project.Files {
		if !strings.HasSuffix(file.Path, "_templ.go") {
			continue
		}
		generated++
		if !bytes.Contains(file.Content, []byte("// templ: version: "+version+"\n")) {
			t.Errorf("%s does not name version %s", file.Path, version)
		}
	}
	if generated == 0 {
		t.Error("nothing was generated")
	}
}
