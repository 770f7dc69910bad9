package scaffold_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold"
)

// small is a skeleton with one file of each kind.
func small() fstest.MapFS {
	files := fstest.MapFS{}
	for path, text := range map[string]string{
		"README.md": "# Covet App\n\nRun `covetapp serve`, log in with -pcovetapp.\n<!-- covet:if admin -->\nadmin\n" +
			"<!-- covet:end -->\n",
		".gitignore": "/storage/\n",
		"bin/setup":  "#!/bin/sh\nexec covetapp\n",
		"cmd/covetapp/main.go": `package main

import (
	"fmt"

	"github.com/covetgo/covet/app/command"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
	// covet:if api
	apiviews "github.com/covetgo/covet/scaffold/skeleton/app/api" // the API
	// covet:end
	"github.com/covetgo/covet/scaffold/skeletons"
)

func main() {
	command.Main("covetapp", app.New) // covetapp_x
	fmt.Println("sqlite:storage/covetapp.db", views.Home, skeletons.X)
	// covet:if api
	fmt.Println(apiviews.X)
	// covet:end
}
`,
		"app/admin.go": "// covet:file admin\n\npackage app\n",
		"app/views/home.templ": `package views

import (
	"github.com/covetgo/covet/scaffold/skeleton/models"
	"github.com/covetgo/covet/app/web"
	"strings"
)

// covet:if auth
templ Login() {
	<a href="/login">Log in to Covet App</a>
}
// covet:end

templ Home(m models.Message) {
	<h1>{ strings.ToUpper(web.Title(m.Name)) }</h1>
	<!-- covet:if admin -->
	<a href="/admin">Admin of covetapp</a>
	<!-- covet:end -->
}
`,
		"app/views/home_templ.go":      "package views // stale",
		"app/views/card.templ":         "package views\n\ntempl Card() {\n\t<p>Don't panic</p>\n}\n",
		"migrations/sqlite/1.sql":      "-- covetapp\n",
		"migrations/postgres/1.sql":    "-- covetapp\n",
		"migrations/mysql/1.sql":       "-- covetapp\n",
		"app/assets/logo.png":          "\x89PNG\x00covetapp",
		".env":                         "SECRET_KEY=private\n",
		"storage/covetapp.db":          "private data",
		"docs/mysql/README.md":         "kept: only migrations have a folder a dialect\n",
		"app/assets/covetapp/main.css": "/* covet:if auth */\na{}\n/* covet:end */\n",
	} {
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func templates() fstest.MapFS {
	return fstest.MapFS{
		"go.mod.tmpl": {Data: []byte("module x\n\ngo 1.26.0\n\n" +
			"require (\n\tgithub.com/a-h/templ v0.3.977\n\tgithub.com/covetgo/covet v0.0.0\n)\n\n" +
			"require (\n\t// covet:if mysql\n\tgithub.com/go-sql-driver/mysql v1.10.1 // indirect\n\t// covet:end\n)\n")},
		"go.sum.tmpl": {Data: []byte("a h1:x=\n# covet:if api\nb h1:x=\n# covet:end\n")},
	}
}

func planSmall(t *testing.T, opts scaffold.Options) (*scaffold.Project, map[string]string) {
	t.Helper()
	project, err := scaffold.PlanFrom(small(), templates(), opts)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, file := range project.Files {
		files[file.Path] = string(file.Content)
	}
	return project, files
}

func paths(project *scaffold.Project) []string {
	var paths []string
	for _, file := range project.Files {
		paths = append(paths, file.Path)
	}
	return paths
}

func TestPlanDefault(t *testing.T) {
	t.Parallel()
	project, files := planSmall(t, scaffold.Options{Name: "my-blog", Module: "github.com/acme/blog", Version: "v0.1.0"})
	want := []string{
		".gitignore", "README.md", "app/admin.go", "app/assets/logo.png", "app/assets/my-blog/main.css",
		"app/views/card.templ",
		"app/views/card_templ.go", "app/views/home.templ", "app/views/home_templ.go", "bin/setup", "cmd/my-blog/main.go",
		"docs/mysql/README.md", "go.mod", "go.sum", "migrations/postgres/1.sql", "migrations/sqlite/1.sql",
	}
	if diff := cmp.Diff(want, paths(project)); diff != "" {
		t.Error(diff)
	}
	for path, want := range map[string]string{
		"README.md":           "# My Blog\n\nRun `my-blog serve`, log in with -pmy-blog.\nadmin\n",
		"app/assets/logo.png": "\x89PNG\x00covetapp",
		"app/admin.go":        "package app\n",
		"go.mod": "module github.com/acme/blog\n\ngo 1.26.0\n\n" +
			"require (\n\tgithub.com/a-h/templ v0.3.977\n\tgithub.com/covetgo/covet v0.1.0\n)\n",
		"go.sum": "a h1:x=\nb h1:x=\n",
		"cmd/my-blog/main.go": `package main

import (
	"fmt"

	"github.com/covetgo/covet/app/command"

	apiviews "github.com/acme/blog/app/api" // the API
	"github.com/acme/blog/app"
	"github.com/acme/blog/app/views"
	"github.com/covetgo/covet/scaffold/skeletons"
)

func main() {
	command.Main("my-blog", app.New) // my-blog_x
	fmt.Println("sqlite:storage/my-blog.db", views.Home, skeletons.X)
	fmt.Println(apiviews.X)
}
`,
		"app/views/home.templ": `package views

import (
	"github.com/acme/blog/models"
	"github.com/covetgo/covet/app/web"
	"strings"
)

templ Login() {
	<a href="/login">Log in to My Blog</a>
}

templ Home(m models.Message) {
	<h1>{ strings.ToUpper(web.Title(m.Name)) }</h1>
	<a href="/admin">Admin of my-blog</a>
}
`,
	} {
		if path == "cmd/my-blog/main.go" {
			// gofmt sorts by path, not by name.
			want = strings.Replace(want,
				"\tapiviews \"github.com/acme/blog/app/api\" // the API\n\t\"github.com/acme/blog/app\"\n",
				"\t\"github.com/acme/blog/app\"\n\tapiviews \"github.com/acme/blog/app/api\" // the API\n", 1)
		}
		if diff := cmp.Diff(want, files[path]); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	generated := files["app/views/home_templ.go"]
	for _, want := range []string{
		"// templ: version: v0.3.977", `FileName: ` + "`app/views/home.templ`",
		"Line: 14", `"github.com/acme/blog/models"`,
	} {
		if !strings.Contains(generated, want) {
			t.Errorf("the generated file lacks %q:\n%s", want, generated)
		}
	}
}

func TestPlanVariant(t *testing.T) {
	t.Parallel()
	project, files := planSmall(t, scaffold.Options{
		Name: "shop", Databases: []scaffold.Dialect{scaffold.MySQL}, Without: []scaffold.Battery{scaffold.Auth, scaffold.API},
		Replace: "/src/a folder/covet",
	})
	if len(project.Batteries) != 0 || project.Module != "shop" {
		t.Errorf("got %v and %s", project.Batteries, project.Module)
	}
	got := paths(project)
	for _, removed := range []string{"app/admin.go", "migrations/sqlite/1.sql", "migrations/postgres/1.sql"} {
		if slices.Contains(got, removed) {
			t.Errorf("%s is there", removed)
		}
	}
	for path, want := range map[string][]string{
		"cmd/shop/main.go": {`"mysql://root@localhost:3306/shop"`},
		"go.mod": {
			"module shop\n", "github.com/covetgo/covet v0.0.0\n",
			`replace github.com/covetgo/covet => "/src/a folder/covet"`, "go-sql-driver/mysql v1.10.1 // indirect",
		},
		"migrations/mysql/1.sql":   {"-- shop"},
		"app/assets/shop/main.css": {""},
	} {
		for _, want := range want {
			if text, ok := files[path]; !ok || !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
	}
	for path, unwanted := range map[string]string{
		"cmd/shop/main.go": "apiviews", "app/views/home.templ": "ogin", "README.md": "admin", "go.sum": "b h1",
		"app/views/home_templ.go": "Login",
	} {
		if strings.Contains(files[path], unwanted) {
			t.Errorf("%s has %q:\n%s", path, unwanted, files[path])
		}
	}
}

func TestPlanIsDeterministic(t *testing.T) {
	t.Parallel()
	one, _ := planSmall(t, scaffold.Options{Name: "blog"})
	two, _ := planSmall(t, scaffold.Options{Name: "blog"})
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
}

func TestPlanModes(t *testing.T) {
	t.Parallel()
	project, _ := planSmall(t, scaffold.Options{Name: "blog"})
	for _, file := range project.Files {
		want := fs.FileMode(0o644)
		if file.Path == "bin/setup" {
			want = 0o755
		}
		if file.Mode != want {
			t.Errorf("%s: %v", file.Path, file.Mode)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string]scaffold.Options{
		"only lower-case letters":           {Name: "9-blog!"},
		"cannot be the path of a Go module": {Name: "log"},
		`"oracle" is not a database`:        {Name: "blog", Databases: []scaffold.Dialect{"oracle"}},
		"database mysql is listed twice":    {Name: "blog", Databases: []scaffold.Dialect{"mysql", "mysql"}},
		`"mail" is not a battery`:           {Name: "blog", Without: []scaffold.Battery{"mail"}},
		`must be absolute, not "../x"`:      {Name: "blog", Replace: "../x"},
	} {
		if project, err := scaffold.PlanFrom(small(), templates(), opts); err == nil ||
			project != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	var refused *scaffold.NameError
	if _, err := scaffold.PlanFrom(small(), templates(), scaffold.Options{Name: "Blog"}); !errors.As(err, &refused) ||
		refused.Suggestion != "blog" {
		t.Errorf("got %v", err)
	}
}

func TestPlanReportsBrokenSkeletons(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"a.txt":   "# covet:if nothing\n",
		"a.go":    "package a\n\nfunc {",
		"b.go":    "no go",
		"a.templ": "package a\n\ntempl X( {\n",
	} {
		skeleton := fstest.MapFS{filepath.Join("x", path): {Data: []byte(text)}}
		if _, err := scaffold.PlanFrom(skeleton, templates(), scaffold.Options{Name: "blog"}); err == nil ||
			!strings.Contains(err.Error(), "x/"+path) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
