package kind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func pageKind() Kind {
	return Kind{
		Name: "page", Use: "NAME",
		Short:      "a static page with an entry in the navigation",
		Example:    "  covet generate page about-us\n  covet generate page legal/imprint",
		recordName: pageName, plan: planPage,
	}
}

// pageData is what the templates of a page are filled with.
type pageData struct {
	noun.Name
	// Path is the path of the page.
	Path string
}

// pageName is the name of a page without a slash.
func pageName(text string) (string, error) {
	data, err := parsePage(text)
	return data.Snake, err
}

// parsePage reads the name of a page, which may have one slash: about-us, legal/imprint.
func parsePage(text string) (pageData, error) {
	section, last, nested := strings.Cut(text, "/")
	if !nested {
		section, last = "", text
	}
	for _, piece := range strings.Split(text, "/") {
		if problem := noun.Misspelling(piece); problem != "" {
			return pageData{}, noun.Refuse("page", text, problem)
		}
	}
	first := strings.Join(inflect.Words(strings.Split(text, "/")[0]), "-")
	if slices.Contains(reservedPaths, first) {
		return pageData{}, noun.Refuse("page", text, "the addresses below /"+first+" belong to Covet")
	}
	if strings.Count(text, "/") > 1 {
		return pageData{}, noun.Refuse("page", text, "it has more than one slash")
	}
	n, err := noun.Parse("page", strings.Trim(section+"_"+last, "_"))
	if err != nil {
		return pageData{}, err
	}
	path := "/" + strings.Join(inflect.Words(last), "-")
	if nested {
		path = "/" + first + path
		n.Title = inflect.Label(strings.Join(inflect.Words(last), "_"))
	}
	return pageData{n, path}, nil
}

// reservedPaths are first elements of paths that mean something else.
var reservedPaths = strings.Fields(`
	account admin api assets auth dev docs health login logout metrics password ready signup static storage`)

func planPage(r *request) (*change.Plan, error) {
	data, err := parsePage(r.name)
	if err != nil {
		return nil, err
	}
	if err := noun.RefuseDeclared(r.Project, "page", r.name, "app/pages", r.own, data.Type, data.Var+"Page"); err != nil {
		return nil, err
	}
	if r.own == nil {
		if file := r.Routed(data.Path); file != "" {
			return nil, noun.Refuse("page", r.name, file+" already has the route "+data.Path)
		}
	}
	file := "app/pages/" + data.Snake
	pkg := insert.Import{Path: r.Module + "/app/pages", Name: "pages"}
	out := &change.Plan{
		Edits: []insert.Edit{
			routesEdit(fmt.Sprintf("{var}.Echo.GET(%q, {pkg}.%s)", data.Path, data.Type), pkg),
			navigationEdit(data.Path, data.Title),
		},
		Notes: []string{"Next: write its content in " + file + ".templ."},
	}
	shareComment(out, "app/pages", "contains static pages.")
	return out, r.render(out, data, map[string]string{"pages": "app/pages"},
		render.Part{Template: "page/page.go", Target: file + ".go"}, render.Part{Template: "page/page.templ", Target: file + ".templ"},
		render.Part{Template: "page/page_test.go", Target: file + "_test.go"})
}
