package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func pageKind() Kind {
	return Kind{
		Name: "page", Use: "NAME",
		Short:   "a page that says the same to everybody, with an entry in the navigation",
		Example: "  covet generate page about-us\n  covet generate page legal/imprint",
		name:    pageName, plan: planPage,
	}
}

// pageData is what the templates of a page are filled with.
type pageData struct {
	word
	// Module is the path of the application's Go module, and Path the address.
	Module, Path string
}

// pageName is the name of a page in one word.
func pageName(text string) (string, error) {
	w, _, err := parsePage(text)
	return w.Snake, err
}

// parsePage reads the name of a page, which may have one slash: about-us, legal/imprint.
func parsePage(text string) (w word, address string, err error) {
	section, last, nested := strings.Cut(text, "/")
	if !nested {
		section, last = "", text
	}
	for _, piece := range strings.Split(text, "/") {
		if problem := spelling(piece); problem != "" {
			return word{}, "", refuseWord("page", text, problem)
		}
	}
	first := strings.Join(inflect.Words(strings.Split(text, "/")[0]), "-")
	if slices.Contains(reservedAddresses, first) {
		return word{}, "", refuseWord("page", text, "the addresses below /"+first+" belong to Covet")
	}
	if strings.Count(text, "/") > 1 {
		return word{}, "", refuseWord("page", text, "it has more than one slash")
	}
	if w, err = parseWord("page", strings.Trim(section+"_"+last, "_")); err != nil {
		return word{}, "", err
	}
	address = "/" + strings.Join(inflect.Words(last), "-")
	if nested {
		address = "/" + first + address
		w.Title = inflect.Label(strings.Join(inflect.Words(last), "_"))
	}
	return w, address, nil
}

// reservedAddresses are the first elements of addresses that mean something else.
var reservedAddresses = strings.Fields(`
	account admin api assets auth dev docs health login logout metrics password ready signup static storage`)

func planPage(p *Project, r request) (*plan, error) {
	if err := noArgs("page", r.args); err != nil {
		return nil, err
	}
	w, address, err := parsePage(r.name)
	if err != nil {
		return nil, err
	}
	if err := p.refuseTaken("page", r.name, "app/pages", r.own, w.Type, w.Var+"Page"); err != nil {
		return nil, err
	}
	if r.own == nil {
		if file := p.routed(address); file != "" {
			return nil, refuseWord("page", r.name, file+" has a route for "+address+" already")
		}
	}
	out := &plan{edits: []insert.Edit{
		routesEdit(fmt.Sprintf("{var}.Echo.GET(%q, {pkg}.%s)", address, w.Type), insert.Import{Path: p.Module + "/app/pages", Name: "pages"}),
		navigationEdit(address, w.Title),
	}}
	out.share(packageDoc("app/pages", "holds the pages that say the same to everybody."))
	data, file := pageData{w, p.Module, address}, "app/pages/"+w.Snake
	err = p.renderAll(out, data, map[string]string{"pages": "app/pages"},
		part{"page/page.go", file + ".go"}, part{"page/page.templ", file + ".templ"}, part{"page/page_test.go", file + "_test.go"})
	out.notes = append(out.notes, "Next: write what it says in "+file+".templ.")
	return out, err
}

// routed returns the file that has a route for the address of a page, or nothing.
func (p *Project) routed(address string) string {
	found := ""
	_ = fs.WalkDir(p.tree, "app", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil //nolint:nilerr // what cannot be read has no routes
		}
		content, err := p.tree.ReadFile(name)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
		if err == nil && slices.Contains(getRoutes(parsed), address) {
			found = name
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// getRoutes are the addresses that a file registers pages for.
func getRoutes(f *ast.File) []string {
	var addresses []string
	ast.Inspect(f, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || (method.Sel.Name != "GET" && method.Sel.Name != "Any") {
			return true
		}
		if literal, ok := call.Args[0].(*ast.BasicLit); ok {
			if address, err := strconv.Unquote(literal.Value); err == nil {
				addresses = append(addresses, address)
			}
		}
		return true
	})
	return addresses
}
