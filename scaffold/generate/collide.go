package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

// checkDeclarations returns a [*UsageError] if a planned file declares a name that another file of its package declares
// already: a type, function, variable, constant, method or field. The compiler would report it in the user's file.
// Before is the record of an earlier run, or nil.
func checkDeclarations(p *project.Project, plan *change.Plan, before *record.Record) error {
	planned := slices.Concat(plan.Files, plan.Shared)
	replaced := map[string]bool{}
	for _, f := range planned {
		replaced[f.Path] = true
	}
	existing := map[string]map[string]string{} // by folder and package: the names with their files
	for _, f := range planned {
		if path.Ext(f.Path) != ".go" || (isShared(plan, f) && p.Tree.Exists(f.Path)) {
			continue
		}
		dir := path.Dir(f.Path)
		pkg, names := declarationsOf(f.Path, f.Content)
		key := dir + " " + pkg
		if existing[key] == nil {
			found, err := declaredIn(p, dir, pkg, func(file string) bool { return replaced[file] || before.Hash(file) != "" })
			if err != nil {
				return err
			}
			existing[key] = found
		}
		for _, name := range names {
			if other := existing[key][name]; other != "" {
				return &usage.Error{
					Problem: fmt.Sprintf("%s already declares %s, which %s would also declare", other, name, f.Path),
					Hint:    "Choose another name, or rename the existing one.",
				}
			}
			existing[key][name] = f.Path
		}
	}
	return nil
}

func isShared(plan *change.Plan, f scaffold.File) bool {
	return slices.ContainsFunc(plan.Shared, func(other scaffold.File) bool { return other.Path == f.Path })
}

// declaredIn returns what the Go files of a package declare, with the files. Files for which skip returns true are left
// out.
func declaredIn(p *project.Project, dir, pkg string, skip func(file string) bool) (map[string]string, error) {
	found := map[string]string{}
	entries, err := p.Tree.ReadDir(dir)
	if err != nil {
		return found, nil //nolint:nilerr // the folder does not exist yet
	}
	for _, entry := range entries {
		file := path.Join(dir, entry.Name())
		if entry.IsDir() || path.Ext(file) != ".go" || skip(file) {
			continue
		}
		content, err := p.Tree.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if other, names := declarationsOf(file, content); other == pkg {
			for _, name := range names {
				found[name] = file
			}
		}
	}
	return found, nil
}

// declarationsOf returns the package of a file and the names that it adds to the package; methods and fields are
// written behind their type, as Post.Title. A file with syntax errors has none: the compiler reports them better.
func declarationsOf(file string, content []byte) (pkg string, names []string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, content, parser.SkipObjectResolution)
	if err != nil {
		return "", nil
	}
	add := func(name string) {
		if name != "_" && name != "init" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, decl := range parsed.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || len(d.Recv.List) == 0 {
				add(d.Name.Name)
				continue
			}
			add(strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*") + "." + d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name.Name)
					if structure, ok := s.Type.(*ast.StructType); ok {
						for _, f := range structure.Fields.List {
							for _, name := range f.Names {
								add(s.Name.Name + "." + name.Name)
							}
						}
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						add(name.Name)
					}
				}
			}
		}
	}
	return parsed.Name.Name, names
}
