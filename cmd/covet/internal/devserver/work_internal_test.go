package devserver

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	code, restart, reload := work{code: true}, work{restart: true}, work{reload: true}
	for name, want := range map[string]work{
		"app/posts/posts.go":          code,
		"cmd/blog/main.go":            code,
		"config/config.go":            code,
		"go.mod":                      {code: true, all: true},
		"go.sum":                      code,
		"app/native/sum.s":            code,
		"app/posts/posts_test.go":     {},
		"app/testdata/x.go":           {},
		"testdata/x.html":             {},
		"app/views/home.templ":        {views: []string{"app/views/home.templ"}},
		"app/views/home_templ.go":     {code: true, views: []string{"app/views/home.templ"}},
		".env":                        restart,
		"config/config.yaml":          restart,
		"migrations/sqlite/00001.sql": code,
		"app/queries/list.sql":        reload,
		"app/assets/css/app.css":      {styles: []string{"/assets/css/app.css"}},
		"app/assets/js/app.js":        reload,
		"app/assets/img/logo.svg":     reload,
		"app/assets/assets.go":        code,
		"app/pages/about.html":        reload,
		"app/mails/welcome.txt":       code, // embedded
		"README.md":                   {},
		"docs/notes.md":               {},
		"Makefile":                    {},
		"Dockerfile":                  {},
		"data/blog.db":                {},
	} {
		got := classify(watch.Change{Path: name}, func(name string) bool { return name == "app/mails/welcome.txt" })
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(work{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := classify(watch.Change{Path: "app/assets/css/app.css", Removed: true}, nil); !got.reload ||
		len(got.styles) > 0 {
		t.Errorf("a removed stylesheet: %+v", got)
	}
}
