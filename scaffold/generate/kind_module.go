package generate

import (
	"go/token"
	"slices"

	"github.com/covetgo/covet/scaffold/insert"
)

func moduleKind() Kind {
	return Kind{
		Name: "module", Use: "NAME",
		Short:   "a removable part of the application, with a page and a check of its health",
		Example: "  covet generate module billing",
		name:    wordName("module"), plan: planModule,
	}
}

func planModule(p *Project, r request) (*plan, error) {
	if err := noArgs("module", r.args); err != nil {
		return nil, err
	}
	data, err := p.wordData("module", "app", r)
	if err != nil {
		return nil, err
	}
	dir := "app/" + data.Package
	if problem := p.packageProblem(data.word, dir, r.own); problem != "" {
		return nil, refuseWord("module", r.name, problem)
	}
	pkg := insert.Import{Path: p.Module + "/" + dir, Name: data.Package}
	out := &plan{edits: []insert.Edit{moduleEdit("{pkg}.New({var}.DB)", pkg)}}
	file := dir + "/" + data.Package
	return out, p.renderAll(out, data, map[string]string{data.Package: dir},
		part{"module/module.go", file + ".go"}, part{"module/page.templ", dir + "/page.templ"}, part{"module/module_test.go", file + "_test.go"})
}

// moduleEdit makes the application use a module.
func moduleEdit(code string, pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "app.go", Code: code, Package: pkg, Hint: "among the arguments of a.Use in the function New of app/app.go",
		Place: insert.Arguments{Call: libraryPath + "/app.New", Method: "Use", Example: "a"},
	}
}

// packageProblem says why a package of the name cannot be below app, or nothing.
func (p *Project) packageProblem(w word, dir string, own *record) string {
	_, library := known[w.Package]
	_, ours := ownPackages[w.Package]
	entries, err := p.tree.ReadDir(dir)
	switch {
	case token.IsKeyword(w.Package) || slices.Contains([]string{"main", "internal", "testdata", "vendor"}, w.Package):
		return "Go gives the package " + w.Package + " a meaning"
	case library || ours || w.Package == "covet":
		return w.Package + " is the name of another package"
	case slices.Contains(reservedAddresses, w.Dashed):
		return "the addresses below /" + w.Dashed + " belong to Covet"
	case err == nil && len(entries) > 0 && own == nil:
		return dir + " is there already"
	case own == nil && p.routed("/"+w.Dashed) != "":
		return p.routed("/"+w.Dashed) + " has a route for /" + w.Dashed + " already"
	default:
		return ""
	}
}
