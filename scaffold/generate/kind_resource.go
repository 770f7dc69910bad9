package generate

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func resourceKind() Kind {
	return Kind{
		Flags: []string{"skip", "parent", "public"}, Name: "resource", Use: "NAME [FIELD…]", Fields: true,
		Short: "a model with its migration, pages, endpoints, policy, admin and tests",
		Example: `  covet generate resource post title:string! body:text author:belongs_to:user
  covet generate resource shop/product name:string! 'price:decimal(10,2)' --public`,
		name: resourceName, plan: planResource,
	}
}

// resourceName is the canonical name of a resource.
func resourceName(text string) (string, error) {
	n, err := inflect.Parse(text)
	return n.Snake, err
}

func planResource(p *Project, r request) (*plan, error) {
	res, err := p.resource(r)
	if err != nil {
		return nil, err
	}
	return p.planParts(res, r)
}

// planParts renders what there is of a resource.
func (p *Project) planParts(res *resource, r request) (*plan, error) {
	out := &plan{}
	for _, part := range res.parts() {
		files, err := p.render("resource/"+part.template, part.target, res, res.local())
		if err != nil {
			return nil, err
		}
		out.files = append(out.files, files...)
	}
	migration, err := p.migration(res, r)
	if err != nil {
		return nil, err
	}
	out.files = append(out.files, migration...)
	out.edits = res.edits()
	out.requires = res.requires()
	out.notes = res.notes()
	return out, nil
}

// resource reads the name and the fields of a request.
func (p *Project) resource(r request) (*resource, error) {
	n, err := inflect.Parse(r.name)
	if err != nil {
		return nil, err
	}
	fields, err := field.Parse(r.args)
	if err != nil {
		return nil, err
	}
	return newResource(p, n, fields, r.flags)
}

// part is one file of a resource.
type part struct{ template, target string }

// parts are the files of a resource, besides migrations.
func (r *resource) parts() []part {
	inside := func(name string) string { return path.Join(r.Name.Folder, name) }
	list := []part{
		{"model.go", "models/" + r.Name.Snake + ".go"},
		{"factory.go", "models/factory/" + r.Name.Snake + ".go"},
		{"seed.go", "app/seeds/" + r.Name.Table + ".go"},
	}
	add := func(when bool, parts ...part) {
		if when {
			list = append(list, parts...)
		}
	}
	add(r.Auth, part{"policy.go", inside("policy.go")})
	add(r.Admin, part{"admin.go", inside("admin.go")})
	add(r.Served(), part{"store.go", inside("store.go")}, part{"input.go", inside("input.go")}, part{"routes.go", inside("routes.go")})
	add(r.HTML, part{"pages.go", inside("pages.go")}, part{"pages.templ", inside(r.Name.Package + ".templ")})
	add(r.HTML && len(r.Related()) > 0, part{"related.go", inside("related.go")})
	add(r.API, part{"endpoints.go", inside("endpoints.go")})
	add(r.Tests, part{"model_test.go", "models/" + r.Name.Snake + "_test.go"})
	add(r.Tests && r.Served(), part{"kit_test.go", inside("kit_test.go")})
	add(r.Tests && r.HTML, part{"pages_test.go", inside("pages_test.go")})
	add(r.Tests && r.API, part{"endpoints_test.go", inside("endpoints_test.go")})
	add(r.Tests && r.Auth, part{"policy_test.go", inside("policy_test.go")})
	return list
}

// Served reports whether there are pages or endpoints.
func (r *resource) Served() bool { return r.HTML || r.API }

// pkg is the package of the resource.
func (r *resource) pkg() insert.Import {
	return insert.Import{Path: r.Module + "/" + r.Name.Folder, Name: r.Name.Import()}
}

// local is the package of the resource, for the code in it that speaks of it: its tests.
func (r *resource) local() map[string]string {
	return map[string]string{r.Name.Package: r.Name.Folder}
}

// edits are what connects a resource with the application.
func (r *resource) edits() []insert.Edit {
	pkg := r.pkg()
	var list []insert.Edit
	if r.Served() {
		list = append(list, routesEdit("{pkg}.Routes({var})", pkg))
	}
	if r.Auth {
		list = append(list, policiesEdit(pkg))
	}
	if r.Admin {
		list = append(list, adminEdit(pkg))
	}
	if r.HTML && r.Parent == nil {
		list = append(list, navigationEdit(r.Name.Path, r.Name.Titles))
	}
	return append(list, seedEdit(r.Name.Table, r.Name.TypePlural()))
}

func policiesEdit(pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "accounts.go", Code: "{pkg}.Policies({var})", Package: pkg, Hint: "in the function policies of app/accounts.go",
		Place: insert.Variable{Call: libraryPath + "/app/identity.NewPolicies", Example: "p"},
	}
}

func adminEdit(pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "admin.go", Code: "{pkg}.Admin({var})", Package: pkg, Hint: "in the function panel of app/admin.go",
		Place: insert.Variable{Call: libraryPath + "/app/admin.New", Example: "p"},
	}
}

func routesEdit(code string, pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "routes.go", Code: code, Package: pkg, Hint: "in the function routes of app/routes.go",
		Place: insert.Function{Params: []string{libraryPath + "/app.App"}, Example: "a"},
	}
}

func navigationEdit(address, title string) insert.Edit {
	return insert.Edit{
		Dir: "app/views", Prefer: "navigation.go", Code: "{Path: " + quote(address) + ", Title: " + quote(title) + "}", Key: address,
		Hint:  "in the list of app/views/navigation.go",
		Place: insert.List{Elem: "link"},
	}
}

func seedEdit(seed, function string) insert.Edit {
	return insert.Edit{
		Dir: "app/seeds", Prefer: "seeds.go", Code: "{Name: " + quote(seed) + ", Run: " + function + "}", Key: seed,
		Hint:  "in the list of app/seeds/seeds.go",
		Place: insert.List{Elem: libraryPath + "/app.Seed"},
	}
}

// requires are the modules that the fields need.
func (r *resource) requires() []string {
	return modulesOf(r.Fields)
}

// modulesOf are the modules that the Go types of fields need.
func modulesOf(fields []column) []string {
	var modules []string
	for _, c := range fields {
		switch c.Type {
		case field.Decimal:
			modules = append(modules, "github.com/shopspring/decimal")
		case field.UUID:
			modules = append(modules, "github.com/google/uuid")
		}
	}
	slices.Sort(modules)
	return slices.Compact(modules)
}

// migration is the migration of the table, for each database of the application.
func (p *Project) migration(res *resource, r request) ([]scaffold.File, error) {
	version, err := p.version(r)
	if err != nil {
		return nil, err
	}
	var files []scaffold.File
	for _, dialect := range p.Dialects {
		files = append(files, scaffold.File{
			Path: path.Join("migrations", string(dialect), version+"_create_"+res.Name.Table+".sql"), Content: []byte(ddl.CreateTable(res.table(), ddl.Dialect(dialect))),
		})
	}
	return files, nil
}

// version returns a version for a migration that sorts behind those that there are: that of an earlier run, else now.
func (p *Project) version(r request) (string, error) {
	if earlier := r.own.version(); earlier != "" {
		return earlier, nil
	}
	now := r.flags.Now
	if now.IsZero() {
		now = time.Now()
	}
	now = now.UTC()
	latest := ""
	for _, dialect := range p.Dialects {
		entries, err := p.tree.ReadDir("migrations/" + string(dialect))
		if err != nil {
			return "", err
		}
		for _, entry := range entries {
			if name := entry.Name(); len(name) > 14 && digits(name[:14]) && name[:14] > latest && path.Ext(name) == ".sql" {
				latest = name[:14]
			}
		}
	}
	version := now.Format(versionFormat)
	if version <= latest {
		number, err := strconv.ParseInt(latest, 10, 64)
		if err != nil {
			return "", fmt.Errorf("numbering a migration behind %s: %w", latest, err)
		}
		version = fmt.Sprintf("%014d", number+1)
	}
	return version, nil
}

// versionFormat is how the time becomes the version of a migration.
const versionFormat = "20060102150405"

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// notes say what comes next.
func (r *resource) notes() []string {
	notes := []string{"Next: covet migrate up"}
	if r.HTML && r.Parent == nil {
		notes = append(notes, "Then: covet serve, and open "+r.Name.Path)
	}
	if !r.Auth && r.Served() {
		notes = append(notes, "This application has no accounts: everybody may read and change "+r.Name.HumanPlural()+".")
	}
	return notes
}
