package generate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/generate"
	"github.com/covetgo/covet/scaffold/inflect"
)

// The variables of a resource are never identifiers of the templates: whatever a generated file declares or imports, no
// resource has a variable of that name.
func TestVariablesAreNotIdentifiersOfTemplates(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	write(t, generated(t, dir, "resource", "zebra_crossing", []string{"zebra_title:string!"}, generate.Flags{}))
	change := generated(t, dir, "resource", "zebra_walk", append(zebraFields("zebra_a"), append(zebraFields("zebra_b"),
		"zebra_owner:belongs_to:user?", "zebra_crossing:belongs_to:zebra_crossing!")...), generate.Flags{Parent: "zebra_crossing"})

	found := 0
	types := map[string]bool{}
	for _, f := range change.Files {
		if path.Ext(f.Path) != ".go" || f.Status != generate.Create {
			continue
		}
		for name := range localNames(t, f.Path, f.After) {
			if strings.HasPrefix(f.Path, "app/zebra") && ast.IsExported(name) && !strings.Contains(name, "Zebra") {
				types[name] = true
				continue
			}
			n, err := inflect.Parse(name)
			if strings.Contains(strings.ToLower(name), "zebra") || err != nil {
				continue
			}
			found++
			if n.Var == name || n.Vars == name {
				t.Errorf("%s uses the identifier %s, and a resource may have a variable of that name", f.Path, name)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d identifiers were checked", found)
	}

	// Nor does a resource whose model is called like a type of the templates break.
	for name := range types {
		if n, err := inflect.Parse(name); err != nil || n.Type != name {
			continue
		}
		if _, err := tryGenerate(t, dir, "resource", name, []string{"title:string!", "cover:file"}, generate.Flags{}); err != nil {
			t.Errorf("resource %s: %v", name, err)
		}
	}
}

// zebraFields are fields of every type.
func zebraFields(prefix string) []string {
	var fields []string
	for i, spec := range []string{
		"string!:unique", "string?:unique", "text", "int", "bigint?:unique", "float", "decimal(10,2):unique", "bool", "date:unique",
		"time:unique", "uuid", "json", "enum(a,b):default=b", "file", "belongs_to:zebra_crossing?", "belongs_to:zebra_walk?", "many:zebra_crossing",
		"date:default=2026-01-31", "json:default=[]", "uuid:default=0190a3b4-0000-7000-8000-000000000001",
	} {
		fields = append(fields, prefix+strings.Repeat("x", i)+":"+spec)
	}
	return fields
}

// localNames are the identifiers that a variable could hide or be hidden by: imports, parameters, variables, constants,
// functions and types, but not fields and methods.
func localNames(t *testing.T, name string, content []byte) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	add := func(idents ...*ast.Ident) {
		for _, ident := range idents {
			if ident != nil && ident.Name != "_" && !strings.HasPrefix(ident.Name, "templ_") {
				names[ident.Name] = true
			}
		}
	}
	for _, spec := range file.Imports {
		if names[strings.Trim(path.Base(spec.Path.Value), `"`)] = spec.Name == nil; spec.Name != nil {
			add(spec.Name)
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil {
				add(n.Name)
			} else {
				add(n.Recv.List[0].Names...)
			}
		case *ast.FuncType:
			for _, field := range n.Params.List {
				add(field.Names...)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if ident, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					add(ident)
				}
			}
		case *ast.RangeStmt:
			for _, expr := range []ast.Expr{n.Key, n.Value} {
				if ident, ok := expr.(*ast.Ident); ok {
					add(ident)
				}
			}
		case *ast.ValueSpec:
			add(n.Names...)
		case *ast.TypeSpec:
			add(n.Name)
		}
		return true
	})
	delete(names, "v4") // echo
	return names
}

// Names that mean something in the generated code, and relations that lead to the same model several times.
func TestNamesThatCollide(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	for _, line := range []string{
		"model tag name:string!",
		"resource shop/tag name:string!",
		"resource post title:string! a:many:tag b:many:tag self:many:post own:many:post c:belongs_to:tag d:belongs_to:tag? e:many:shop/tag",
		"resource admin name:string! cover:file",
		"resource number value:int!",
		"resource unique number:belongs_to:number! admin:belongs_to:admin?",
		"model link number:belongs_to:number",
		"resource handler links:many:link unique:belongs_to:unique?",
		"resource output link:belongs_to:link tag:belongs_to:shop/tag other:belongs_to:tag",
		"resource file_output name:string! parent:belongs_to:file_output? user:belongs_to:user file:file",
		"resource list_param records:many:output record:belongs_to:output",
	} {
		change, err := plan(dir, line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		write(t, change)
	}
	if text := read(t, dir, "app/posts/store.go"); strings.Count(text, "func (s *Store) set") != 5 {
		t.Errorf("app/posts/store.go does not set each relation:\n%s", text)
	}
}

// Every function that tests share is called: linters would report others.
func TestHelpersAreUsed(t *testing.T) {
	t.Parallel()
	for variant, opts := range kindVariants {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			dir := newApplication(t, opts)
			for _, line := range []string{
				"resource tag name:string!",
				"resource number value:int!",
				"resource post title:string! tags:many:tag related:belongs_to:post? number:belongs_to:number",
				"resource comment value:int post:belongs_to:post --parent=post",
			} {
				words := strings.Fields(line)
				flags := generate.Flags{}
				if words[len(words)-1] == "--parent=post" {
					words, flags.Parent = words[:len(words)-1], "post"
				}
				for _, skip := range [][]string{nil, {"html"}, {"api"}} {
					flags.Skip = skip
					change := generated(t, dir, words[0], words[1], words[2:], flags)
					checkHelpers(t, change)
					if skip == nil {
						write(t, change)
					}
				}
			}
		})
	}
}

// checkHelpers checks that the other tests of a package use the functions of its helpers_test.go.
func checkHelpers(t *testing.T, change *generate.Change) {
	t.Helper()
	var helpers []string
	used := map[string]bool{}
	for _, f := range change.Files {
		if !strings.HasPrefix(f.Path, "app/") || !strings.HasSuffix(f.Path, "_test.go") || f.After == nil {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.After, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(f.Path) == "helpers_test.go" {
			for _, decl := range file.Decls {
				if function, ok := decl.(*ast.FuncDecl); ok {
					helpers = append(helpers, function.Name.Name)
				}
			}
			continue
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if ident, ok := node.(*ast.Ident); ok {
				used[ident.Name] = true
			}
			return true
		})
	}
	for _, helper := range helpers {
		if !used[helper] {
			t.Errorf("%s: no test calls %s", change.Title, helper)
		}
	}
}
