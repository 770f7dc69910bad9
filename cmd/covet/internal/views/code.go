package views

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"time"
)

// code is what is known about a file of generated code.
type code struct {
	size     int64
	modified time.Time
	// texts are the literals in order, in Go syntax without the quotes.
	texts []string
	// shape is a hash of everything else: two files with the same shape differ only in their texts.
	shape [sha256.Size]byte
}

// read returns what is known about a generated file, from memory if it has not changed.
func (s *Set) read(path string) (code, error) {
	info, err := os.Stat(path)
	if err != nil {
		return code{}, err
	}
	known, ok := s.codes[path]
	if ok && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		return known, nil
	}
	content, err := os.ReadFile(path) //nolint:gosec // a file of a package that the application links
	if err != nil {
		return code{}, err
	}
	read, err := parseCode(content)
	if err != nil {
		return code{}, fmt.Errorf("reading the texts of %s: %w", path, err)
	}
	read.size, read.modified = info.Size(), info.ModTime()
	s.codes[path] = read
	return read, nil
}

// span is a range of the code that is not part of its shape.
type span struct{ from, to int }

// parseCode analyzes generated code. It does not read the template, so that it works with the code of any version of
// templ.
func parseCode(content []byte) (code, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", content, parser.SkipObjectResolution)
	if err != nil {
		return code{}, err
	}
	var found code
	var cuts []span
	leave := func(node ast.Expr) {
		cuts = append(cuts, span{files.Position(node.Pos()).Offset, files.Position(node.End()).Offset})
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if index, literal, ok := writtenText(node); ok {
			for len(found.texts) < index { // they are numbered from 1; a missing number is a text that is not read
				found.texts = append(found.texts, "")
			}
			found.texts[index-1] = literal.Value[1 : len(literal.Value)-1]
			leave(literal)
		}
		for _, place := range errorPlace(node) { // moves with the lines above it
			leave(place)
		}
		return true
	})
	found.shape = shapeOf(content, cuts)
	return found, nil
}

// maxTexts is the maximum number of a text: a file has at most one for each of its lines.
const maxTexts = 1 << 20

// writtenText returns number and literal of a call such as
//
//	templruntime.WriteString(templ_7745c5c3_Buffer, 1, "<p>")
func writtenText(node ast.Node) (index int, literal *ast.BasicLit, ok bool) {
	call, isCall := node.(*ast.CallExpr)
	if !isCall || len(call.Args) != 3 || !selects(call.Fun, "templruntime", "WriteString") {
		return 0, nil, false
	}
	number, isNumber := call.Args[1].(*ast.BasicLit)
	literal, isText := call.Args[2].(*ast.BasicLit)
	if !isNumber || !isText || literal.Kind != token.STRING || !strings.HasPrefix(literal.Value, `"`) {
		return 0, nil, false
	}
	index, err := strconv.Atoi(number.Value)
	return index, literal, err == nil && index > 0 && index <= maxTexts
}

// errorPlace returns the values of line and column in templ.Error{Err: …, FileName: …, Line: 9, Col: 56}.
func errorPlace(node ast.Node) []ast.Expr {
	literal, ok := node.(*ast.CompositeLit)
	if !ok || !selects(literal.Type, "templ", "Error") {
		return nil
	}
	var places []ast.Expr
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); ok && (key.Name == "Line" || key.Name == "Col") {
			places = append(places, pair.Value)
		}
	}
	return places
}

// selects reports whether an expression is pkg.name.
func selects(expr ast.Expr, pkg, name string) bool {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != name {
		return false
	}
	ident, ok := selector.X.(*ast.Ident)
	return ok && ident.Name == pkg
}

// shapeOf returns the hash of the content without the cuts, which are in order and do not overlap.
func shapeOf(content []byte, cuts []span) (sum [sha256.Size]byte) {
	hash := sha256.New()
	from := 0
	for _, c := range cuts {
		if c.from < from {
			continue
		}
		hash.Write(content[from:c.from])
		hash.Write([]byte{0}) // a byte that no Go file contains
		from = c.to
	}
	hash.Write(content[from:])
	return [sha256.Size]byte(hash.Sum(nil))
}
