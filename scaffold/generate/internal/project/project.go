// Package project reads an application on disk, including changes that are not written yet.
package project

import (
	"fmt"
	"go/parser"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/scaffold"
)

// Library is the module path of Covet.
const Library = "github.com/covetgo/covet"

// Project is an application.
type Project struct {
	// Root is its folder.
	Root string
	// Module is the path of its Go module.
	Module string
	// Dialects are the databases that it has migrations for.
	Dialects []scaffold.Dialect
	// Batteries are those that it uses.
	Batteries []scaffold.Battery
	// Tree holds its files with the changes made so far.
	Tree *Tree
}

// Open reads the application in a folder.
func Open(root string) (*Project, error) {
	p := &Project{Root: root, Tree: newTree(root)}
	mod, err := p.Tree.ReadFile("go.mod")
	if err != nil {
		return nil, fmt.Errorf("opening the application: %w", err)
	}
	if p.Module = modfile.ModulePath(mod); p.Module == "" {
		return nil, fmt.Errorf("opening the application: go.mod names no module")
	}
	for _, dialect := range scaffold.Dialects() {
		if info, err := fs.Stat(p.Tree, path.Join("migrations", string(dialect))); err == nil && info.IsDir() {
			p.Dialects = append(p.Dialects, dialect)
		}
	}
	imported, err := p.imports("app")
	if err != nil {
		return nil, err
	}
	for _, battery := range scaffold.Batteries() {
		if imported[Library+"/app/"+string(battery)] {
			p.Batteries = append(p.Batteries, battery)
		}
	}
	return p, nil
}

// Has reports whether the application uses a battery.
func (p *Project) Has(battery scaffold.Battery) bool { return slices.Contains(p.Batteries, battery) }

// Unchanged returns the application as it is on disk.
func (p *Project) Unchanged() *Project {
	disk := *p
	disk.Tree = newTree(p.Root)
	return &disk
}

// imports returns the import paths of the Go files in a folder.
func (p *Project) imports(dir string) (map[string]bool, error) {
	sources, err := p.Sources(dir, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, source := range sources {
		for _, spec := range source.File.Imports {
			if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
				found[imported] = true
			}
		}
	}
	return found, nil
}
