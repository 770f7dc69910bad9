package kind

import (
	"fmt"
	"path"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func resourceKind() Kind {
	return Kind{
		Flags: []string{"skip", "parent", "public"}, Name: "resource", Use: "NAME [FIELD…]", Fields: true,
		Short: "a model with its migration, pages, endpoints, policy, admin and tests",
		Example: `  covet generate resource post title:string! body:text author:belongs_to:user
  covet generate resource shop/product name:string! 'price:decimal(10,2)' --public`,
		recordName: resourceName, plan: planResource,
	}
}

// resourceName is the canonical name of a resource.
func resourceName(text string) (string, error) {
	n, err := inflect.Parse(text)
	return n.Snake, err
}

func planResource(r *request) (*change.Plan, error) {
	res, err := r.newResource()
	if err != nil {
		return nil, err
	}
	return r.planParts(res)
}

// newResource returns a resource whose table is to be created. That of a model which exists is left to the comparison
// of files, which tells what it belongs to.
func (r *request) newResource() (*resource.Resource, error) {
	res, err := r.resource()
	if err != nil || r.Tree.Exists("models/"+res.Name.Snake+".go") {
		return res, err
	}
	return res, r.verify(res.Table(), existing.create)
}

// resource reads the name and the fields.
func (r *request) resource() (*resource.Resource, error) {
	n, err := inflect.Parse(r.name)
	if err != nil {
		return nil, err
	}
	fields, err := field.Parse(r.args)
	if err != nil {
		return nil, err
	}
	return resource.New(r.Project, n, fields, r.flags.options())
}

// planParts plans the parts that a resource has.
func (r *request) planParts(res *resource.Resource) (*change.Plan, error) {
	out := &change.Plan{Edits: edits(res), Requires: resource.Modules(res.Fields), Notes: notes(res)}
	if err := r.render(out, res, local(res), parts(res)...); err != nil {
		return nil, err
	}
	if err := r.shareFactories(out, res); err != nil {
		return nil, err
	}
	write := func(d ddl.Dialect) string { return ddl.CreateTable(res.Table(), d) }
	migrations, err := r.migrations("create_"+res.Name.Table, write)
	if err != nil {
		return nil, err
	}
	out.Files = append(out.Files, migrations...)
	return out, nil
}

// parts are the files of a resource, besides migrations.
func parts(res *resource.Resource) []render.Part {
	model := "models/" + res.Name.Snake
	list := []render.Part{
		{Template: "resource/model.go", Target: model + ".go"},
		{Template: "resource/factory.go", Target: "models/factory/" + res.Name.Snake + ".go"},
		{Template: "resource/seed.go", Target: "app/seeds/" + res.Name.Table + ".go"},
	}
	add := func(when bool, files ...string) {
		for _, file := range files {
			if when {
				list = append(list, render.Part{Template: "resource/" + file, Target: path.Join(res.Name.Folder, file)})
			}
		}
	}
	add(res.Auth, "policy.go")
	add(res.Admin, "admin.go")
	add(res.Served(), "store.go", "input.go", "routes.go")
	add(res.HTML, "handlers.go", "pages.templ")
	add(res.API, "endpoints.go")
	if res.Tests {
		list = append(list, render.Part{Template: "resource/model_test.go", Target: model + "_test.go"})
		add(res.Served() && res.TestsNeedHelpers(), "helpers_test.go")
		add(res.HTML, "handlers_test.go")
		add(res.API, "endpoints_test.go")
		add(res.Auth, "policy_test.go")
	}
	return list
}

// pkg is the package of a resource.
func pkg(res *resource.Resource) insert.Import {
	return insert.Import{Path: res.Module + "/" + res.Name.Folder, Name: res.Name.Import()}
}

// local is the package of a resource by its name, for its external tests.
func local(res *resource.Resource) map[string]string {
	return map[string]string{res.Name.Package: res.Name.Folder}
}

// edits connect a resource with the application.
func edits(res *resource.Resource) []insert.Edit {
	var list []insert.Edit
	if res.Served() {
		list = append(list, routesEdit("{pkg}.Routes({var})", pkg(res)))
	}
	if res.Auth {
		list = append(list, policiesEdit(pkg(res)))
	}
	if res.Admin {
		list = append(list, adminEdit(pkg(res)))
	}
	if res.HTML && res.Parent == nil {
		list = append(list, navigationEdit(res.Name.Path, res.Name.Titles))
	}
	return append(list, seedEdit(res.Name.Table, res.Name.TypePlural()))
}

// notes say what to do next.
func notes(res *resource.Resource) []string {
	notes := []string{"Next: covet migrate up"}
	if res.HTML && res.Parent == nil {
		notes = append(notes, "Then: covet serve, and open "+res.Name.Path)
	}
	if res.Parent != nil && res.HTML {
		notes = append(notes, fmt.Sprintf("Add a link to the pages of %s: %s/…%s", res.Parent.TargetHumans(), res.Parent.Target.Path, res.Name.Path))
	}
	for _, c := range res.Choices() {
		if res.Auth && !c.TargetPublic {
			notes = append(notes, fmt.Sprintf("Users can select only %s that they may read: see %s/policy.go.", c.TargetHumans(), c.Target.Folder))
		}
	}
	if !res.Auth && res.Served() {
		notes = append(notes, "This application has no accounts: everyone may read and change "+res.Name.HumanPlural()+".")
	}
	return notes
}

// refusePart returns an error for a part that was generated with a resource.
func (r *request) refusePart(kind, file string) error {
	all, err := r.records()
	if err != nil {
		return err
	}
	other := record.Owner(all, file, &record.Record{Kind: kind, Name: r.name})
	if r.own != nil || other == nil {
		return nil
	}
	return &usage.Error{
		Problem: fmt.Sprintf("%s %s was generated with its %s", other.Kind, other.Name, kind),
		Hint:    "Change it in " + file + ".",
	}
}

// packageComment shares a file with the comment of a resource's package, unless another file has it.
func (r *request) packageComment(out *change.Plan, n resource.Name) {
	doc := n.Folder + "/doc.go"
	if r.own.Hash(doc) == "" && r.Tree.Exists(n.Folder+"/store.go") {
		return
	}
	shareComment(out, n.Folder, "contains everything about "+n.HumanPlural()+".")
}

// shareComment shares a file with the comment of a package.
func shareComment(out *change.Plan, dir, comment string) {
	name := path.Base(dir)
	out.Share(path.Join(dir, "doc.go"), []byte("// Package "+name+" "+comment+"\npackage "+name+"\n"))
}

// data reads the name and the fields of a job, a mail, a command or a module, for the package in a folder.
func (r *request) data(kind, dir string) (*noun.Data, error) {
	return noun.NewData(r.Project, kind, dir, r.name, r.args, r.own)
}
