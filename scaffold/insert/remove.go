package insert

import (
	"go/ast"
	"strings"
)

// remove returns the file without the code and without the imports that only it needed. It reports false when the code
// is a part of something that people wrote around it.
func (f *file) remove(e Edit) ([]byte, bool, error) {
	node, around := f.find(e)
	start, end, ok := f.extent(node, around)
	if !ok {
		return nil, false, nil
	}
	text := f.text[:start] + f.text[end:]
	content, err := formatted(f.collapse(text, start, end))
	if err != nil {
		return nil, false, err
	}
	for _, needed := range append([]Import{e.Package}, e.Also...) {
		if needed.Path == "" {
			continue
		}
		remaining, err := parse(f.path, content)
		if err != nil {
			return nil, false, err
		}
		if content, err = remaining.dropImport(needed); err != nil {
			return nil, false, err
		}
	}
	return content, true, nil
}

// extent returns what to cut: the lines of a statement, or an element with its comma.
func (f *file) extent(node ast.Node, around []ast.Node) (start, end int, ok bool) {
	parent := around[len(around)-1]
	start, end = f.offset(node.Pos()), f.offset(node.End())
	switch p := parent.(type) {
	case *ast.ExprStmt:
	case *ast.CompositeLit:
		start, end = f.withComma(start, end)
	case *ast.CallExpr:
		if p.Fun == node {
			return 0, 0, false
		}
		start, end = f.withComma(start, end)
	default:
		return 0, 0, false
	}
	start, end = f.wholeLine(start, end)
	return start, end, true
}

// withComma widens the extent of an element by the comma behind it, or the one before it.
func (f *file) withComma(start, end int) (int, int) {
	rest := f.text[end:]
	if trimmed := strings.TrimLeft(rest, " \t\n"); strings.HasPrefix(trimmed, ",") {
		end += len(rest) - len(trimmed) + 1
		if next := strings.TrimLeft(f.text[end:], " \t"); !strings.HasPrefix(next, "\n") {
			end = len(f.text) - len(next) // on one line with the next
		}
		return start, end
	}
	before := strings.TrimRight(f.text[:start], " \t\n")
	if strings.HasSuffix(before, ",") {
		start = len(before) - 1
	}
	return start, end
}

// wholeLine widens an extent to whole lines if nothing else stands on them.
func (f *file) wholeLine(start, end int) (int, int) {
	lineStart := strings.LastIndexByte(f.text[:start], '\n') + 1
	lineEnd := len(f.text)
	if n := strings.IndexByte(f.text[end:], '\n'); n >= 0 {
		lineEnd = end + n + 1
	}
	if strings.TrimSpace(f.text[lineStart:start]) == "" && strings.TrimSpace(f.text[end:lineEnd]) == "" {
		return lineStart, lineEnd
	}
	return start, end
}

// collapse joins the brackets around a removed range when nothing is left between them.
func (f *file) collapse(text string, start, _ int) string {
	before, after := strings.TrimRight(text[:start], " \t\n"), strings.TrimLeft(text[start:], " \t\n")
	for _, pair := range []string{"{}", "()"} {
		if strings.HasSuffix(before, pair[:1]) && strings.HasPrefix(after, pair[1:]) {
			return before + after
		}
	}
	return text
}

// dropImport removes an import that nothing uses, and the blank line before it when it was a group of its own.
func (f *file) dropImport(p Import) ([]byte, error) {
	local, imported := f.importName(p)
	if !imported || f.uses(local) {
		return []byte(f.text), nil
	}
	decl := f.importDecl()
	for _, spec := range f.ast.Imports {
		if spec.Path.Value != `"`+p.Path+`"` {
			continue
		}
		start, end := f.wholeLine(f.offset(spec.Pos()), f.offset(spec.End()))
		before, after := f.text[:start], f.text[end:]
		switch {
		case len(decl.Specs) == 1:
			start, end = f.wholeLine(f.offset(decl.Pos()), f.offset(decl.End()))
			before, after = f.text[:start], strings.TrimLeft(f.text[end:], "\n")
		case strings.HasSuffix(before, "\n\n") &&
			(strings.HasPrefix(after, "\n") || strings.HasPrefix(strings.TrimLeft(after, " \t"), ")")):
			before = strings.TrimSuffix(before, "\n")
		}
		return formatted(before + after)
	}
	return []byte(f.text), nil
}

// uses reports whether the file speaks of a package by its name.
func (f *file) uses(name string) bool {
	used := false
	ast.Inspect(f.ast, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if ident, ok := selector.X.(*ast.Ident); ok && ident.Name == name {
				used = true
			}
		}
		return !used
	})
	return used
}
