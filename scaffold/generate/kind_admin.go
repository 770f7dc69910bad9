package generate

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/insert"
)

func adminKind() Kind {
	return Kind{
		Flags: []string{"skip"}, Name: "admin", Use: "NAME",
		Short:   "an existing model in the admin",
		Example: "  covet generate admin post",
		name:    resourceName, plan: planAdmin,
	}
}

// panelled is a resource in the admin whose model may have been written by people.
type panelled struct {
	*resource
	stamped bool
}

// AdminList are the columns of the list.
func (a panelled) AdminList() []string {
	list := a.resource.AdminList()
	if !a.stamped {
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		list = []string{"ID"}
	}
	return list
}

func planAdmin(p *Project, r request) (*plan, error) {
	if err := noArgs("admin", r.args); err != nil {
		return nil, err
	}
	if !p.Has(scaffold.Admin) {
		return nil, &UsageError{
			Problem: "the application has no admin",
			Hint:    "Make one that has it, and take app/admin.go and its line in app/app.go over from it: covet new NAME",
		}
	}
	res, m, err := p.existingResource(r)
	if err != nil {
		return nil, err
	}
	target := res.Name.Folder + "/admin.go"
	if err := p.refusePart(r, "admin", target); err != nil {
		return nil, err
	}
	file, err := p.registered(res.Name.Type)
	if err != nil {
		return nil, err
	}
	if file != "" && r.own == nil {
		return nil, &UsageError{Problem: "the model " + res.Name.Type + " is in the admin already", Hint: "See " + file + "."}
	}
	out := &plan{edits: []insert.Edit{adminEdit(res.pkg())}}
	parts := []part{{"resource/admin.go", target}}
	if res.Tests {
		parts = append(parts, part{"admin/admin_test.go", res.Name.Folder + "/admin_test.go"})
	}
	data := panelled{res, m.has("CreatedAt")}
	if err := p.renderAll(out, data, res.local(), parts...); err != nil {
		return nil, err
	}
	return out, p.packageComment(out, res.Name, r.own)
}

// registered returns the file of the package app that adds a model to the admin, or nothing.
func (p *Project) registered(model string) (string, error) {
	sources, err := p.sources("app", 0)
	for _, source := range sources {
		if slices.Contains(indexed(source.ast), "admin.Resource[models."+model+"]") {
			return source.path, nil
		}
	}
	return "", err
}

// indexed are the generic types and functions of a file with one argument.
func indexed(f *ast.File) []string {
	var found []string
	ast.Inspect(f, func(node ast.Node) bool {
		if index, ok := node.(*ast.IndexExpr); ok {
			found = append(found, types.ExprString(index))
		}
		return true
	})
	return found
}
