package generate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/generate"
)

// Files that an earlier run wrote and a later one does not are removed: generating a resource without its pages leaves
// the same as if it had never had any. Files that users have changed are conflicts.
func TestStale(t *testing.T) {
	t.Parallel()
	fields := []string{"title:string!"}
	want := newBlog(t)
	write(t, generated(t, want, "resource", "post", fields, generate.Flags{Skip: []string{"html", "admin"}}))

	dir := newBlog(t)
	write(t, generated(t, dir, "resource", "post", fields, generate.Flags{}))
	write(t, generated(t, dir, "resource", "post", fields, generate.Flags{Skip: []string{"html", "admin"}}))
	unchanged(t, dir, everything(t, want))

	edited := newBlog(t)
	write(t, generated(t, edited, "resource", "post", fields, generate.Flags{}))
	put(t, edited, "app/posts/admin.go", read(t, edited, "app/posts/admin.go")+"\n// Ours.\n")
	change := generated(t, edited, "resource", "post", fields, generate.Flags{Skip: []string{"html", "admin"}})
	if diff := cmp.Diff([]string{"app/posts/admin.go"}, conflicts(change)); diff != "" {
		t.Errorf("the conflicts (-want +got):\n%s", diff)
	}
}

// A field that other generated code uses cannot go unnoticed. What people broke before is no reason to refuse.
func TestUsedElsewhere(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	write(t, generated(t, dir, "resource", "post", []string{"title:string!", "body:text"}, generate.Flags{}))
	write(t, generated(t, dir, "resource", "comment", []string{"body:text!", "post:belongs_to:post"}, generate.Flags{}))
	before := everything(t, dir)

	_, err := tryGenerate(t, dir, "resource", "post", []string{"heading:string!", "body:text"}, generate.Flags{})
	var code *generate.CodeError
	if !errors.As(err, &code) || !code.Elsewhere || !strings.Contains(err.Error(), "app/comments/") || !strings.Contains(err.Error(), "Title") {
		t.Errorf("taking the title away: %v", err)
	}
	unchanged(t, dir, before)

	if err := os.Remove(filepath.Join(dir, "app", "comments", "store.go")); err != nil {
		t.Fatal(err)
	}
	if _, err := tryGenerate(t, dir, "resource", "tag", []string{"name:string!"}, generate.Flags{}); err != nil {
		t.Errorf("with a package that is broken: %v", err)
	}
}
