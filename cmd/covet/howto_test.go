package main_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// block is a fenced block, or a line of a test script in a comment. A comment before a block says what it changes:
//
//	<!-- write: migrations/*/*_rename.sql -->           the block is the content of the file, or of all that match
//	<!-- declare: models/user.go -->                    its declarations replace those of the same name, or are added
//	<!-- insert: app/app.go before: contact.Routes -->  it goes before the first line with the text
//	<!-- script: stdout 'applied' -->                   a line of the test script, without a block
var block = regexp.MustCompile("(?m)^<!-- script: (.*) -->$|^(?:<!-- ([a-z]+: .*) -->\n)?```(\\w+)\n((?s:.*?))^```$")

var guides = flag.Bool("guides", false, "execute every page of docs/how-to, and not only two")

// executed are the pages that are always executed: one with SQL and Go, and one with commands.
var executed = []string{"rename-a-column", "enqueue-a-job"}

// TestHowTo executes pages of docs/how-to in a new application, from top to bottom, so that a page cannot differ from what
// works: shell blocks run, and all other blocks change files. The blocks of all pages are read.
func TestHowTo(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/how-to/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("there are no pages: %v", err)
	}
	var scripts []string
	dir := t.TempDir()
	for _, page := range pages {
		if name := strings.TrimSuffix(filepath.Base(page), ".md"); name != "README" {
			script := filepath.Join(dir, name+".txtar")
			if err := os.WriteFile(script, howToScript(t, page), 0o600); err != nil {
				t.Fatal(err)
			}
			if *guides || slices.Contains(executed, name) {
				scripts = append(scripts, script)
			}
		}
	}
	if len(scripts) < len(executed) {
		t.Fatalf("there are %d of the pages %q", len(scripts), executed)
	}
	params := scriptParams(t, testscript.Params{Files: scripts})
	params.Cmds["change"], params.Cmds["publish"] = change, publish
	testscript.Run(t, params)
}

// howToScript returns the test script of a page.
func howToScript(t *testing.T, page string) []byte {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var script, files bytes.Buffer
	script.WriteString("exec covet new blog --no-git --no-tidy\ncd blog\n")
	blocks := block.FindAllSubmatch(text, -1)
	if bytes.Count(text, []byte("\n```")) != 2*len(slices.DeleteFunc(slices.Clone(blocks), func(b [][]byte) bool { return b[3] == nil })) {
		t.Fatalf("%s has blocks that are not executed", page)
	}
	for i, b := range blocks {
		file := fmt.Sprintf("step%d.%s", i+1, b[3])
		switch line, directive := string(b[1]), string(b[2]); {
		case line != "":
			script.WriteString(line + "\n")
			continue
		case string(b[3]) == "sh":
			fmt.Fprintf(&script, "exec sh -e $WORK/%s\n", file)
		case directive == "":
			t.Fatalf("%s: the comment before this block is missing:\n%s", page, b[4])
		default:
			fmt.Fprintf(&script, "change '%s' $WORK/%s\n", directive, file)
		}
		fmt.Fprintf(&files, "-- %s --\n%s", file, b[4])
	}
	return append(script.Bytes(), files.Bytes()...)
}

// change changes files of the application as the comment of a block says: "change 'write: go.mod' step1.go".
func change(ts *testscript.TestScript, _ bool, args []string) {
	action, target, _ := strings.Cut(args[0], ": ")
	target, before, _ := strings.Cut(target, " before: ")
	paths, err := filepath.Glob(ts.MkAbs(target))
	ts.Check(err)
	if len(paths) == 0 {
		paths = []string{ts.MkAbs(target)}
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil && (action != "write" || !errors.Is(err, os.ErrNotExist)) {
			ts.Check(err)
		}
		text := ts.ReadFile(args[1])
		switch action {
		case "write":
		case "declare":
			text = declare(ts, string(content), text)
		case "insert":
			at := strings.Index(string(content), before)
			if before == "" || at < 0 {
				ts.Fatalf("%s has no line with %q", target, before)
			}
			at = strings.LastIndex(string(content[:at]), "\n") + 1
			text = string(content[:at]) + text + string(content[at:])
		default:
			ts.Fatalf("there is no action %q", action)
		}
		if filepath.Ext(path) == ".go" {
			formatted, err := format.Source([]byte(text))
			ts.Check(err)
			text = string(formatted)
		}
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o750))
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}

// declare returns a Go file in which the declarations of code replace those of the same name, or are added.
func declare(ts *testscript.TestScript, file, code string) string {
	code = "package p\n" + code
	for _, d := range declarations(ts, code) {
		text := code[d.from:d.to]
		if d.name == "" { // an import
			clause := regexp.MustCompile(`(?m)^package \w+$`).FindStringIndex(file)[1]
			file = file[:clause] + "\n\n" + text + file[clause:]
			continue
		}
		old := slices.IndexFunc(declarations(ts, file), func(other declaration) bool { return other.name == d.name })
		if old < 0 {
			file += "\n" + text + "\n"
			continue
		}
		replaced := declarations(ts, file)[old]
		file = file[:replaced.from] + text + file[replaced.to:]
	}
	return file
}

// declaration is a declaration with its comment, and its position in a file. An import has no name.
type declaration struct {
	name     string
	from, to int
}

func declarations(ts *testscript.TestScript, file string) []declaration {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "", file, parser.ParseComments)
	ts.Check(err)
	var list []declaration
	for _, decl := range parsed.Decls {
		d := declaration{from: fset.Position(decl.Pos()).Offset, to: fset.Position(decl.End()).Offset}
		var doc *ast.CommentGroup
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			doc, d.name = decl.Doc, decl.Name.Name
			if decl.Recv != nil {
				receiver := decl.Recv.List[0].Type
				d.name = file[fset.Position(receiver.Pos()).Offset:fset.Position(receiver.End()).Offset] + "." + d.name
			}
		case *ast.GenDecl:
			doc = decl.Doc
			switch spec := decl.Specs[0].(type) {
			case *ast.TypeSpec:
				d.name = spec.Name.Name
			case *ast.ValueSpec:
				d.name = spec.Names[0].Name
			}
		}
		if doc != nil {
			d.from = fset.Position(doc.Pos()).Offset
		}
		list = append(list, d)
	}
	return list
}

// publish makes the checkout available to the go command as releases of Covet, in a proxy and a module cache of the
// script's own: "publish v0.1.0 v0.2.0". It makes the application require the first one.
func publish(ts *testscript.TestScript, _ bool, args []string) {
	const covet = "github.com/covetgo/covet"
	versions := filepath.Join(ts.Getenv("WORK"), ".proxy", filepath.FromSlash(covet), "@v")
	ts.Check(os.MkdirAll(versions, 0o750))
	root, err := filepath.Abs("../..")
	ts.Check(err)
	for _, version := range args {
		var archive bytes.Buffer
		ts.Check(zip.CreateFromDir(&archive, module.Version{Path: covet, Version: version}, root))
		mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
		ts.Check(err)
		for name, content := range map[string][]byte{
			version + ".zip": archive.Bytes(), version + ".mod": mod,
			version + ".info": []byte(`{"Version":"` + version + `"}`), "list": []byte(strings.Join(args, "\n")),
		} {
			ts.Check(os.WriteFile(filepath.Join(versions, name), content, 0o600))
		}
	}
	cache := filepath.Join(ts.Getenv("WORK"), ".modules")
	linkExcept(ts, ts.Getenv("GOMODCACHE"), cache, "cache", "cache/lock", "cache/download", "cache/download/github.com",
		"cache/download/github.com/covetgo", "github.com", "github.com/covetgo")
	ts.Setenv("MODULES", ts.Getenv("GOMODCACHE"))
	ts.Setenv("CHECKOUT", root)
	ts.Setenv("GOMODCACHE", cache)
	ts.Setenv("GOPROXY", "file://"+filepath.ToSlash(filepath.Join(ts.Getenv("WORK"), ".proxy")))
	ts.Setenv("GOSUMDB", "off")
	ts.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	ts.Check(ts.Exec("go", "mod", "edit", "-dropreplace="+covet, "-require="+covet+"@"+args[0]))
}

// linkExcept makes a folder with links to the entries of another one. The named entries are folders of its own, with
// links in them, if another name begins with theirs, and otherwise left out.
func linkExcept(ts *testscript.TestScript, from, to string, except ...string) {
	var link func(path string)
	link = func(path string) {
		entries, err := os.ReadDir(filepath.Join(from, path))
		ts.Check(err)
		ts.Check(os.MkdirAll(filepath.Join(to, path), 0o750))
		for _, entry := range entries {
			name := filepath.Join(path, entry.Name())
			switch own := slices.Contains(except, filepath.ToSlash(name)); {
			case !own:
				ts.Check(os.Symlink(filepath.Join(from, name), filepath.Join(to, name)))
			case slices.ContainsFunc(except, func(e string) bool { return strings.HasPrefix(e, filepath.ToSlash(name)+"/") }):
				link(name)
			}
		}
	}
	link(".")
}
