package generate

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// model is a struct in the application's package models.
type model struct {
	file string
	// label is the field that its records are called by, or empty.
	label string
}

// labels are names of fields that records are called by, the best first. An e-mail address is none: not everybody who
// may choose a person may know it.
var labels = strings.Fields("DisplayName Name Title Label Subject Username Slug Code")

// models returns the models of the application by the names of their types.
func (p *Project) models() (map[string]model, error) {
	found := map[string]model{}
	entries, err := p.tree.ReadDir("models")
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for models: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() || path.Ext(entry.Name()) != ".go" || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		name := path.Join("models", entry.Name())
		content, err := p.tree.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("looking for models: %w", err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
		if err != nil {
			continue // the compiler says it better
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok {
				if structure, ok := spec.Type.(*ast.StructType); ok {
					found[spec.Name.Name] = model{file: name, label: labelOf(structure)}
				}
			}
			return true
		})
	}
	return found, nil
}

// labelOf finds the field that records are called by.
func labelOf(structure *ast.StructType) string {
	best := len(labels)
	for _, f := range structure.Fields.List {
		if ident, ok := f.Type.(*ast.Ident); !ok || ident.Name != "string" {
			continue
		}
		for _, name := range f.Names {
			if at := slices.Index(labels, name.Name); at >= 0 && at < best {
				best = at
			}
		}
	}
	if best == len(labels) {
		return ""
	}
	return labels[best]
}
