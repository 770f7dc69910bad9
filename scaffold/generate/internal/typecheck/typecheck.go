// Package typecheck type-checks the generated code of an application before it is written.
package typecheck

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
)

// Check type-checks the packages of the changed files and of the generated ones, which may use what changes. Packages
// of other modules are taken on trust: to know them they would have to be compiled. It returns a [*CodeError].
func Check(p *project.Project, changed, generated map[string]bool) error {
	watched := maps.Clone(generated)
	maps.Copy(watched, changed)
	own, other := faults(p, watched, changed)
	if len(own) > 0 {
		return &CodeError{Errs: own}
	}
	if len(other) == 0 {
		return nil
	}
	// Generated code that a user has broken is no reason to refuse.
	_, known := faults(p.Unchanged(), watched, nil)
	if other = slices.DeleteFunc(other, func(err error) bool { return contains(known, err) }); len(other) > 0 {
		return &CodeError{Errs: other, Elsewhere: true}
	}
	return nil
}

func contains(list []error, err error) bool {
	return slices.ContainsFunc(list, func(known error) bool { return known.Error() == err.Error() })
}

// faults type-checks the packages of files. It returns the errors in the changed files and those in the others.
func faults(p *project.Project, watched, changed map[string]bool) (own, other []error) {
	k := &checker{
		project: p, fset: token.NewFileSet(), watched: watched,
		parsed: map[string]map[string][]*ast.File{}, done: map[string]*types.Package{},
	}
	dirs := map[string]bool{}
	for file := range watched {
		dirs[path.Dir(file)] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		k.folder(dir)
	}
	slices.SortFunc(k.faults, func(a, b fault) int { return strings.Compare(a.Error(), b.Error()) })
	for _, f := range k.faults {
		switch {
		case changed[f.file] && !contains(own, f.error):
			own = append(own, f.error)
		case !changed[f.file] && !contains(other, f.error):
			other = append(other, f.error)
		}
	}
	return own, other
}

// fault is an error in a file.
type fault struct {
	file string
	error
}

// CodeError reports code that would not compile.
type CodeError struct {
	// Errs are the errors that the compiler would report.
	Errs []error
	// Elsewhere reports that they are in code generated before, which uses what is removed. Otherwise they are in
	// rendered code, and a template of the application or Covet is at fault.
	Elsewhere bool
}

// Error lists the errors.
func (e *CodeError) Error() string {
	what := "the generated code does not compile: "
	if e.Elsewhere {
		what = "existing generated code would no longer compile: "
	}
	return what + errors.Join(e.Errs...).Error()
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// checker type-checks packages of the application.
type checker struct {
	project *project.Project
	fset    *token.FileSet
	done    map[string]*types.Package         // by folder; nil while it is checked
	watched map[string]bool                   // the files whose errors are reported
	parsed  map[string]map[string][]*ast.File // by folder and package
	faults  []fault
	// vague are types of which not everything is known, because they embed one of another module.
	vague []string
}

// folder checks the package of a folder and its external tests.
func (k *checker) folder(dir string) {
	groups := k.parse(dir)
	for name := range groups {
		if base, test := strings.CutSuffix(name, "_test"); test && groups[base] == nil && len(groups) > 1 {
			continue
		}
		if name != "main" && !strings.HasSuffix(name, "_test") && !slices.ContainsFunc(groups[name], k.isTest) {
			_, _ = k.Import(path.Join(k.project.Module, dir)) // which others may have asked for already; errors went to note
			continue
		}
		k.pkg(dir, groups[name])
	}
}

func (k *checker) isTest(f *ast.File) bool {
	return strings.HasSuffix(k.fset.Position(f.Pos()).Filename, "_test.go")
}

// parse reads the files of a folder by their packages.
func (k *checker) parse(dir string) map[string][]*ast.File {
	if groups, known := k.parsed[dir]; known {
		return groups
	}
	groups := map[string][]*ast.File{}
	k.parsed[dir] = groups
	entries, err := k.project.Tree.ReadDir(dir)
	if err != nil {
		return groups
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || path.Ext(name) != ".go" {
			continue
		}
		content, err := k.project.Tree.ReadFile(name)
		if err != nil {
			continue
		}
		mode := parser.SkipObjectResolution
		if bytes.Contains(content[:min(len(content), 2000)], []byte("//go:build")) {
			continue // it may not belong to this build
		}
		parsed, err := parser.ParseFile(k.fset, name, content, mode)
		if err != nil {
			if k.watched[name] {
				k.faults = append(k.faults, fault{name, err})
			}
			continue
		}
		groups[parsed.Name.Name] = append(groups[parsed.Name.Name], parsed)
	}
	return groups
}

func (k *checker) pkg(dir string, files []*ast.File) *types.Package {
	for _, f := range files {
		k.findVague(f)
	}
	config := types.Config{Importer: k, Error: k.note, FakeImportC: true}
	pkg, _ := config.Check(path.Join(k.project.Module, dir), k.fset, files, nil) // errors went to note
	return pkg
}

// findVague notes the types that embed one of another package.
func (k *checker) findVague(f *ast.File) {
	ast.Inspect(f, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range structure.Fields.List {
			if len(field.Names) == 0 {
				k.vague = append(k.vague, spec.Name.Name)
			}
		}
		return true
	})
}

// trusted are errors that result from packages of which nothing is known.
var trusted = []string{"could not import", "imported and not used", "missing type in composite literal"}

// note keeps the errors in the watched files that are not about packages taken on trust.
func (k *checker) note(err error) {
	var found types.Error
	if !errors.As(err, &found) || !k.watched[k.fset.Position(found.Pos).Filename] {
		return
	}
	if slices.ContainsFunc(trusted, func(text string) bool { return strings.Contains(found.Msg, text) }) {
		return
	}
	for _, name := range k.vague {
		if strings.Contains(found.Msg, name+" has no field or method") || strings.Contains(found.Msg, "unknown field") {
			return
		}
	}
	at := k.fset.Position(found.Pos)
	k.faults = append(k.faults, fault{at.Filename, fmt.Errorf("%s: %s", at, found.Msg)})
}

// Import implements [types.Importer]. Packages of the application are checked; others are empty, and uses of them are
// not checked.
func (k *checker) Import(imported string) (*types.Package, error) {
	dir, ours := strings.CutPrefix(imported, k.project.Module+"/")
	if !ours {
		return types.NewPackage(imported, path.Base(majorVersion.ReplaceAllString(imported, ""))), errors.New("taken on trust")
	}
	if pkg, known := k.done[dir]; known {
		if pkg == nil {
			return nil, fmt.Errorf("import cycle through %s", imported)
		}
		return pkg, nil
	}
	k.done[dir] = nil
	for name, files := range k.parse(dir) {
		if strings.HasSuffix(name, "_test") {
			continue
		}
		files = slices.DeleteFunc(slices.Clone(files), k.isTest)
		k.done[dir] = k.pkg(dir, files)
	}
	if k.done[dir] == nil {
		delete(k.done, dir)
		return nil, fmt.Errorf("there is no package %s", imported)
	}
	return k.done[dir], nil
}
