package registry_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/problem"
)

func TestRequested(t *testing.T) {
	t.Parallel()
	k := admintest.New(t, func(s *meta.Spec) { s.Forbid = []string{meta.Delete} })
	k.Forbidden = []string{"authors.read", "posts.export"}
	for _, c := range []struct {
		resource, verb string
		status         int
	}{
		{"posts", meta.Read, 0},
		{"posts", meta.Restore, 0},
		{"posts", meta.Export, 403},
		{"posts", meta.Delete, 404},
		{"posts", meta.Destroy, 404},
		{"authors", meta.Read, 403},
		{"authors", meta.Update, 0},
		{"authors", meta.Restore, 404},
		{"nothing", meta.Read, 404},
		{"", meta.Read, 404},
	} {
		ctx, _ := k.Get("/", c.resource, "")
		r, err := k.Registry.Requested(ctx, c.verb)
		switch {
		case c.status == 0 && (err != nil || r.Name != c.resource):
			t.Errorf("%s of %s: %v", c.verb, c.resource, err)
		case c.status != 0 && (err == nil || problem.From(err).Status != c.status):
			t.Errorf("%s of %s: %v, want %d", c.verb, c.resource, err, c.status)
		}
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	k.Forbidden = []string{"authors.read"}
	for name, want := range map[string]bool{"Title": true, "Tags": true, "AuthorID": false, "EditorID": false} {
		if got := k.Registry.Reads(t.Context(), k.Posts.Field(name)); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}

// page has a key of text, which addresses have to carry.
type page struct {
	Slug string `gorm:"primaryKey"`
}

func TestAddressesOfRecords(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	r, _ := admintest.Compile(t, admintest.Spec(new(page)))
	for key, want := range map[string]string{
		"about": "/admin/pages/about", "a/b": "/admin/pages/a%2Fb", "a b?": "/admin/pages/a%20b%3F",
		"new":  "/admin/pages/~new",
		"bulk": "/admin/pages/~bulk", "choices": "/admin/pages/~choices", "export.csv": "/admin/pages/~export.csv",
		"~new": "/admin/pages/~~new",
	} {
		got := k.Registry.RecordPath(r, key)
		if got != want {
			t.Errorf("the address of %q is %s, want %s", key, got, want)
		}
		c, _ := k.Get(got, "pages", strings.TrimPrefix(got, "/admin/pages/"))
		if c.Request().URL.RawPath == "" { // echo unescapes a parameter unless the path has two forms
			c.SetParamValues("pages", strings.TrimPrefix(c.Request().URL.Path, "/admin/pages/"))
		}
		if read, err := k.Registry.Key(c, r); err != nil || read != key {
			t.Errorf("%s is read as %v: %v", got, read, err)
		}
	}
	for _, key := range []string{"", "x", "1.5", "0x7", "99999999999999999999", strings.Repeat("1", 300)} {
		c, _ := k.Get("/admin/posts", "posts", key)
		if _, err := k.Registry.Key(c, k.Posts); err == nil || problem.From(err).Status != 404 {
			t.Errorf("the key %q: %v", key, err)
		}
	}
}

func TestChangesForTheLog(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	long := strings.Repeat("x", 2000)
	got := registry.Change(k.Posts.Field("Tags"), []string{"1", "2"}, []string{long})
	if got.Field != "Tags" || got.Before != "1, 2" || len([]rune(got.After.(string))) != 1001 {
		t.Errorf("%q: %q", got.Field, got.Before)
	}
	if subject := registry.Subject(k.Posts, "7"); subject != "posts:7" {
		t.Errorf("subject = %q", subject)
	}
}
