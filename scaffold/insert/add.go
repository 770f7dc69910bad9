package insert

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// add returns the file with the code at a spot, and with its imports.
func (f *file) add(e Edit, at position) ([]byte, error) {
	missing := map[Import]string{} // with the name that the file gets to call it by
	name := e.Package.Name
	for _, needed := range append([]Import{e.Package}, e.Also...) {
		if needed.Path == "" {
			continue
		}
		local, imported := f.importName(needed)
		if !imported {
			local = f.freeName(needed)
			missing[needed] = local
		}
		if needed == e.Package {
			name = local
		}
	}
	text := f.splice(at, expand(e.Code, name, at.vars))
	for _, needed := range append([]Import{e.Package}, e.Also...) {
		if local, ok := missing[needed]; ok {
			text = f.addImport(text, needed, local)
		}
	}
	return formatted(text)
}

// splice returns the text with the code at the spot.
func (f *file) splice(at position, code string) string {
	before, after := f.text[:at.offset], f.text[at.offset:]
	switch l := at.list; {
	case l == nil:
		return before + "\n" + code + "\n" + strings.TrimPrefix(strings.TrimLeft(after, " \t"), "\n")
	case l.elements == 0:
		return f.text[:l.open] + "\n" + code + ",\n" + strings.TrimPrefix(strings.TrimLeft(f.text[l.open:], " \t"), "\n")
	case !l.comma && !strings.Contains(f.text[at.offset:l.end], "\n"):
		return before + ", " + code + after // all on one line
	case !l.comma:
		return before + ",\n" + code + ",\n" + after
	default:
		return before + "\n" + code + ",\n" + strings.TrimLeft(after, "\n")
	}
}

// freeName returns a name for a package that nothing else in the file has.
func (f *file) freeName(p Import) string {
	name := p.Name
	if name == "" {
		name = packageName(p.Path)
	}
	if !f.taken(name) {
		return name
	}
	for candidate := range strings.SplitSeq("app"+name+",covet"+name+","+name+"pkg", ",") {
		if !f.taken(candidate) {
			return candidate
		}
	}
	return name + "2"
}

// taken reports whether a name means something in the file already.
func (f *file) taken(name string) bool {
	for _, spec := range f.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		local := packageName(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == name {
			return true
		}
	}
	found := false
	ast.Inspect(f.ast, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok && ident.Name == name {
			found = true
		}
		if selector, ok := node.(*ast.SelectorExpr); ok { // the name behind a dot is no clash
			ast.Inspect(selector.X, func(inner ast.Node) bool {
				ident, ok := inner.(*ast.Ident)
				found = found || (ok && ident.Name == name)
				return true
			})
			return false
		}
		return !found
	})
	return found
}

// addImport adds an import to the text, whose import declarations are still where the file has them: into the group
// that starts like its path, else into a group of its own.
func (f *file) addImport(text string, p Import, local string) string {
	spec := strconv.Quote(p.Path)
	if local != packageName(p.Path) {
		spec = local + " " + spec
	}
	decl := f.importDecl()
	if decl == nil {
		at := f.offset(f.ast.Name.End())
		return text[:at] + "\n\nimport " + spec + "\n" + text[at:]
	}
	// What was added for this edit stands behind the imports, or among them behind this line: the offsets hold.
	if !decl.Lparen.IsValid() {
		start, end := f.offset(decl.Specs[0].Pos()), f.offset(decl.End())
		return text[:start] + "(\n" + text[start:end] + f.separator(p, decl.Specs[0]) + spec + "\n)" + text[end:]
	}
	if like := f.groupOf(p, decl); like != nil {
		at := f.endOfLine(like.End(), decl.Rparen)
		return text[:at] + "\n" + spec + text[at:]
	}
	at := f.endOfLine(decl.Specs[len(decl.Specs)-1].End(), decl.Rparen)
	return text[:at] + "\n\n" + spec + text[at:]
}

func (f *file) importDecl() *ast.GenDecl {
	for _, decl := range f.ast.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			return gen
		}
	}
	return nil
}

// groupOf returns the last import of the group that a package belongs to: one with the same first elements.
func (f *file) groupOf(p Import, decl *ast.GenDecl) ast.Spec {
	var best ast.Spec
	longest := 0
	for _, spec := range decl.Specs {
		imported, err := strconv.Unquote(spec.(*ast.ImportSpec).Path.Value)
		if err != nil {
			continue
		}
		if n := commonElements(imported, p.Path); n > 0 && n >= longest {
			best, longest = spec, n
		}
	}
	return best
}

// commonElements returns how many elements two paths begin with. A common host alone, such as "github.com", counts as
// 0.
func commonElements(a, b string) int {
	n := 0
	remaining, right := strings.Split(a, "/"), strings.Split(b, "/")
	for n < len(remaining) && n < len(right) && remaining[n] == right[n] {
		n++
	}
	if n == 1 && strings.Contains(remaining[0], ".") {
		return 0
	}
	return n
}

func (f *file) separator(p Import, other ast.Spec) string {
	imported, err := strconv.Unquote(other.(*ast.ImportSpec).Path.Value)
	if err == nil && path.Dir(imported) != "." && commonElements(imported, p.Path) > 0 {
		return "\n"
	}
	return "\n\n"
}
