package generate

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/scaffold"
)

const libraryPath = "github.com/covetgo/covet"

// A Project is an application on disk, as generators see it.
type Project struct {
	// Root is its folder.
	Root string
	// Module is the path of its Go module.
	Module string
	// Dialects are the databases that it has migrations for.
	Dialects []scaffold.Dialect
	// Batteries are those that it uses.
	Batteries []scaffold.Battery

	tree *tree
}

// Open looks at the application in a folder.
func Open(root string) (*Project, error) {
	p := &Project{Root: root, tree: newTree(root)}
	mod, err := p.tree.ReadFile("go.mod")
	if err != nil {
		return nil, fmt.Errorf("opening the application: %w", err)
	}
	if p.Module = modfile.ModulePath(mod); p.Module == "" {
		return nil, fmt.Errorf("opening the application: go.mod names no module")
	}
	for _, dialect := range scaffold.Dialects() {
		if info, err := fs.Stat(p.tree, path.Join("migrations", string(dialect))); err == nil && info.IsDir() {
			p.Dialects = append(p.Dialects, dialect)
		}
	}
	imported, err := p.imports("app")
	if err != nil {
		return nil, err
	}
	for _, battery := range scaffold.Batteries() {
		if imported[libraryPath+"/app/"+string(battery)] {
			p.Batteries = append(p.Batteries, battery)
		}
	}
	return p, nil
}

// Has reports whether the application uses a battery.
func (p *Project) Has(battery scaffold.Battery) bool { return slices.Contains(p.Batteries, battery) }

// imports returns what the files of a folder import. Files that are no Go import nothing.
func (p *Project) imports(dir string) (map[string]bool, error) {
	sources, err := p.sources(dir, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, source := range sources {
		for _, spec := range source.ast.Imports {
			if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
				found[imported] = true
			}
		}
	}
	return found, nil
}

// source is a parsed Go file.
type source struct {
	path string
	ast  *ast.File
}

// sources parses the Go files of a folder, without tests. A folder that is not there has none, and what is no Go is passed
// over: the compiler says it better.
func (p *Project) sources(dir string, mode parser.Mode) ([]source, error) {
	entries, err := p.tree.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the application: %w", err)
	}
	var list []source
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := p.tree.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the application: %w", err)
		}
		if parsed, err := parser.ParseFile(token.NewFileSet(), name, content, mode|parser.SkipObjectResolution); err == nil {
			list = append(list, source{name, parsed})
		}
	}
	return list, nil
}

// tree is the files of a project with changes that are not written yet. It implements [insert.Source].
type tree struct {
	disk fs.FS
	// changed holds what is new, and nil for what is gone.
	changed map[string][]byte
}

func newTree(root string) *tree { return &tree{disk: folder(root), changed: map[string][]byte{}} }

// folder is the files below a folder. A repository may have been made by somebody else, with links in it that lead to the
// files of whoever runs a generator: they are not followed out of the folder.
type folder string

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return os.OpenInRoot(string(f), filepath.FromSlash(name))
}

// Open implements fs.FS, for the disk alone.
func (t *tree) Open(name string) (fs.File, error) { return t.disk.Open(name) }

// ReadFile returns a file with its changes.
func (t *tree) ReadFile(name string) ([]byte, error) {
	content, ok := t.changed[name]
	switch {
	case !ok:
		return fs.ReadFile(t.disk, name)
	case content == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	default:
		return content, nil
	}
}

// ReadDir lists a folder with its changes, sorted by name.
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.disk, name)
	found := map[string]fs.DirEntry{}
	for _, entry := range entries {
		found[entry.Name()] = entry
	}
	for changed, content := range t.changed {
		if path.Dir(changed) != name {
			continue
		}
		err = nil
		if content == nil {
			delete(found, path.Base(changed))
		} else {
			found[path.Base(changed)] = changedEntry(path.Base(changed))
		}
	}
	if err != nil {
		return nil, err
	}
	names := make([]fs.DirEntry, 0, len(found))
	for _, entry := range found {
		names = append(names, entry)
	}
	slices.SortFunc(names, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return names, nil
}

// changedEntry is a file that is not on disk.
type changedEntry string

func (e changedEntry) Name() string               { return string(e) }
func (e changedEntry) IsDir() bool                { return false }
func (e changedEntry) Type() fs.FileMode          { return 0 }
func (e changedEntry) Info() (fs.FileInfo, error) { return nil, fs.ErrNotExist }
