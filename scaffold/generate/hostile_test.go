package generate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/generate"
)

// A foreign repository may contain links that point to files of the user who runs a generator in it: nothing outside of
// the application is read, changed or removed.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, moved := range []string{"models", "models/factory", "app/seeds", "app/views", "migrations", "migrations/sqlite", "app/routes.go", "go.mod"} {
		for _, inside := range []bool{false, true} {
			name := moved + " outside"
			if inside {
				name = moved + " inside"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := newBlog(t)
				elsewhere := t.TempDir()
				if inside {
					elsewhere = filepath.Join(dir, "elsewhere")
					put(t, dir, "elsewhere/kept.txt", "kept")
				}
				link(t, dir, moved, filepath.Join(elsewhere, "target"), inside)
				before, beforeElsewhere := everything(t, dir), everything(t, elsewhere)

				project, err := generate.Open(dir)
				if err == nil {
					kind, _ := generate.Find("resource") // there is one
					var change *generate.Change
					if change, err = project.Generate(kind, "post", []string{"title:string!", "price:decimal(10,2)"}, generate.Flags{Now: now}); err == nil {
						err = change.Write(true)
					}
				}

				unchanged(t, elsewhere, beforeElsewhere)
				if err != nil {
					unchanged(t, dir, before)
				} else if inside {
					t.Error("it was written through a link")
				}
			})
		}
	}
}

// The record of a run may be written by an attacker, too. Destroying what it names removes nothing elsewhere.
func TestDestroyThroughLinks(t *testing.T) {
	t.Parallel()
	dir, elsewhere := newBlog(t), t.TempDir()
	write(t, generated(t, dir, "resource", "post", []string{"title:string!"}, generate.Flags{}))
	link(t, dir, "app/posts", filepath.Join(elsewhere, "target"), false)
	beforeElsewhere := everything(t, elsewhere)

	kind, _ := generate.Find("resource") // there is one
	change, err := open(t, dir).Destroy(kind, "post")
	if err == nil {
		err = change.Write(true)
	}
	if err == nil {
		t.Error("it was destroyed through a link")
	}
	unchanged(t, elsewhere, beforeElsewhere)
}

// link moves a file or a folder, and leaves a link in its place.
func link(t *testing.T, dir, name, target string, relative bool) {
	t.Helper()
	place := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.Rename(place, target); err != nil {
		t.Fatal(err)
	}
	if relative {
		var err error
		if target, err = filepath.Rel(filepath.Dir(place), target); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, place); err != nil {
		t.Fatal(err)
	}
}

// A record that is not what a generator wrote is an error that names its file; it does not pass for another's.
func TestRecords(t *testing.T) {
	t.Parallel()
	const file = ".covet/generated/resource-post.json"
	for _, test := range []struct{ name, record, want string }{
		{"no JSON", "<<<<<<< HEAD\n", "it is invalid"},
		{"of another", `{"kind":"resource","name":"page","files":{"app/routes.go":""}}`, "it contains the record of resource page"},
		{"of nobody", `{}`, "it contains the record of"},
		{"outside", `{"kind":"resource","name":"post","files":{"../notes.txt":""}}`, `it contains "../notes.txt"`},
		{"absolute", `{"kind":"resource","name":"post","files":{"/etc/passwd":""}}`, `it contains "/etc/passwd"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newBlog(t)
			put(t, dir, file, test.record)
			kind, _ := generate.Find("resource") // there is one
			_, destroying := open(t, dir).Destroy(kind, "post")
			_, again := tryGenerate(t, dir, "resource", "post", nil, generate.Flags{})
			_, other := tryGenerate(t, dir, "resource", "tag", nil, generate.Flags{})
			for _, err := range []error{destroying, again, other} {
				var refused *generate.RecordError
				if !errors.As(err, &refused) || refused.Path != file || !strings.Contains(err.Error(), test.want) || refused.Hint() == "" {
					t.Errorf("%v, and not that %s of %s", err, test.want, file)
				}
			}
		})
	}
}

// A record without a hash says nothing about the file, which may be the work of people.
func TestRecordWithoutHash(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	put(t, dir, ".covet/generated/resource-post.json", `{"kind":"resource","name":"post","files":{"app/routes.go":""}}`)
	change := destroyed(t, dir, "resource", "post")
	if conflicts := change.Conflicts(); len(conflicts) != 1 || conflicts[0].Path != "app/routes.go" {
		t.Errorf("conflicts with %v", conflicts)
	}
	if err := change.Write(false); !errors.Is(err, generate.ErrConflict) {
		t.Errorf("writing it: %v", err)
	}
}
