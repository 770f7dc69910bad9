package insert_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/insert"
)

const kernel = "github.com/covetgo/covet/app"

var (
	posts  = insert.Import{Path: "blog/app/posts", Name: "posts"}
	routes = insert.Edit{
		Dir: "app", Prefer: "routes.go", Code: "{pkg}.Routes({var})", Package: posts,
		Place: insert.Function{Params: []string{kernel + ".App"}, Example: "a"},
	}
	policies = insert.Edit{
		Dir: "app", Code: "{pkg}.Policies({var})", Package: posts,
		Place: insert.Variable{Call: kernel + "/identity.NewPolicies", Example: "p"},
	}
	links = insert.Edit{
		Dir: "app", Code: `{Path: "/posts", Title: "Posts"}`, Key: "/posts",
		Place: insert.List{Elem: "link"},
	}
	seeds = insert.Edit{
		Dir: "app", Code: `{Name: "posts", Run: {pkg}.Seed}`, Package: posts, Key: "posts",
		Place: insert.List{Elem: kernel + ".Seed"},
	}
	modules = insert.Edit{
		Dir: "app", Code: "{pkg}.New({var}.DB)", Package: posts,
		Place: insert.Arguments{Call: kernel + ".New", Method: "Use", Example: "a"},
	}
)

// Each test has a source, and the source after the insertion. Removing restores the source.
func TestAddAndRemove(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit          insert.Edit
		source, added string
	}{
		"the end of a function": {routes, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/app/contact"
)

// routes registers.
func routes(a *covet.App) {
	contact.Routes(a) // first
}
`, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/app/contact"
	"blog/app/posts"
)

// routes registers.
func routes(a *covet.App) {
	contact.Routes(a) // first
	posts.Routes(a)
}
`},
		"renamed, with another layout": {routes, `package app

import kernel "github.com/covetgo/covet/app"

func addEverything(application *kernel.App, verbose bool) {
	if verbose {
		println("x")
	}
	return
}
`, `package app

import (
	kernel "github.com/covetgo/covet/app"

	"blog/app/posts"
)

func addEverything(application *kernel.App, verbose bool) {
	if verbose {
		println("x")
	}
	posts.Routes(application)
	return
}
`},
		"the first statement": {routes, `package app

import (
	"github.com/covetgo/covet/app"
)

func routes(a *app.App) {}
`, `package app

import (
	"github.com/covetgo/covet/app"

	"blog/app/posts"
)

func routes(a *app.App) {
	posts.Routes(a)
}
`},
		"a name that is taken": {routes, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/lib/posts"
)

func routes(a *covet.App) {
	posts.Legacy(a)
}
`, `package app

import (
	covet "github.com/covetgo/covet/app"

	appposts "blog/app/posts"
	"blog/lib/posts"
)

func routes(a *covet.App) {
	posts.Legacy(a)
	appposts.Routes(a)
}
`},
		"behind what uses a variable": {policies, `package app

import (
	"github.com/covetgo/covet/app/identity"

	"blog/app/notes"
)

func policies() *identity.Policies {
	rules := identity.NewPolicies()
	notes.Policies(rules)
	// the end
	return rules
}
`, `package app

import (
	"github.com/covetgo/covet/app/identity"

	"blog/app/notes"
	"blog/app/posts"
)

func policies() *identity.Policies {
	rules := identity.NewPolicies()
	notes.Policies(rules)
	posts.Policies(rules)
	// the end
	return rules
}
`},
		"an element": {links, `package app

func navigation() []link {
	return []link{
		{Path: "/", Title: "Home"}, // always first
	}
}
`, `package app

func navigation() []link {
	return []link{
		{Path: "/", Title: "Home"}, // always first
		{Path: "/posts", Title: "Posts"},
	}
}
`},
		"an element on one line": {links, `package app

var navigation = []link{{Path: "/", Title: "Home"}}
`, `package app

var navigation = []link{{Path: "/", Title: "Home"}, {Path: "/posts", Title: "Posts"}}
`},
		"the first element": {seeds, `package app

import covet "github.com/covetgo/covet/app"

// All are the seeds.
func All() []covet.Seed {
	return []covet.Seed{}
}
`, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/app/posts"
)

// All are the seeds.
func All() []covet.Seed {
	return []covet.Seed{
		{Name: "posts", Run: posts.Seed},
	}
}
`},
		"the first argument": {modules, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/config"
)

func New(cfg config.Config) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{})
	if err != nil {
		return nil, err
	}
	if err := a.Use(); err != nil {
		return nil, err
	}
	return a, nil
}
`, `package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/app/posts"
	"blog/config"
)

func New(cfg config.Config) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{})
	if err != nil {
		return nil, err
	}
	if err := a.Use(
		posts.New(a.DB),
	); err != nil {
		return nil, err
	}
	return a, nil
}
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			added := apply(t, test.edit.Add, test.source)
			if diff := cmp.Diff(test.added, added); diff != "" {
				t.Fatalf("added (-want +got):\n%s", diff)
			}
			if again, err := test.edit.Add(project(added)); err != nil || again.Outcome != insert.Already {
				t.Errorf("adding twice: %v, %v", again.Outcome, err)
			}
			removed := apply(t, test.edit.Remove, added)
			if name == "renamed, with another layout" || name == "the first element" {
				removed = strings.Replace(removed, "import (\n\t", "import ", 1)
				removed = strings.Replace(removed, "\n)\n", "\n", 1)
			}
			if diff := cmp.Diff(test.source, removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
			if again, err := test.edit.Remove(project(removed)); err != nil || again.Outcome != insert.Already {
				t.Errorf("removing twice: %v, %v", again.Outcome, err)
			}
		})
	}
}

func project(source string) fstest.MapFS {
	return fstest.MapFS{"app/routes.go": {Data: []byte(source)}}
}

func apply(t *testing.T, do func(insert.Source) (insert.Result, error), source string) string {
	t.Helper()
	result, err := do(project(source))
	if err != nil {
		t.Fatal(err)
	}
	if result.Outcome != insert.Done || result.Path != "app/routes.go" {
		t.Fatalf("outcome %v of %q", result.Outcome, result.Path)
	}
	return string(result.Content)
}

// What people have changed is not guessed at.
func TestUnable(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"no such function": "package app\n\nfunc routes() {}\n",
		"no Go":            "package app\n\nfunc routes(a *covet.App) {\n",
		"an unnamed argument": "package app\n\nimport covet \"github.com/covetgo/covet/app\"\n\n" +
			"func routes(_ *covet.App) {}\n",
		"another App": "package app\n\nimport covet \"github.com/other/app\"\n\nfunc routes(a *covet.App) {}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := routes.Add(project(source))
			if err != nil || result.Outcome != insert.Unable || result.Content != nil {
				t.Errorf("%v, %v", result.Outcome, err)
			}
		})
	}
	if got := routes.Snippet(); got != "posts.Routes(a)" {
		t.Errorf("the snippet is %q", got)
	}
}

// Code that people have built something around is theirs to take out.
func TestRemoveKnowsItsLimits(t *testing.T) {
	t.Parallel()
	result, err := routes.Remove(project(`package app

import (
	covet "github.com/covetgo/covet/app"

	"blog/app/posts"
)

func routes(a *covet.App) {
	if err := posts.Routes(a); err != nil {
		panic(err)
	}
}
`))
	if err != nil || result.Outcome != insert.Unable {
		t.Errorf("%v, %v", result.Outcome, err)
	}
}
