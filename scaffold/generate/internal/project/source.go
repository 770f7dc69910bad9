package project

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Source is a parsed Go file.
type Source struct {
	Path string
	File *ast.File
}

// Sources parses the Go files of a folder, without tests. A missing folder has none. Files with syntax errors are left out:
// the compiler reports them better.
func (p *Project) Sources(dir string, mode parser.Mode) ([]Source, error) {
	entries, err := p.Tree.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the application: %w", err)
	}
	var list []Source
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := p.Tree.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the application: %w", err)
		}
		if parsed, err := parser.ParseFile(token.NewFileSet(), name, content, mode|parser.SkipObjectResolution); err == nil {
			list = append(list, Source{name, parsed})
		}
	}
	return list, nil
}

// Declared returns the package-level identifiers of a folder with the files that declare them. Files for which skip returns
// true are left out; skip may be nil.
func (p *Project) Declared(dir string, skip func(file string) bool) (map[string]string, error) {
	sources, err := p.Sources(dir, 0)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, source := range sources {
		if skip != nil && skip(source.Path) {
			continue
		}
		for _, name := range declarations(source.File) {
			found[name] = source.Path
		}
	}
	return found, nil
}

// declarations returns the identifiers that a file adds to its package.
func declarations(f *ast.File) []string {
	var names []string
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// Routed returns the file below app that registers a GET route for a path, or "".
func (p *Project) Routed(route string) string {
	found := ""
	_ = fs.WalkDir(p.Tree, "app", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil //nolint:nilerr // a file that cannot be read has no routes
		}
		content, err := p.Tree.ReadFile(name)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
		if err == nil && slices.Contains(getRoutes(parsed), route) {
			found = name
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// getRoutes returns the paths that a file registers with GET or Any.
func getRoutes(f *ast.File) []string {
	var routes []string
	ast.Inspect(f, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || (method.Sel.Name != "GET" && method.Sel.Name != "Any") {
			return true
		}
		if literal, ok := call.Args[0].(*ast.BasicLit); ok {
			if route, err := strconv.Unquote(literal.Value); err == nil {
				routes = append(routes, route)
			}
		}
		return true
	})
	return routes
}

// UsedModules returns those of the modules that Go files of the application import.
func (p *Project) UsedModules(modules []string) (map[string]bool, error) {
	used := map[string]bool{}
	err := fs.WalkDir(p.Tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := path.Base(name)
			if name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "vendor") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		content, err := p.Tree.ReadFile(name)
		if err != nil {
			return nil //nolint:nilerr // the change removes it
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly)
		if err != nil {
			return nil //nolint:nilerr // the compiler reports it better
		}
		for _, spec := range parsed.Imports {
			if imported, err := strconv.Unquote(spec.Path.Value); err == nil && slices.Contains(modules, imported) {
				used[imported] = true
			}
		}
		return nil
	})
	return used, err
}
