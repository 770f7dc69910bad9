package generate

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// model is a struct in the application's package models.
type model struct {
	file string
	// label is the field that its records are called by, or empty.
	label string
	// needs are the models that a record has to belong to.
	needs []string
	// fields is the struct itself.
	fields *ast.StructType
}

// labels are names of fields that records are called by, the best first. An e-mail address is none: not everybody who
// may choose a person may know it.
var labels = strings.Fields("DisplayName Name Title Label Subject Username Slug Code")

// models returns the models of the application by the names of their types.
func (p *Project) models() (map[string]model, error) {
	sources, err := p.sources("models", 0)
	if err != nil {
		return nil, err
	}
	found := map[string]model{}
	for _, source := range sources {
		ast.Inspect(source.ast, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok {
				if structure, ok := spec.Type.(*ast.StructType); ok {
					found[spec.Name.Name] = model{file: source.path, label: labelOf(structure), needs: needsOf(structure), fields: structure}
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

// needsOf finds the relations that a record has to have: a key that is no pointer beside a record, AuthorID and Author.
func needsOf(structure *ast.StructType) []string {
	types := map[string]ast.Expr{}
	var order []string
	for _, f := range structure.Fields.List {
		for _, name := range f.Names {
			types[name.Name] = f.Type
			order = append(order, name.Name)
		}
	}
	var needs []string
	for _, name := range order {
		t := types[name]
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		}
		related, ok := t.(*ast.Ident)
		key, isIdent := types[name+"ID"].(*ast.Ident)
		if ok && isIdent && key.Name == "int64" {
			needs = append(needs, related.Name)
		}
	}
	return needs
}

// owned returns the tables whose rows go when the account goes that they belong to, directly or by others.
func owned(models map[string]model) []string {
	gone := map[string]bool{"User": true}
	for grown := true; grown; {
		grown = false
		for name, m := range models {
			for _, need := range m.needs {
				if gone[need] && !gone[name] {
					gone[name], grown = true, true
				}
			}
		}
	}
	var tables []string
	for name := range gone {
		if n, err := inflect.ParseModel(name); err == nil && name != "User" {
			tables = append(tables, n.Table)
		}
	}
	slices.Sort(tables)
	return tables
}
