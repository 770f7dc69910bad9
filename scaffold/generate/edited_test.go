package generate_test

import (
	"errors"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/generate"
	"github.com/covetgo/covet/scaffold/insert"
)

// edited are applications in which users have changed the files that generators insert code into. Each says what its
// files contain afterwards, and what the generator prints for the user to insert.
var edited = []struct {
	name    string
	change  map[string][]string // old and new texts in turn, by file
	write   map[string]string   // new files; an empty one is removed
	added   map[string]string   // what comes into which file, besides an import
	byHand  []string
	outside bool // the edited file is not formatted as gofmt does
}{
	{
		name: "as it was made",
		added: map[string]string{
			"app/routes.go": "\tposts.Routes(a)", "app/accounts.go": "\tposts.Policies(p)", "app/admin.go": "\tposts.Admin(p)",
			"app/views/navigation.go": "\t\t{Path: \"/posts\", Title: \"Posts\"},", "app/seeds/seeds.go": "\t\t{Name: \"posts\", Run: Posts},",
		},
	},
	{
		name: "renamed",
		change: map[string][]string{
			"app/app.go":              {"routes(a)", "register(a)"},
			"app/routes.go":           {"func routes(a *covet.App) {", "func register(application *kernel.App) {\n\ta := application", `covet "github.com/covetgo/covet/app"`, `kernel "github.com/covetgo/covet/app"`},
			"app/accounts.go":         {"p := identity.NewPolicies()\n\treturn p", "rules := who.NewPolicies()\n\treturn rules", "*identity.Policies {", "*who.Policies {", `"github.com/covetgo/covet/app/identity"`, `who "github.com/covetgo/covet/app/identity"`},
			"app/admin.go":            {"p := admin.New(", "backOffice := admin.New(", "Register(p,", "Register(backOffice,", "(p, admin.Acc", "(backOffice, admin.Acc", "return p\n", "return backOffice\n"},
			"app/views/navigation.go": {"func navigation() []link", "func Menu() []link"},
			"app/views/layout.templ":  {"navigation()", "Menu()"},
			"app/seeds/seeds.go":      {"[]covet.Seed", "[]kernel.Seed", "covet \"github", "kernel \"github"},
		},
		added: map[string]string{
			"app/routes.go": "\tposts.Routes(application)", "app/accounts.go": "\tposts.Policies(rules)", "app/admin.go": "\tposts.Admin(backOffice)",
			"app/views/navigation.go": "\t\t{Path: \"/posts\", Title: \"Posts\"},", "app/seeds/seeds.go": "\t\t{Name: \"posts\", Run: Posts},",
		},
	},
	{
		name: "comments everywhere",
		change: map[string][]string{
			"app/routes.go":           {"func routes(a *covet.App) {", "func routes( /* the application */ a *covet.App) { // begins\n\t// here\n", "\te := a.Echo\n", "\te := a.Echo // of the application\n\t/* pages\n\t   of all sorts */\n"},
			"app/accounts.go":         {"p := identity.NewPolicies()\n", "p := identity.NewPolicies() // empty\n\t// nothing is allowed yet\n"},
			"app/admin.go":            {"\treturn p\n", "\t// the end: posts.Admin(p) belongs above\n\treturn p // done\n"},
			"app/views/navigation.go": {"Title: \"Contact\"},\n", "Title: \"Contact\"}, // last\n\t\t// {Path: \"/posts\", Title: \"Posts\"},\n"},
			"app/seeds/seeds.go":      {"return []covet.Seed{}", "// in order\n\treturn []covet.Seed{\n\t\t// none yet\n\t}"},
		},
		added: map[string]string{
			"app/routes.go": "\tposts.Routes(a)", "app/accounts.go": "\tposts.Policies(p)", "app/admin.go": "\tposts.Admin(p)",
			"app/views/navigation.go": "\t\t{Path: \"/posts\", Title: \"Posts\"},", "app/seeds/seeds.go": "\t\t{Name: \"posts\", Run: Posts},",
		},
	},
	{
		name: "in other files",
		change: map[string][]string{
			"app/accounts.go":    {"func policies() *identity.Policies {\n\tp := identity.NewPolicies()\n\treturn p\n}\n", "", "\t\"github.com/covetgo/covet/app/identity\"\n", ""},
			"app/seeds/seeds.go": {"return []covet.Seed{}", "return everything"},
		},
		write: map[string]string{
			"app/rules.go":             "package app\n\nimport \"github.com/covetgo/covet/app/identity\"\n\nfunc policies() *identity.Policies {\n\tvar p = identity.NewPolicies()\n\treturn p\n}\n",
			"app/policies.go":          "package app\n\nimport (\n\t\"github.com/covetgo/covet/app/identity\"\n)\n\nfunc rules() *identity.Policies {\n\tlist := identity.NewPolicies()\n\treturn list\n}\n",
			"app/seeds/list.go":        "package seeds\n\nimport covet \"github.com/covetgo/covet/app\"\n\nvar everything = []covet.Seed{}\n",
			"app/views/navigation.go":  "",
			"app/views/links.go":       "package views\n\ntype link struct{ Path, Title string }\n\nvar links = []link{{Path: \"/\", Title: \"Home\"}}\n\nfunc navigation() []link { return links }\n",
			"app/views/unfinished.go":  "package views\n\nfunc {",
			"app/views/doc.go":         "// Package views holds the layout.\npackage views\n",
			"app/seeds/seeds_extra.go": "package seeds\n",
		},
		added: map[string]string{
			"app/routes.go": "\tposts.Routes(a)", "app/policies.go": "\tposts.Policies(list)", "app/admin.go": "\tposts.Admin(p)",
			"app/seeds/list.go": "\t{Name: \"posts\", Run: Posts},",
		},
	},
	{
		name:    "formatted by nobody",
		outside: true,
		write: map[string]string{
			"app/accounts.go": "package app\n\nimport (\"github.com/covetgo/covet/app/auth\"; \"github.com/covetgo/covet/app/identity\"\n\"blog/app/views\"; \"blog/models\")\n\n" +
				"func accounts(cfg auth.Config) *auth.Module { return auth.New[models.User](cfg, auth.Options[models.User]{Layout: views.Layout, Policies: policies()}) }\n" +
				"func policies() *identity.Policies { p := identity.NewPolicies(); return p }\n",
			"app/seeds/seeds.go": "package seeds\nimport covet \"github.com/covetgo/covet/app\"\nfunc All() []covet.Seed { return []covet.Seed { } }\n",
		},
		added: map[string]string{
			"app/routes.go": "\tposts.Routes(a)", "app/accounts.go": "\tposts.Policies(p)", "app/admin.go": "\tposts.Admin(p)",
			"app/views/navigation.go": "\t\t{Path: \"/posts\", Title: \"Posts\"},", "app/seeds/seeds.go": "{Name: \"posts\", Run: Posts},",
		},
	},
	{
		name: "the places are gone",
		change: map[string][]string{
			"app/accounts.go": {"p := identity.NewPolicies()\n\treturn p", "return rules.Of(identity.NewPolicies)"},
			"app/admin.go":    {"p := admin.New(cfg, admin.Options{})", "p := office(cfg)"},
			"app/app.go":      {"routes(a)", "newRouter(a).register()"},
			"app/routes.go":   {"func routes(a *covet.App) {", "func (r router) register() {\n\ta := r.App"},
		},
		write: map[string]string{
			"app/router.go":           "package app\n\nimport covet \"github.com/covetgo/covet/app\"\n\ntype router struct{ *covet.App }\n\nfunc newRouter(a *covet.App) router { return router{a} }\n",
			"app/views/navigation.go": "package views\n\ntype link struct{ Path, Title string }\n\nfunc navigation() []link { return append(pages(), others()...) }\n",
			"app/seeds/seeds.go":      "package seeds\n\nimport covet \"github.com/covetgo/covet/app\"\n\nfunc All() (list []covet.Seed) { return }\n",
		},
		byHand: []string{
			`posts.Routes(a) in the function routes of app/routes.go`, `posts.Policies(p) in the function policies of app/accounts.go`,
			`posts.Admin(p) in the function panel of app/admin.go`, `{Path: "/posts", Title: "Posts"} in the list of app/views/navigation.go`,
			`{Name: "posts", Run: Posts} in the list of app/seeds/seeds.go`,
		},
	},
}

// However users have changed the composition root, code is inserted where it belongs and nothing else changes, or the
// generator prints what to insert. Destroying removes what was inserted, and no more.
func TestEditedApplications(t *testing.T) {
	t.Parallel()
	for _, test := range edited {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newBlog(t)
			for file, texts := range test.change {
				content := read(t, dir, file)
				for pair := range slices.Chunk(texts, 2) {
					if !strings.Contains(content, pair[0]) {
						t.Fatalf("%s has no %q", file, pair[0])
					}
					content = strings.ReplaceAll(content, pair[0], pair[1])
				}
				put(t, dir, file, content)
			}
			for file, content := range test.write {
				put(t, dir, file, content)
				if content == "" {
					if err := os.Remove(filepath.Join(dir, filepath.FromSlash(file))); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := everything(t, dir)

			change := generated(t, dir, "resource", "post", []string{"title:string!"}, generate.Flags{})

			got := map[string]string{}
			for _, f := range change.Files {
				if f.Status == generate.Update && f.Path != "go.mod" {
					got[f.Path] = inserted(t, string(f.Before), string(f.After))
				}
			}
			for file, code := range test.added {
				if !strings.Contains(got[file], code) {
					t.Errorf("%s gets %q, and not %q", file, got[file], code)
				}
				delete(got, file)
			}
			if test.name == "in other files" {
				if want := `, {Path: "/posts", Title: "Posts"}}`; !strings.Contains(got["app/views/links.go"], want) {
					t.Errorf("links.go gets %q", got["app/views/links.go"])
				}
				delete(got, "app/views/links.go")
			}
			if len(got) > 0 {
				t.Errorf("these are changed as well: %v", slices.Collect(maps.Keys(got)))
			}
			var byHand []string
			for _, insertion := range change.Insertions {
				if insertion.Outcome == insert.Unable {
					byHand = append(byHand, insertion.Snippet()+" "+insertion.Hint)
				}
			}
			if diff := cmp.Diff(test.byHand, byHand); diff != "" {
				t.Errorf("the printed instructions (-want +got):\n%s", diff)
			}

			write(t, change)
			write(t, destroyed(t, dir, "resource", "post"))
			if !test.outside {
				unchanged(t, dir, before)
			}
		})
	}
}

// inserted returns the lines that after has and before has not, and holds that before has no others.
func inserted(t *testing.T, before, after string) string {
	t.Helper()
	formatted, err := format.Source([]byte(before))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := format.Source([]byte(after)); err != nil {
		t.Errorf("the result is no Go: %v\n%s", err, after)
	}
	left := strings.Split(string(formatted), "\n")
	var added []string
	for line := range strings.SplitSeq(after, "\n") {
		if len(left) > 0 && line == left[0] {
			left = left[1:]
			continue
		}
		added = append(added, line)
	}
	if len(left) > 0 && !strings.Contains(left[0], "{}") && !strings.Contains(left[0], "import ") && !strings.Contains(left[0], "{{") && !strings.Contains(left[0], "{ p") {
		t.Errorf("this is changed: %q", left[0])
	}
	return strings.Join(added, "\n")
}

func TestConflict(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	fields := []string{"title:string!"}
	write(t, generated(t, dir, "resource", "post", fields, generate.Flags{}))
	put(t, dir, "app/posts/store.go", read(t, dir, "app/posts/store.go")+"\n// Ours.\n")
	before := everything(t, dir)

	fields = append(fields, "body:text")
	change := generated(t, dir, "resource", "post", fields, generate.Flags{})
	// The migrations may have been applied.
	want := []string{
		"app/posts/store.go", "migrations/postgres/20261124120000_create_posts.sql", "migrations/sqlite/20261124120000_create_posts.sql",
	}
	if diff := cmp.Diff(want, conflicts(change)); diff != "" {
		t.Errorf("the conflicts (-want +got):\n%s", diff)
	}
	if err := change.Write(false); !errors.Is(err, generate.ErrConflict) {
		t.Errorf("writing it: %v", err)
	}
	unchanged(t, dir, before)

	if err := change.Write(true); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(read(t, dir, "app/posts/store.go"), "// Ours.") || !strings.Contains(read(t, dir, "models/post.go"), "Body") {
		t.Error("force does not overwrite")
	}
	if change := generated(t, dir, "resource", "post", fields, generate.Flags{}); !change.Empty() {
		t.Errorf("generating it again changes something: %s", differences(change))
	}
}

// conflicts are the files that people may have changed.
func conflicts(change *generate.Change) []string {
	var paths []string
	for _, f := range change.Conflicts() {
		paths = append(paths, f.Path)
	}
	return paths
}

// A file that people have written is in the way, and stays.
func TestConflictWithAForeignFile(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	put(t, dir, "models/post.go", "package models\n\n// Post is ours.\ntype Post struct{ ID int64 }\n")
	before := everything(t, dir)
	change, err := tryGenerate(t, dir, "resource", "post", []string{"title:string!"}, generate.Flags{})
	if err == nil {
		if err := change.Write(false); !errors.Is(err, generate.ErrConflict) {
			t.Errorf("writing it: %v", err)
		}
	}
	unchanged(t, dir, before)
}

// Whatever fails while files are written, everything is as it was afterwards.
func TestWriteLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"a folder where the last file has to go": func(t *testing.T, dir string) {
			t.Helper()
			put(t, dir, "models/post_test.go/note.txt", "in the way")
		},
		"a folder where a file in the middle has to go": func(t *testing.T, dir string) {
			t.Helper()
			put(t, dir, "app/posts/policy.go/note.txt", "in the way")
		},
		"a file where a folder has to go": func(t *testing.T, dir string) {
			t.Helper()
			put(t, dir, "app/posts", "in the way")
		},
		"a folder that is gone and was a link to nowhere": func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "app", "posts")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newBlog(t)
			change := generated(t, dir, "resource", "post", []string{"title:string!"}, generate.Flags{})
			spoil(t, dir) // after it was planned, so that writing is what fails
			before := names(t, dir)
			texts := read(t, dir, "app/routes.go") + read(t, dir, "app/accounts.go") + read(t, dir, "go.mod")

			if err := change.Write(false); err == nil {
				t.Error("writing does not fail")
			}

			if diff := cmp.Diff(before, names(t, dir)); diff != "" {
				t.Errorf("files are left or gone (-before +after):\n%s", diff)
			}
			if texts != read(t, dir, "app/routes.go")+read(t, dir, "app/accounts.go")+read(t, dir, "go.mod") {
				t.Error("a file is not put back")
			}
		})
	}
}

// names lists everything below a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		list = append(list, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDestroyLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	write(t, generated(t, dir, "resource", "post", []string{"title:string!"}, generate.Flags{}))
	change := destroyed(t, dir, "resource", "post")
	last := filepath.Join(dir, "models", "post_test.go")
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "models/post_test.go/note.txt", "in the way")
	before := everything(t, dir)

	if err := change.Write(false); err == nil {
		t.Error("writing does not fail")
	}

	unchanged(t, dir, before)
}
