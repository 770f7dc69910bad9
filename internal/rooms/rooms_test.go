// Package rooms_test proves by "go list" what CONTRIBUTING.md says of the rooms
// of this house: who imports whom, and what is never linked. The linter says the
// same in the editor.
package rooms_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/covetgo/covet/"

// leaves are the rooms that import nothing of ours but what is named.
var leaves = map[string][]string{
	"config":                {},
	"models":                {},
	"app/exit":              {},
	"app/identity":          {},
	"app/problem":           {},
	"app/redis":             {},
	"app/log":               {},
	"app/mail":              {},
	"app/storage":           {},
	"app/database":          {},
	"app/database/sqlite":   {"app/database"},
	"app/database/postgres": {"app/database"},
	"app/database/mysql":    {"app/database"},
	"app/validate":          {"app/problem"},
	"app/internal/value":    {"app/problem"},
	"app/internal/upload":   {"app/problem", "app/internal/value"},
	"app/middleware":        {"app/problem", "app/identity"},
	"app/auth/password":     {},
	"app/throttle":          {"app/redis"},
	"app/audit":             {"models", "app/database", "app/identity", "app/middleware"},
	"migrations":            {"app/database"},
	"jobs":                  {"models", "app/database", "app/redis", "app/identity", "jobs/internal/cron"},
	"jobs/internal/cron":    {},
	"scaffold":              {},
}

// above are rooms that may import every leaf, and what is named besides.
var above = map[string][]string{
	"app/web":                  {},
	"app/web/ui":               {},
	"app":                      {"app/web", "app/internal/dev", "internal/devlink", "internal/errorpage"},
	"app/internal/dev":         {"app/web", "internal/errorpage"},
	"app/admin":                {"app", "app/web", "app/admin/internal/meta", "app/admin/internal/panel"},
	"app/admin/internal/meta":  {},
	"app/admin/internal/store": {"app/admin/internal/meta"},
	"app/admin/internal/views": {"app/web"},
	"app/admin/internal/chart": {},
	"app/admin/internal/live":  {},
	"app/admin/internal/panel": {
		"app/web", "app/admin/internal/meta", "app/admin/internal/store", "app/admin/internal/views", "app/admin/internal/chart",
		"app/admin/internal/live",
	},
	"app/api":                     {"app", "app/web", "app/api/internal/cbor", "app/api/internal/schema", "app/api/internal/docs", "app/api/internal/typescript"},
	"app/api/internal/cbor":       {},
	"app/api/internal/schema":     {},
	"app/api/internal/docs":       {"app/web"},
	"app/api/internal/typescript": {},
	"app/command":                 {"app", "internal/devlink"},
	"app/apptest":                 {"app", "app/command", "internal/testserver"},
	"app/auth":                    {"app", "app/web", "app/web/ui", "app/auth/page", "app/auth/views", "app/auth/mails"},
	"app/auth/authtest":           {"app/apptest"},
	"app/storage/storagetest":     {},
	"app/auth/page":               {"app/web/ui"},
	"app/auth/views":              {"app/auth/page", "app/web/ui"},
	"app/auth/mails":              {},
}

// forTests stands for the rooms below internal that only tests may link.
const forTests = "covet's own tests"

// testRooms are those rooms.
var testRooms = []string{
	module + "internal/browsertest", module + "internal/madeup", module + "internal/processtest", module + "internal/rooms",
	module + "internal/testserver",
}

// neverLinked names what a room must not carry into a binary, directly or not.
var neverLinked = map[string][]string{
	"app":          {"github.com/fxamacker/", "modernc.org/", "github.com/libtnb/", "github.com/jackc/pgx", "github.com/go-sql-driver/", "testing", module + "app/apptest", forTests, "github.com/PuerkitoBio/", "github.com/charmbracelet/"},
	"app/api":      {"github.com/labstack/echo/v5", "github.com/danielgtaylor/huma/v2/adapters", "github.com/santhosh-tekuri/", "testing", module + "app/command", forTests},
	"app/command":  {"github.com/danielgtaylor/", module + "app/api", "modernc.org/", "github.com/libtnb/", "github.com/jackc/pgx", "github.com/go-sql-driver/", "testing", module + "app/apptest", forTests, module + "scaffold"},
	"app/database": {"modernc.org/", "github.com/libtnb/", "github.com/jackc/pgx", "github.com/go-sql-driver/"},
	"migrations":   {"modernc.org/", "github.com/libtnb/", "github.com/jackc/pgx", "github.com/go-sql-driver/"},
	"scaffold":     {"github.com/labstack/echo", "gorm.io/", "github.com/hibiken/asynq"},
	"cmd/covet":    {"github.com/labstack/echo", "gorm.io/", "github.com/hibiken/asynq", "modernc.org/", "testing"},
	// The skeleton with all its batteries: what only tests and the command line need stays out of it.
	"scaffold/skeleton/cmd/covetapp": {"github.com/santhosh-tekuri/", "github.com/go-playground/", "testing", "github.com/chromedp/", "github.com/PuerkitoBio/", "github.com/charmbracelet/huh", "github.com/a-h/templ/generator", module + "app/apptest", forTests, "github.com/a-h/parse"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// list returns the packages of the module by their path below it.
func list(t *testing.T) map[string]listed {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]listed{}
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(p.ImportPath, module)] = p
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	check := func(room string, allowed func(string) bool) {
		p, ok := packages[room]
		if !ok {
			t.Errorf("there is no room %s", room)
		}
		for _, path := range p.Imports {
			if name, ours := strings.CutPrefix(path, module); ours && !allowed(name) {
				t.Errorf("%s imports %s", room, name)
			}
		}
	}
	for room, names := range leaves {
		check(room, func(name string) bool { return slices.Contains(names, name) })
	}
	for room, names := range above {
		check(room, func(name string) bool {
			_, leaf := leaves[name]
			return leaf && name != "scaffold" || slices.Contains(names, name)
		})
	}
	for name := range packages {
		_, leaf := leaves[name]
		_, upper := above[name]
		known := leaf || upper
		for _, prefix := range []string{"scaffold/", "cmd/", "internal/", "bench/", "docs"} {
			known = known || strings.HasPrefix(name, prefix)
		}
		if !known {
			t.Errorf("%s is a room without a rule: add it to this test, to .golangci.yml and to CONTRIBUTING.md", name)
		}
	}
}

func TestNeverLinked(t *testing.T) {
	t.Parallel()
	packages := list(t)
	for room, unwanted := range neverLinked {
		p, ok := packages[room]
		if !ok {
			t.Errorf("there is no room %s", room)
		}
		if slices.Contains(unwanted, forTests) {
			unwanted = append(slices.Clone(unwanted), testRooms...)
		}
		for _, dep := range p.Deps {
			for _, path := range unwanted {
				if dep == path || (strings.HasSuffix(path, "/") && strings.HasPrefix(dep, path)) || strings.HasPrefix(dep, path+"/") {
					t.Errorf("%s links %s", room, dep)
				}
			}
		}
	}
}
