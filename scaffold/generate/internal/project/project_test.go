package project

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/inflect"
)

// open writes files into a folder and opens it.
func open(t *testing.T, files map[string]string) *Project {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = "module example.com/blog\n"
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTree(t *testing.T) {
	t.Parallel()
	p := open(t, map[string]string{"app/a.go": "package app", "app/b.go": "package app", "app/sub/c.go": "package sub"})
	p.Tree.Change("app/a.go", nil)
	p.Tree.Change("app/b.go", []byte("changed"))
	p.Tree.Change("app/d.go", []byte("new"))
	p.Tree.Change("fresh/e.go", []byte("new"))

	list := func(dir string) []string {
		entries, err := p.Tree.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}
	if diff := cmp.Diff([]string{"b.go", "d.go", "sub"}, list("app")); diff != "" {
		t.Errorf("app (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"e.go"}, list("fresh")); diff != "" {
		t.Errorf("a new folder (-want +got):\n%s", diff)
	}
	if p.Tree.Exists("app/a.go") || !p.Tree.Exists("app/d.go") {
		t.Error("a removed file exists, or a new one does not")
	}
	if content, err := p.Tree.ReadFile("app/b.go"); err != nil || string(content) != "changed" {
		t.Errorf("the changed file is %q, %v", content, err)
	}
	if content, err := fs.ReadFile(p.Unchanged().Tree, "app/b.go"); err != nil || string(content) != "package app" {
		t.Errorf("the file on disk is %q, %v", content, err)
	}
}

// Threat: a symbolic link in a cloned repository leads to another file of the user.
func TestTreeFollowsNoLinksOutside(t *testing.T) {
	t.Parallel()
	p := open(t, map[string]string{})
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(p.Root, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", "../secret", "/etc/passwd"} {
		if content, err := p.Tree.ReadFile(name); err == nil {
			t.Errorf("%s can be read: %q", name, content)
		}
	}
}

const models = `package models

type User struct{ ID int64; DisplayName string; Email string }
type Post struct {
	ID       int64
	Title    string ` + "`maxLength:\"9\"`" + `
	Slug     string
	AuthorID int64
	Author   *User
	EditorID *int64
	Editor   *User
}
type Comment struct { ID, PostID int64; Post *Post; Body string }
type Label struct { ID int64; PostID *int64; Post *Post }
`

func TestModels(t *testing.T) {
	t.Parallel()
	p := open(t, map[string]string{"models/models.go": models, "models/broken.go": "package models\nfunc {", "models/a_test.go": "package models\ntype No struct{}"})
	found, err := p.Models()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, m := range found {
		got[name] = m.Label
	}
	if diff := cmp.Diff(map[string]string{"User": "DisplayName", "Post": "Title", "Comment": "", "Label": ""}, got); diff != "" {
		t.Errorf("the models and what identifies them (-want +got):\n%s", diff)
	}
	if m := found["Post"]; m.Relation("AuthorID") != "User" || m.Relation("Title") != "" || !m.Has("Slug") || m.Has("Body") {
		t.Errorf("the fields of Post are %+v", m.Fields)
	}
	if got, want := Owned(found), []string{"comments", "posts"}; !slices.Equal(got, want) {
		t.Errorf("the tables that are deleted with a user are %v, want %v", got, want)
	}
	if _, _, err := p.Model("nothing", inflect.Parse); err == nil {
		t.Error("a model is found that does not exist")
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	p := open(t, map[string]string{
		"app/routes.go":      "package app\nimport \"github.com/google/uuid\"\nfunc routes(e E) { e.GET(\"/about\", nil); e.POST(\"/posts\", nil) }\nvar a, b = 1, uuid.Nil\ntype T int\nfunc (T) m() {}",
		"app/sub/sub.go":     "package sub\nfunc f(e E) { e.Any(\"/sub\", nil) }",
		"app/routes_test.go": "package app\nfunc f(e E) { e.GET(\"/test\", nil) }",
		"vendor/v/v.go":      "package v\nimport \"github.com/shopspring/decimal\"\nvar _ = decimal.Zero",
	})
	for path, want := range map[string]string{"/about": "app/routes.go", "/sub": "app/sub/sub.go", "/posts": "", "/test": ""} {
		if got := p.Routed(path); got != want {
			t.Errorf("%s is routed by %q, want %q", path, got, want)
		}
	}
	declared, err := p.Declared("app", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"routes": "app/routes.go", "a": "app/routes.go", "b": "app/routes.go", "T": "app/routes.go"}
	if diff := cmp.Diff(want, declared); diff != "" {
		t.Errorf("declared (-want +got):\n%s", diff)
	}
	if declared, _ = p.Declared("app", func(string) bool { return true }); len(declared) > 0 {
		t.Errorf("declared in files that are skipped: %v", declared)
	}
	used, err := p.UsedModules([]string{"github.com/google/uuid", "github.com/shopspring/decimal"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"github.com/google/uuid": true}, used); diff != "" {
		t.Errorf("used modules (-want +got):\n%s", diff)
	}
}
