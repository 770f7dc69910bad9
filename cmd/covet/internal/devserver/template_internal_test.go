package devserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/scaffold"
)

const faultyTemplate = `package views

import "fmt"

templ Home(names []string) {
	<h1>Hello</h1>
	for _, name := range nammes {
		<p class={ klass }>{ fmt.Sprint(nam) }</p>
	}
	if wrong {
		<b>a</b>
	}
	if wrong {
		<b>b</b>
	}
	@Card(missing)
}
`

func TestProblemsOfGeneratedCode(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	version, err := scaffold.TemplVersion()
	if err != nil {
		t.Fatal(err)
	}
	code, err := scaffold.View(scaffold.File{Path: "home.templ", Content: []byte(faultyTemplate)}, version)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"home.templ": faultyTemplate, "home_templ.go": string(code.Content)} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(text string) build.Problem {
		t.Helper()
		for i, line := range strings.Split(string(code.Content), "\n") {
			if column := strings.Index(line, text); column >= 0 {
				return build.Problem{File: "home_templ.go", Line: i + 1, Column: column + 1, Message: "undefined: " + text}
			}
		}
		t.Fatalf("%q is not in %s", text, code.Content)
		return build.Problem{}
	}
	elsewhere := build.Problem{File: "../home_templ.go", Line: 1, Message: "x"}
	nowhere := build.Problem{File: "home_templ.go", Line: 999, Message: "x"}
	got := inTemplates(root, []build.Problem{at("nammes"), at("nam)"), at("wrong"), at("missing"), elsewhere, nowhere, {File: "a.go", Line: 1}})
	want := []build.Problem{
		{File: "home.templ", Line: 7, Column: 23, Message: "undefined: nammes"},
		{File: "home.templ", Line: 8, Column: 35, Message: "undefined: nam)"},
		{File: "home.templ", Line: 10, Column: 5, Message: "undefined: wrong"},
		{File: "home.templ", Line: 16, Column: 8, Message: "undefined: missing"},
		elsewhere,
		nowhere,
		{File: "a.go", Line: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
