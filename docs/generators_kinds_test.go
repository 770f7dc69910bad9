package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
)

var generateLine = regexp.MustCompile(`(?m)^ {4}covet generate (.+)$`)

// writtenFile is a file that the document says is there after its examples.
var writtenFile = regexp.MustCompile("`((?:app|models|jobs)/[a-z_/]+\\.(?:go|templ))`")

// Every example of the kinds besides resource can be copied, one after the other; every kind is in the table, and no other.
func TestGeneratorsAreAsDocumented(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("generators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(whole), "\n## The other kinds\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, kind := range generate.Kinds()[1:] {
		if !strings.Contains(text, "\n| `"+kind.Name+"` | ") {
			t.Errorf("%s is not in the table", kind.Name)
		}
	}
	root := application(t)
	for _, match := range generateLine.FindAllStringSubmatch(text, -1) {
		words := strings.Fields(match[1])
		flags := generate.Flags{}
		if words[len(words)-1] == "--public" {
			flags.Public, words = true, words[:len(words)-1]
		}
		project, err := generate.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := generate.Find(words[0])
		if err != nil {
			t.Fatal(err)
		}
		change, err := project.Generate(kind, words[1], words[2:], flags)
		if err != nil {
			t.Errorf("%s: %v", match[0], err)
			continue
		}
		if err := change.Write(true); err != nil {
			t.Fatal(err)
		}
	}
	for _, match := range writtenFile.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
			t.Errorf("no example writes %s", match[1])
		}
	}
}

// application writes one and returns its folder.
func application(t *testing.T) string {
	t.Helper()
	made, err := scaffold.Plan(scaffold.Options{Name: "blog"})
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "blog")
	if err := made.Write(root, false); err != nil {
		t.Fatal(err)
	}
	return root
}
