package render

import (
	"testing"

	"github.com/covetgo/covet/scaffold/inflect"
)

func TestArticle(t *testing.T) {
	t.Parallel()
	for noun, want := range map[string]string{
		"post": "a post", "article": "an article", "hour": "an hour", "honest user": "an honest user", "user": "a user",
		"unit": "a unit", "uninstall": "an uninstall", "unique key": "a unique key", "usher": "an usher", "usage": "a usage",
		"URL": "a URL", "API key": "an API key", "HTML": "an HTML", "one": "a one", "onion": "an onion", "European": "a European",
		"x": "an x", "heir": "an heir", "house": "a house", "utility": "a utility", "IP address": "an IP address", "UUID": "a UUID",
	} {
		if got := Article(noun); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestStructTag(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pairs [][2]string
		want  string
	}{
		{nil, "``"},
		{[][2]string{{"json", "title"}}, "`json:\"title\"`"},
		{[][2]string{{"json", "a"}, {"default", `"quoted"`}}, "`json:\"a\" default:\"\\\"quoted\\\"\"`"},
		{[][2]string{{"default", "`"}}, "\"default:\\\"`\\\"\""},
	} {
		if got := structTag(test.pairs); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestGoFile(t *testing.T) {
	t.Parallel()
	const module = "example.com/blog"
	for _, test := range []struct{ name, file, text, want string }{
		{
			"groups", "app/posts/a.go", "package posts\nvar _ = fmt.Sprint(models.Post{}, decimal.Zero, problem.NotFound(\"\"))",
			"package posts\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/shopspring/decimal\"\n\n\t\"github.com/covetgo/covet/app/problem\"\n\n" +
				"\t\"example.com/blog/models\"\n)\n\nvar _ = fmt.Sprint(models.Post{}, decimal.Zero, problem.NotFound(\"\"))\n",
		},
		{"one", "app/posts/a.go", "package posts\nvar _ = echo.New()", "package posts\n\nimport \"github.com/labstack/echo/v4\"\n\nvar _ = echo.New()\n"},
		{"alias", "app/a.go", "package app\nvar _ covet.App", "package app\n\nimport covet \"github.com/covetgo/covet/app\"\n\nvar _ covet.App\n"},
		{"its own package", "app/errors/a.go", "package errors\nvar _ = errors.New", "package errors\n\nimport \"errors\"\n\nvar _ = errors.New\n"},
		{
			"its external test", "app/errors/a_test.go", "package errors_test\nvar _ = errors.Routes",
			"package errors_test\n\nimport \"example.com/blog/app/errors\"\n\nvar _ = errors.Routes\n",
		},
		{"variables", "app/posts/a.go", "package posts\nfunc f(post Post) int { return post.ID }", "package posts\n\nfunc f(post Post) int { return post.ID }\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := goFile(test.file, test.text+"\n", module, map[string]string{"errors": "app/errors"})
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
	if _, err := goFile("a.go", "package a\nfunc {", module, nil); err == nil {
		t.Error("a syntax error is not reported")
	}
}

// A variable for one record is not called like a package that generated code may import: its fields would be taken for
// identifiers of the package.
func TestVariablesAreNotPackages(t *testing.T) {
	t.Parallel()
	for _, packages := range []map[string]string{known, ownPackages} {
		for name := range packages {
			if n, err := inflect.Parse(name); err == nil && n.Var == name {
				t.Errorf("a resource %s has a variable of that name, which is taken for the package %s", name, packages[name])
			}
		}
	}
}
