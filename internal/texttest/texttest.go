// Package texttest checks that the keys of texts and the code that uses them agree.
package texttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/text"
)

// Languages are the languages that every set of Covet has besides English.
var Languages = []string{"de"}

// Code is where the texts of a set are used.
type Code struct {
	// Receivers are the sets in calls of T, as they are written: "texts", "web.Texts()".
	Receivers []string
	// Functions are the names of further functions and methods that take a key, and the index of that argument, behind
	// which those of the text follow. Defaults to none.
	Functions map[string]int
	// Folders contain the Go files, generated ones included. Defaults to the folder of the test.
	Folders []string
}

// Check compares a set of texts with the code that uses it. Errors are a key that the set does not have, arguments that
// are not those of the text, a text that no code uses, and one that a language of [Languages] lacks. A composed key, such
// as "status." + code, uses all texts whose keys begin with its first literal.
func Check(t *testing.T, set *text.Set, code ...Code) {
	t.Helper()
	c := checker{t: t, set: set, used: map[string]bool{}}
	for _, c.Code = range code {
		if len(c.Folders) == 0 {
			c.Folders = []string{"."}
		}
		for _, folder := range c.Folders {
			c.folder(folder)
		}
	}
	for _, key := range set.Keys() {
		if !c.isUsed(key) {
			t.Errorf("no code uses the text %s.%s", set.Name(), key)
		}
	}
	for _, lang := range Languages {
		for _, key := range set.Missing(lang) {
			t.Errorf("%s.yaml: the text %s.%s is missing", lang, set.Name(), key)
		}
	}
}

type checker struct {
	Code
	t        *testing.T
	set      *text.Set
	used     map[string]bool // keys
	prefixes []string        // of composed keys
}

func (c *checker) isUsed(key string) bool {
	return c.used[key] || slices.ContainsFunc(c.prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

func (c *checker) folder(folder string) {
	c.t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		c.t.Fatalf("reading %s: no Go files, %v", folder, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			c.t.Fatal(err)
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
		if err != nil {
			c.t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if i := c.keyIndex(call, files, source); i >= 0 {
				c.call(call.Args[i], call.Args[i+1:], files.Position(call.Pos()))
			}
			return true
		})
	}
}

// keyIndex returns the index of the argument that is a key of the set; -1 if the call has none.
func (c *checker) keyIndex(call *ast.CallExpr, files *token.FileSet, source []byte) int {
	name := ""
	switch function := call.Fun.(type) {
	case *ast.SelectorExpr:
		receiver := string(source[files.Position(function.X.Pos()).Offset:files.Position(function.X.End()).Offset])
		if function.Sel.Name == "T" && slices.Contains(c.Receivers, receiver) {
			return 1
		}
		name = function.Sel.Name
	case *ast.Ident:
		name = function.Name
	}
	if index, ok := c.Functions[name]; ok && index < len(call.Args) {
		return index
	}
	return -1
}

// call records the key of a call and checks its arguments.
func (c *checker) call(key ast.Expr, args []ast.Expr, at token.Position) {
	if name, ok := literal(key); ok {
		c.used[name] = true
		c.checkArgs(name, args, at)
	} else if prefix, ok := leftmost(key); ok {
		c.prefixes = append(c.prefixes, prefix)
	}
}

// checkArgs compares the names of the arguments with those of the text.
func (c *checker) checkArgs(key string, args []ast.Expr, at token.Position) {
	want, known := c.set.Args(key)
	if !known {
		c.t.Errorf("%s: there is no text %s.%s", at, c.set.Name(), key)
		return
	}
	var got []string
	for i := 0; i < len(args); i += 2 {
		name, ok := literal(args[i])
		if !ok {
			return // the arguments come from elsewhere
		}
		got = append(got, name)
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			c.t.Errorf("%s: the text %s.%s lacks its argument %q", at, c.set.Name(), key, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			c.t.Errorf("%s: the text %s.%s has no argument %q", at, c.set.Name(), key, name)
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}

// leftmost returns the literal at the beginning of a concatenation.
func leftmost(e ast.Expr) (string, bool) {
	for {
		binary, ok := e.(*ast.BinaryExpr)
		if !ok {
			return literal(e)
		}
		e = binary.X
	}
}
