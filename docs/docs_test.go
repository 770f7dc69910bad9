// Package docs_test holds the documentation against the code: links lead somewhere, examples are what they say they
// are, tables have what the code has.
package docs_test

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/config"
)

var update = flag.Bool("update", false, "write the generated tables")

const root = ".."

// documents returns the Markdown files of the repository, by path from its root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "bin" || name == "testdata") {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		relative, _ := strings.CutPrefix(filepath.ToSlash(path), root+"/")
		texts[relative] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	texts := documents(t)
	for path, text := range texts {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := path
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(path), target))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: %s leads nowhere", path, match[1])
			} else if anchor != "" && !slices.Contains(anchors(texts[file]), anchor) {
				t.Errorf("%s: %s has no heading for #%s", path, file, anchor)
			}
		}
	}
}

// anchors returns the names that GitHub gives to the headings of a text.
func anchors(text string) []string {
	var names []string
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, match[1]))
	}
	return names
}

var spaces = regexp.MustCompile(`(?m)^ `)

var elision = regexp.MustCompile(`(?m)^\s*// …\n`)

func TestGoBlocksParse(t *testing.T) {
	t.Parallel()
	for path, text := range documents(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			if block[1] != "go" || strings.HasPrefix(path, "docs/how-to/") {
				continue // a test in cmd/covet executes the pages of how-to
			}
			if spaces.MatchString(block[2]) {
				t.Errorf("%s: a block is indented with spaces:\n%s", path, block[2])
			}
			if quoted(text, block[0]) != "" {
				continue // compared with the code itself
			}
			if _, err := format.Source([]byte(elision.ReplaceAllString(block[2], ""))); err != nil {
				t.Errorf("%s: %v in\n%s", path, err, block[2])
			}
		}
	}
}

var source = regexp.MustCompile(`<!-- from: (\S+) -->\n$`)

// quoted returns the file that a block is quoted from, by the comment in front of it, or "".
func quoted(text, block string) string {
	before, _, _ := strings.Cut(text, block)
	if match := source.FindStringSubmatch(before); match != nil {
		return match[1]
	}
	return ""
}

// A block below <!-- from: path --> stands in that file, line by line; "// …" stands for lines left out.
func TestQuotedBlocksAreInTheCode(t *testing.T) {
	t.Parallel()
	for path, text := range documents(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			file := quoted(text, block[0])
			if file == "" {
				continue
			}
			content, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			rest := unindented(string(content))
			for _, part := range elision.Split(block[2], -1) {
				at := strings.Index(rest, unindented(part))
				if at < 0 {
					t.Errorf("%s: this is not in %s, or not in this order:\n%s", path, file, part)
					break
				}
				rest = rest[at+len(unindented(part)):]
			}
		}
	}
}

// unindented returns a text without indentation and without the markers of the skeleton.
func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "// covet:") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

var mention = regexp.MustCompile("`((?:[\\w.-]+/)+[\\w.-]+\\.(?:go|templ|yaml|yml|tmpl))`(?:\\s+`([A-Za-z]\\w*)(?:\\.(\\w+))?(?:\\(\\))?`)?")

// What CONTRIBUTING, the decisions and these pages say about files and functions is so: `app/server.go` exists, and
// `app/server.go` `App.listen` declares it.
func TestMentionedFilesExist(t *testing.T) {
	t.Parallel()
	for path, text := range documents(t) {
		if path == "README.md" || path == "CHANGELOG.md" || path == "docs/generators.md" || strings.HasPrefix(path, "scaffold/") {
			continue // they speak of the application's files
		}
		for _, match := range mention.FindAllStringSubmatch(text, -1) {
			file := match[1]
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				file = "scaffold/skeleton/" + file
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil && !generated(t, match[1]) {
				t.Errorf("%s: there is no %s", path, match[1])
			} else if name := match[2]; name != "" && strings.HasSuffix(file, ".go") && !declares(t, file, name, match[3]) {
				t.Errorf("%s: %s declares no %s", path, file, strings.TrimSuffix(name+"."+match[3], "."))
			}
		}
	}
}

// generated reports whether a generator writes a file of this name, as its golden files have it.
func generated(t *testing.T, file string) bool {
	t.Helper()
	goldens, err := filepath.Glob(filepath.Join(root, "scaffold", "generate", "testdata", "kinds", "*.txt"))
	if err != nil || len(goldens) == 0 {
		t.Fatalf("there are no golden files of generators: %v", err)
	}
	return slices.ContainsFunc(goldens, func(golden string) bool {
		content, err := os.ReadFile(golden)
		return err == nil && strings.Contains(string(content), "-- create "+file+" --")
	})
}

// declares reports whether a file declares a name, or a method of it.
func declares(t *testing.T, file, name, method string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if method == "" && d.Recv == nil && d.Name.Name == name {
				return true
			}
			if d.Recv != nil && d.Name.Name == method && receiver(d) == name {
				return true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if typ, ok := spec.(*ast.TypeSpec); ok && method == "" && typ.Name.Name == name {
					return true
				}
			}
		}
	}
	return false
}

func receiver(method *ast.FuncDecl) string {
	typ := method.Recv.List[0].Type
	if pointer, ok := typ.(*ast.StarExpr); ok {
		typ = pointer.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// The tables of keys are written from the configurations themselves: go test ./docs -update
func TestConfigurationKeys(t *testing.T) {
	t.Parallel()
	writeKeys[covet.Config](t, "configuration.md", "DATABASE_URL=sqlite::memory:")
	writeKeys[struct{ Auth auth.Config }](t, "auth.md")
}

// writeKeys holds that the table of keys in a document is that of the configuration C.
func writeKeys[C any](t *testing.T, path string, environ ...string) {
	t.Helper()
	loaded, err := config.Load[C](config.Options{Dir: t.TempDir(), Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| key | variable | default | meaning |\n|---|---|---|---|\n")
	for _, entry := range loaded.Entries() {
		fallback := ""
		if entry.Value != "" && entry.Source == "default" {
			fallback = "`" + entry.Value + "`"
		}
		fmt.Fprintf(&table, "| `%s` | `%s` | %s | %s |\n", entry.Key, entry.Env, fallback, strings.ReplaceAll(entry.Doc, "|", `\|`))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- keys: begin[^\n]*-->\n).*(<!-- keys: end -->)`)
	want := between.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(table.String(), "$", "$$")+"${2}")
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("the keys in %s are not those of %T; write them with: go test ./docs -update", path, loaded.Value)
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// positions is a module with middleware at every position, whose names are those of the positions.
type positions struct{}

func (positions) Name() string { return "positions" }

func (positions) Middleware() []covet.Middleware {
	pass := func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	return []covet.Middleware{
		{Name: "`covet.BeforeRouting`", Position: covet.BeforeRouting, Func: pass},
		{Name: "`covet.Identify`", Position: covet.Identify, Func: pass},
		{Name: "`covet.BeforeChecks`", Position: covet.BeforeChecks, Func: pass},
		{Name: "`covet.Outermost`", Position: covet.Outermost, Func: pass},
	}
}

// The tables of middleware have the chain that runs.
func TestMiddlewareChain(t *testing.T) {
	t.Parallel()
	cfg := covet.Config{App: covet.Application{Env: "test"}, Database: database.Config{URL: "sqlite::memory:"}}
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.WithoutCancel(t.Context())) })
	if err := a.Use(positions{}); err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \|`)
	for _, path := range []string{"docs/middleware.md", "docs/modules.md"} {
		var got []string
		for i, match := range row.FindAllStringSubmatch(documents(t)[path], -1) {
			if match[1] != fmt.Sprint(i+1) {
				t.Errorf("%s: row %d has the number %s", path, i+1, match[1])
			}
			got = append(got, match[2])
		}
		if want := append(a.Chain(), "router"); !slices.Equal(got, want) {
			t.Errorf("%s has the chain %q, and %q runs", path, got, want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	readme := documents(t)["README.md"]
	for _, code := range exit.Codes() {
		if row := fmt.Sprintf("| %d | %s |", code.Number, code.Meaning); !strings.Contains(readme, row) {
			t.Errorf("README.md lacks the row %s", row)
		}
	}
}
