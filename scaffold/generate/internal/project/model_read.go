package project

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// Models returns the models of the application by the names of their types.
func (p *Project) Models() (map[string]Model, error) {
	sources, err := p.Sources("models", 0)
	if err != nil {
		return nil, err
	}
	found, tables := map[string]Model{}, map[string]string{}
	for _, source := range sources {
		for _, decl := range source.File.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if receiver := receiverOf(d); receiver != "" && d.Name.Name == "TableName" {
					tables[receiver] = returnedText(d)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if m, ok := modelOf(spec); ok {
						m.File = source.Path
						found[m.Name] = m
					}
				}
			}
		}
	}
	for name, m := range found {
		m.Fields, m.ID = promoted(found, m, 0)
		m.Label, m.Table = labelOf(m.Fields), tables[name]
		found[name] = m
	}
	return found, nil
}

// modelOf returns the model that a struct type declares.
func modelOf(spec ast.Spec) (Model, bool) {
	declared, ok := spec.(*ast.TypeSpec)
	if !ok || declared.TypeParams != nil {
		return Model{}, false
	}
	structure, ok := declared.Type.(*ast.StructType)
	if !ok {
		return Model{}, false
	}
	m := Model{Name: declared.Name.Name, Fields: modelFields(structure)}
	for _, f := range structure.Fields.List {
		if len(f.Names) == 0 {
			m.embedded = append(m.embedded, strings.TrimPrefix(types.ExprString(f.Type), "*"))
		}
	}
	return m, true
}

// foreignIDs are the types of the field ID of structs of other packages that models embed.
var foreignIDs = map[string]string{"covetmodels.User": "int64", "gorm.Model": "uint"}

// promoted returns the fields of a model with those of embedded structs of the package, and the type of its ID.
func promoted(models map[string]Model, m Model, depth int) (fields []ModelField, id string) {
	fields = slices.Clone(m.Fields)
	for _, f := range fields {
		if f.Name == "ID" {
			id = f.Type
		}
	}
	for _, name := range m.embedded {
		below := foreignIDs[name]
		if inner, ok := models[name]; ok && depth < 4 {
			var more []ModelField
			more, below = promoted(models, inner, depth+1)
			for _, f := range more {
				if !slices.ContainsFunc(fields, func(own ModelField) bool { return own.Name == f.Name }) {
					f.Promoted = true
					fields = append(fields, f)
				}
			}
		}
		if id == "" {
			id = below
		}
	}
	return fields, id
}

// receiverOf returns the type that a function is a method of, or "".
func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	return strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*")
}

// UnknownTable is the table of a model whose method TableName computes the name.
const UnknownTable = "?"

// returnedText returns the literal that a function returns, or [UnknownTable].
func returnedText(f *ast.FuncDecl) string {
	if f.Body != nil && len(f.Body.List) == 1 {
		if statement, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(statement.Results) == 1 {
			if literal, ok := statement.Results[0].(*ast.BasicLit); ok {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					return text
				}
			}
		}
	}
	return UnknownTable
}
