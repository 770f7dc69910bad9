package kind

import (
	"go/token"
	"slices"

	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/insert"
)

func moduleKind() Kind {
	return Kind{
		Name: "module", Use: "NAME",
		Short:      "a module with a page and a health check",
		Example:    "  covet generate module billing",
		recordName: noun.RecordName("module"), plan: planModule,
	}
}

func planModule(r *request) (*change.Plan, error) {
	data, err := r.data("module", "app")
	if err != nil {
		return nil, err
	}
	dir := "app/" + data.Package
	if problem := r.packageProblem(data.Name, dir); problem != "" {
		return nil, noun.Refuse("module", r.name, problem)
	}
	pkg := insert.Import{Path: r.Module + "/" + dir, Name: data.Package}
	out := &change.Plan{Edits: []insert.Edit{moduleEdit("{pkg}.New({var}.DB)", pkg)}}
	file := dir + "/" + data.Package
	return out, r.render(out, data, map[string]string{data.Package: dir},
		render.Part{Template: "module/module.go", Target: file + ".go"}, render.Part{Template: "module/page.templ", Target: dir + "/page.templ"},
		render.Part{Template: "module/module_test.go", Target: file + "_test.go"})
}

// packageProblem says why a package of the name cannot be below app, or returns "".
func (r *request) packageProblem(n noun.Name, dir string) string {
	entries, err := r.Tree.ReadDir(dir)
	switch {
	case token.IsKeyword(n.Package) || slices.Contains([]string{"main", "internal", "testdata", "vendor"}, n.Package):
		return "Go reserves the package name " + n.Package
	case render.HasPackage(n.Package) || n.Package == "covet":
		return n.Package + " is the name of another package"
	case slices.Contains(reservedPaths, n.Dashed):
		return "the addresses below /" + n.Dashed + " belong to Covet"
	case err == nil && len(entries) > 0 && r.own == nil:
		return dir + " already exists"
	case r.own == nil && r.Routed("/"+n.Dashed) != "":
		return r.Routed("/"+n.Dashed) + " already has the route /" + n.Dashed
	default:
		return ""
	}
}
