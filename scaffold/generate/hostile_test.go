package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
)

// A repository of somebody else may have links in it that lead to files of whoever runs a generator there: nothing
// outside of the application is read, changed or removed.
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
				dir := newApplication(t, scaffold.Options{Name: "blog"})
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

// The record of a run may come from somebody else, too. Destroying what it names removes nothing elsewhere.
func TestDestroyThroughLinks(t *testing.T) {
	t.Parallel()
	dir, elsewhere := newApplication(t, scaffold.Options{Name: "blog"}), t.TempDir()
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
