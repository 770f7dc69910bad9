package scaffold_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"blog", "my-blog", "b", "shop2", "a-1"} {
		if err := scaffold.CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, suggestion := range map[string]string{
		"9-blog!": "blog", "": "blog", "Blog": "blog", "my_blog": "my-blog", "my blog": "my-blog",
		"blog-": "blog", "a--b": "a-b",
		"test": "test-app", "internal": "internal-app", "func": "func-app", "con": "con-app", "covet": "covet-app",
		"ブログ": "blog", "../blog": "blog", "42": "blog", "log\n": "log", strings.Repeat("x", 41): strings.Repeat("x", 40),
	} {
		var refused *scaffold.NameError
		if err := scaffold.CheckName(name); !errors.As(err, &refused) {
			t.Errorf("%q: got %v", name, err)
		} else if refused.Suggestion != suggestion {
			t.Errorf("%q: suggests %q, want %q", name, refused.Suggestion, suggestion)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, seed := range []string{"blog", "9-blog!", "", "-", "test", "ÄÖ", "a\x00b", "con", "if"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var refused *scaffold.NameError
		if errors.As(scaffold.CheckName(name), &refused) {
			if err := scaffold.CheckName(refused.Suggestion); err != nil {
				t.Fatalf("%q: the suggestion is refused too: %v", name, err)
			}
		}
	})
}

func TestCheckModule(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"blog", "my-blog", "github.com/acme/blog", "example.com/blog/v2",
		"gopkg.in/blog.v1", "acme/blog",
	} {
		if err := scaffold.CheckModule(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, want := range map[string]string{
		"":                           "empty",
		"log":                        "standard library",
		"net/blog":                   "standard library",
		"test":                       "reserves",
		"github.com/covetgo/covet":   "the module of Covet",
		"github.com/covetgo/covet/x": "the module of Covet",
		"example.com/blog/v1":        "version",
		"https://github.com/x/y":     "cannot be the path of a Go module",
		"github.com/acme/my blog":    "invalid char",
		"/blog":                      "cannot be",
		"blog/":                      "cannot be",
		"../blog":                    "cannot be",
	} {
		if err := scaffold.CheckModule(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", path, err, want)
		}
	}
}

// A new package of the standard library must not break "covet new".
func TestStandardLibraryIsComplete(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		first, _, _ := strings.Cut(path, "/")
		if err := scaffold.CheckModule(first); err == nil {
			t.Errorf("%s is accepted", first)
		}
	}
	if !slices.IsSorted(scaffold.StandardLibrary()) {
		t.Error("the list is not sorted")
	}
}
