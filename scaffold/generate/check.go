package generate

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// check type-checks the Go code of a change as a part of the application, before anything is written. Packages of other
// modules are taken on trust: to know them they would have to be compiled.
func (p *Project) check(c *Change) error {
	k := &checker{project: p, fset: token.NewFileSet(), done: map[string]*types.Package{}, changed: map[string]bool{}}
	dirs := map[string]bool{}
	for _, f := range c.Files {
		if path.Ext(f.Path) == ".go" && f.Status != Same && f.After != nil {
			k.changed[f.Path], dirs[path.Dir(f.Path)] = true, true
		}
	}
	for dir := range dirs {
		k.folder(dir)
	}
	if len(k.errs) == 0 {
		return nil
	}
	slices.SortFunc(k.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	k.errs = slices.CompactFunc(k.errs, func(a, b error) bool { return a.Error() == b.Error() })
	return &CodeError{Errs: k.errs}
}

// A CodeError says that what a generator renders is no sound Go: a template of the application is at fault, or Covet.
type CodeError struct{ Errs []error }

// Error lists what the compiler would say.
func (e *CodeError) Error() string {
	return "the generated code is not sound: " + errors.Join(e.Errs...).Error()
}

// checker type-checks packages of the application.
type checker struct {
	project *Project
	fset    *token.FileSet
	done    map[string]*types.Package // by folder; nil while it is at work
	changed map[string]bool
	errs    []error
	// vague are types of which not everything is known, because they embed one of another module.
	vague []string
}

// folder checks the package of a folder, and its external tests.
func (k *checker) folder(dir string) {
	groups := k.parse(dir)
	for name := range groups {
		if base, test := strings.CutSuffix(name, "_test"); test && groups[base] == nil && len(groups) > 1 {
			continue
		}
		k.pkg(dir, groups[name])
	}
}

// parse reads the files of a folder by their packages.
func (k *checker) parse(dir string) map[string][]*ast.File {
	groups := map[string][]*ast.File{}
	entries, err := k.project.tree.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || path.Ext(name) != ".go" {
			continue
		}
		content, err := k.project.tree.ReadFile(name)
		if err != nil {
			continue
		}
		mode := parser.SkipObjectResolution
		if bytes.Contains(content[:min(len(content), 2000)], []byte("//go:build")) {
			continue // it may not belong to this build
		}
		parsed, err := parser.ParseFile(k.fset, name, content, mode)
		if err != nil {
			if k.changed[name] {
				k.errs = append(k.errs, err)
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

// trusted are complaints that follow from packages of which nothing is known: an argument of a type of theirs is not
// looked at, nor what is left out in a literal.
var trusted = []string{"could not import", "imported and not used", "missing type in composite literal"}

// note keeps the errors in the files of the change that are not about packages taken on trust.
func (k *checker) note(err error) {
	var found types.Error
	if !errors.As(err, &found) || !k.changed[k.fset.Position(found.Pos).Filename] {
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
	k.errs = append(k.errs, fmt.Errorf("%s: %s", k.fset.Position(found.Pos), found.Msg))
}

// Import implements types.Importer: packages of the application are checked, others are empty ones that the checker
// asks no questions about.
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
		files = slices.DeleteFunc(files, func(f *ast.File) bool {
			return strings.HasSuffix(k.fset.Position(f.Pos()).Filename, "_test.go")
		})
		k.done[dir] = k.pkg(dir, files)
	}
	if k.done[dir] == nil {
		delete(k.done, dir)
		return nil, fmt.Errorf("there is no package %s", imported)
	}
	return k.done[dir], nil
}
