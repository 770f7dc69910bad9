package kind

import (
	"strconv"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/insert"
)

// Place is a place in the user's code that generators insert code into.
type Place struct {
	// Name says what goes there: routes, policies, admin, navigation, seeds, commands, modules, jobs.
	Name string
	// Want is what the place has to look like.
	Want string
	// Edit inserts something there.
	Edit insert.Edit
	// Battery is the one without which there is no such place, or empty.
	Battery string
}

// Places returns every place.
func Places(module string) []Place {
	pkg := insert.Import{Path: module + "/app/covetprobe", Name: "covetprobe"}
	return []Place{
		{Name: "routes", Want: "func routes(a *covet.App)", Edit: routesEdit("{pkg}.Routes({var})", pkg)},
		{Name: "policies", Want: "p := identity.NewPolicies()", Edit: policiesEdit(pkg), Battery: "auth"},
		{Name: "admin", Want: "p := admin.New(…)", Edit: adminEdit(pkg), Battery: "admin"},
		{Name: "navigation", Want: "return []link{…}", Edit: navigationEdit("/covetprobe", "Probe")},
		{Name: "seeds", Want: "return []covet.Seed{…}", Edit: seedEdit("covetprobe", "Probe")},
		{Name: "commands", Want: "return []command.Constructor{…}", Edit: commandEdit("covetprobe")},
		{Name: "modules", Want: "a, err := covet.New(…), then a.Use(…)", Edit: moduleEdit("{pkg}.New()", pkg)},
		{Name: "jobs", Want: "func Register(client *covetjobs.Client, deps Deps)", Edit: jobEdit("covetprobe")},
	}
}

func routesEdit(code string, pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "routes.go", Code: code, Package: pkg, Hint: "in the function routes of app/routes.go",
		Place: insert.Function{Params: []string{project.Library + "/app.App"}, Example: "a"},
	}
}

func policiesEdit(pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "accounts.go", Code: "{pkg}.Policies({var})", Package: pkg, Hint: "in the function policies of app/accounts.go",
		Place: insert.Variable{Call: project.Library + "/app/identity.NewPolicies", Example: "p"},
	}
}

func adminEdit(pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "admin.go", Code: "{pkg}.Admin({var})", Package: pkg, Hint: "in the function panel of app/admin.go",
		Place: insert.Variable{Call: project.Library + "/app/admin.New", Example: "p"},
	}
}

func navigationEdit(path, title string) insert.Edit {
	return insert.Edit{
		Dir: "app/views", Prefer: "navigation.go", Key: path,
		Code:  "{Path: " + strconv.Quote(path) + ", Title: " + strconv.Quote(title) + "}",
		Hint:  "in the list of app/views/navigation.go",
		Place: insert.List{Elem: "link"},
	}
}

func seedEdit(seed, function string) insert.Edit {
	return insert.Edit{
		Dir: "app/seeds", Prefer: "seeds.go", Code: "{Name: " + strconv.Quote(seed) + ", Run: " + function + "}", Key: seed,
		Hint:  "in the list of app/seeds/seeds.go",
		Place: insert.List{Elem: project.Library + "/app.Seed"},
	}
}

func commandEdit(code string) insert.Edit {
	return insert.Edit{
		Dir: "app/commands", Prefer: "commands.go", Code: code, Hint: "in the list of app/commands/commands.go",
		Place: insert.List{Elem: project.Library + "/app/command.Constructor"},
	}
}

func moduleEdit(code string, pkg insert.Import) insert.Edit {
	return insert.Edit{
		Dir: "app", Prefer: "app.go", Code: code, Package: pkg, Hint: "among the arguments of a.Use in the function New of app/app.go",
		Place: insert.Arguments{Call: project.Library + "/app.New", Method: "Use", Example: "a"},
	}
}

func jobEdit(job string) insert.Edit {
	return insert.Edit{
		Dir: "jobs", Prefer: "jobs.go", Code: "{pkg}.Register[" + job + "]({var}, {var2})",
		Package: insert.Import{Path: project.Library + "/jobs", Name: "covetjobs"}, Hint: "in the function Register of jobs/jobs.go",
		Place: insert.Function{Params: []string{project.Library + "/jobs.Client"}, After: "Register", Example: "client"},
	}
}
