package render

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
)

// known are the packages that generated code may use, by name.
var known = map[string]string{
	"bytes": "bytes", "cmp": "cmp", "context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "json": "encoding/json", "slices": "slices",
	"strconv": "strconv", "strings": "strings", "testing": "testing", "time": "time", "url": "net/url", "io": "io",
	"slog": "log/slog",

	"admin": project.Library + "/app/admin", "api": project.Library + "/app/api", "apptest": project.Library + "/app/apptest",
	"auth": project.Library + "/app/auth", "authtest": project.Library + "/app/auth/authtest", "covet": project.Library + "/app",
	"covetjobs": project.Library + "/jobs", "covetmodels": project.Library + "/models", "database": project.Library + "/app/database",
	"identity": project.Library + "/app/identity", "mail": project.Library + "/app/mail", "markdown": project.Library + "/app/web/markdown", "middleware": project.Library + "/app/middleware", "throttle": project.Library + "/app/throttle",
	"paging":  project.Library + "/app/paging",
	"problem": project.Library + "/app/problem",
	"storage": project.Library + "/app/storage", "ui": project.Library + "/app/web/ui", "validate": project.Library + "/app/validate",
	"web": project.Library + "/app/web", "covetmigrations": project.Library + "/migrations", "exit": project.Library + "/app/exit",

	"clause": "gorm.io/gorm/clause", "cobra": "github.com/spf13/cobra", "decimal": "github.com/shopspring/decimal",
	"echo": "github.com/labstack/echo/v4", "gorm": "gorm.io/gorm", "templ": "github.com/a-h/templ", "uuid": "github.com/google/uuid",
}

// ownPackages are the packages of the application that generated code may use, with their paths below the module.
var ownPackages = map[string]string{
	"app": "app", "commands": "app/commands", "config": "config", "factory": "models/factory", "jobs": "jobs",
	"mails": "app/mails", "models": "models", "seeds": "app/seeds", "views": "app/views",
}

// HasPackage reports whether generated code may use a package of that name.
func HasPackage(name string) bool {
	_, library := known[name]
	_, own := ownPackages[name]
	return library || own
}

// goFile completes rendered Go code: it adds imports for the names that the code uses, and formats it.
func goFile(name, text, module string, local map[string]string) ([]byte, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	used := map[string]bool{}
	local = maps.Clone(local)
	ast.Inspect(parsed, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if ident, ok := selector.X.(*ast.Ident); ok {
				used[ident.Name] = true
				if slices.Contains(ofGo, ident.Name+"."+selector.Sel.Name) {
					delete(local, ident.Name)
				}
			}
		}
		return true
	})
	content, err := format.Source([]byte(withImports(text, imports(used, name, parsed.Name.Name, module, local))))
	if err != nil {
		return nil, fmt.Errorf("formatting %s: %w", name, err)
	}
	return content, nil
}

// ofGo is what tests use of packages of Go of which a resource may have the name: the package of strings is strings.
var ofGo = []string{"strings.Repeat"}

var qualified = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

// templFile is goFile for a .templ file.
func templFile(name, text, module string, local map[string]string) []byte {
	used := map[string]bool{}
	for _, match := range qualified.FindAllStringSubmatch(text, -1) {
		used[match[1]] = true
	}
	delete(used, "templ") // imported by the generator
	pkg := strings.Fields(strings.TrimPrefix(text[strings.Index(text, "package "):], "package "))[0]
	return []byte(withImports(text, imports(used, name, pkg, module, local)))
}

// imports are the import lines of a file for the used names, in groups: the standard library, others, Covet, the application.
func imports(used map[string]bool, file, pkg, module string, local map[string]string) [4][]string {
	var groups [4][]string
	own := module + "/" + path.Dir(file) // a package called errors imports that of Go, but never itself
	if strings.HasSuffix(pkg, "_test") {
		own = ""
	}
	for name := range used {
		imported := meant(name, pkg, module, local)
		switch {
		case imported == "" || imported == own:
		case strings.HasPrefix(imported, module+"/"):
			groups[3] = append(groups[3], spec(name, imported))
		case strings.HasPrefix(imported, project.Library+"/"):
			groups[2] = append(groups[2], spec(name, imported))
		case strings.Contains(imported, "."):
			groups[1] = append(groups[1], spec(name, imported))
		default:
			groups[0] = append(groups[0], spec(name, imported))
		}
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b string) int {
			return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
		})
	}
	return groups
}

// meant is the package that a name means, or nothing for a variable.
func meant(name, pkg, module string, local map[string]string) string {
	imported, ok := known[name]
	if below, there := local[name]; there && (!ok || pkg == name+"_test") {
		return module + "/" + below
	}
	if below, ours := ownPackages[name]; ours {
		return module + "/" + below
	}
	return imported
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

func spec(name, imported string) string {
	if path.Base(majorVersion.ReplaceAllString(imported, "")) == name {
		return strconv.Quote(imported)
	}
	return name + " " + strconv.Quote(imported)
}

var packageClause = regexp.MustCompile(`(?m)^package \w+\n`)

// withImports writes the import declaration behind the package clause.
func withImports(text string, groups [4][]string) string {
	var blocks []string
	for _, group := range groups {
		if len(group) > 0 {
			blocks = append(blocks, "\t"+strings.Join(group, "\n\t"))
		}
	}
	at := packageClause.FindStringIndex(text)
	switch joined := strings.Join(blocks, "\n\n"); {
	case joined == "":
		return text
	case strings.Count(joined, "\n") == 0:
		return text[:at[1]] + "\nimport " + strings.TrimSpace(joined) + "\n" + text[at[1]:]
	default:
		return text[:at[1]] + "\nimport (\n" + joined + "\n)\n" + text[at[1]:]
	}
}
