package kind

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/insert"
)

func adminKind() Kind {
	return Kind{
		Flags: []string{"skip"}, Name: "admin", Use: "NAME",
		Short:      "an existing model in the admin",
		Example:    "  covet generate admin post",
		recordName: resourceName, plan: planAdmin,
	}
}

// adminData is a resource whose model a user may have written.
type adminData struct {
	*resource.Resource
	stamped bool
}

// AdminList are the columns of the list.
func (a adminData) AdminList() []string {
	list := a.Resource.AdminList()
	if !a.stamped {
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		list = []string{"ID"}
	}
	return list
}

func planAdmin(r *request) (*change.Plan, error) {
	err := r.lacks(scaffold.Admin, "the application has no admin",
		"Create an application with an admin (covet new NAME), and copy app/admin.go and its line in app/app.go from it.")
	if err != nil {
		return nil, err
	}
	res, m, err := resource.Existing(r.Project, r.name, r.flags.options())
	if err != nil {
		return nil, err
	}
	target := res.Name.Folder + "/admin.go"
	if err := r.refusePart("admin", target); err != nil {
		return nil, err
	}
	file, err := registered(r.Project, res.Name.Type)
	if err != nil {
		return nil, err
	}
	if file != "" && r.own == nil {
		return nil, &usage.Error{Problem: "the model " + res.Name.Type + " is already in the admin", Hint: "See " + file + "."}
	}
	out := &change.Plan{Edits: []insert.Edit{adminEdit(pkg(res))}}
	parts := []render.Part{{Template: "resource/admin.go", Target: target}}
	if res.Tests {
		parts = append(parts, render.Part{Template: "admin/admin_test.go", Target: res.Name.Folder + "/admin_test.go"})
	}
	r.packageComment(out, res.Name)
	return out, r.render(out, adminData{res, m.Has("CreatedAt")}, local(res), parts...)
}

// registered returns the file of package app that adds a model to the admin, or "".
func registered(p *project.Project, model string) (string, error) {
	sources, err := p.Sources("app", 0)
	for _, source := range sources {
		if slices.Contains(instantiations(source.File), "admin.Resource[models."+model+"]") {
			return source.Path, nil
		}
	}
	return "", err
}

// instantiations are the generic types and functions of a file with one argument.
func instantiations(f *ast.File) []string {
	var found []string
	ast.Inspect(f, func(node ast.Node) bool {
		if index, ok := node.(*ast.IndexExpr); ok {
			found = append(found, types.ExprString(index))
		}
		return true
	})
	return found
}
