package insert

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// file is one parsed file of a package.
type file struct {
	path string
	text string
	fset *token.FileSet
	ast  *ast.File
}

func parse(name string, content []byte) (*file, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return &file{path: name, text: string(content), fset: fset, ast: parsed}, nil
}

func (f *file) offset(pos token.Pos) int { return f.fset.Position(pos).Offset }

// importName returns what the file calls a package, if it imports it.
func (f *file) importName(p Import) (string, bool) {
	for _, spec := range f.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil || imported != p.Path {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name, spec.Name.Name != "_" && spec.Name.Name != "."
		}
		if p.Name != "" {
			return p.Name, true
		}
		return packageName(imported), true
	}
	return "", false
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// packageName guesses the name of a package from its path.
func packageName(imported string) string {
	base := path.Base(imported)
	if majorVersion.MatchString(base) {
		base = path.Base(path.Dir(imported))
	}
	return base
}

// isType reports whether an expression is the named type of a package, "path.Name", or "Name" for one of the package
// itself.
func (f *file) isType(expr ast.Expr, name string) bool {
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		ident, ok := expr.(*ast.Ident)
		return ok && ident.Name == name
	}
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != name[dot+1:] {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	local, imported := f.importName(Import{Path: name[:dot]})
	return ok && imported && pkg.Name == local
}

// isPointer reports the same of a pointer to the type.
func (f *file) isPointer(expr ast.Expr, name string) bool {
	star, ok := expr.(*ast.StarExpr)
	return ok && f.isType(star.X, name)
}

// find returns the innermost node that is the code of the edit, and the nodes around it, outermost first.
func (f *file) find(e Edit) (ast.Node, []ast.Node) {
	pkg := ""
	if e.Package.Path != "" {
		name, imported := f.importName(e.Package)
		if !imported && e.Key == "" {
			return nil, nil
		}
		pkg = name
	}
	want := pattern(expand(e.Code, pkg, []string{variable, variable, variable}))
	var found ast.Node
	var around, stack []ast.Node
	ast.Inspect(f.ast, func(node ast.Node) bool {
		if node == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		switch n := node.(type) {
		case *ast.CallExpr:
			if found == nil && want.MatchString(f.source(n)) {
				found, around = n, append(around, stack...)
			}
		case *ast.Ident:
			_, element := stack[len(stack)-1].(*ast.CompositeLit)
			if found == nil && element && want.MatchString(n.Name) {
				found, around = n, append(around, stack...)
			}
		case *ast.CompositeLit:
			if found == nil && (want.MatchString(f.source(n)) || hasKey(n, e.Key)) {
				found, around = n, append(around, stack...)
			}
		}
		stack = append(stack, node)
		return true
	})
	return found, around
}

func (f *file) contains(e Edit) bool {
	node, _ := f.find(e)
	return node != nil
}

// hasKey reports whether a field of the literal is this string.
func hasKey(literal *ast.CompositeLit, key string) bool {
	if key == "" {
		return false
	}
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		if text, ok := element.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if value, err := strconv.Unquote(text.Value); err == nil && value == key {
				return true
			}
		}
	}
	return false
}

const variable = "covetVariable"

var (
	space    = regexp.MustCompile(`\s+`)
	trailing = regexp.MustCompile(`,([)}\]])`)
)

// stripFormatting removes everything that gofmt may change.
func stripFormatting(text string) string {
	return trailing.ReplaceAllString(space.ReplaceAllString(text, ""), "$1")
}

// pattern matches squeezed code with any names for the variables.
func pattern(code string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(stripFormatting(code))
	return regexp.MustCompile("^" + strings.ReplaceAll(quoted, variable, `\w+`) + "$")
}

// source returns the source of a node without formatting and comments.
func (f *file) source(node ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), node); err != nil {
		return ""
	}
	return stripFormatting(b.String())
}
