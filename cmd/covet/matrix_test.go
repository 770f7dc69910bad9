//go:build matrix

package main_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/covetgo/covet/internal/madeup"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/scaffold"
)

// The size of the matrix: by default the variants have each choice, with -pairs each pair of choices. With -all there is
// every variant, and the sequences and the made-up resources are tested, too.
var (
	pairs = flag.Bool("pairs", false, "variants that together have each pair of choices")
	all   = flag.Bool("all", false, "every variant of the matrix")
)

// size is the smallest size of the matrix that has a variant.
type size int

const (
	small size = iota
	pairwise
	whole
)

// wanted returns the size of this run.
func wanted() size {
	switch {
	case *all:
		return whole
	case *pairs:
		return pairwise
	default:
		return small
	}
}

// variant is one choice of what covet new offers, and what is generated into it.
type variant struct {
	name      string
	databases string // separated by commas; "" is the default
	without   string // likewise
	generated [][]string
	database  func(testing.TB) string // of the server to run on; nil for SQLite
	size      size
}

func variants(t *testing.T) []variant {
	t.Helper()
	mysql, postgres := testserver.MySQL, testserver.Postgres
	return []variant{
		{"blog", "", "", append(kindLines(t, true), comments, formats), nil, small},
		{"mysql-without-all", "mysql", "auth,api", [][]string{everyType, untested}, mysql, small},

		{"mysql-without-auth", "mysql", "auth", [][]string{everyType, formats, shared, apiOnly}, mysql, pairwise},
		{"mysql-without-api", "mysql", "api", [][]string{nullable, readByAll}, mysql, pairwise},
		{"postgres-without-all", "postgres", "auth,api", append(kindLines(t, false), everyType, formats), postgres, pairwise},
		{"sqlite-without-admin-api", "sqlite", "admin,api", [][]string{owned, comments, formats, pagesOnly}, nil, pairwise},
		{"everything-without-auth", "mysql,postgres,sqlite", "auth", [][]string{defaults, namespaced, unadministered, untested}, mysql, pairwise},

		{"without-admin", "", "admin", [][]string{everyType, namespaced}, nil, whole},
		{"without-auth", "", "auth", [][]string{everyType, shared}, nil, whole},
		{"without-api", "", "api", [][]string{nullable, comments}, nil, whole},
		{"without-all", "", "auth,api", kindLines(t, false), nil, whole},
		{"sqlite", "sqlite", "", [][]string{nullable, owned, readByAll}, nil, whole},
		{"postgres", "postgres", "", [][]string{everyType, comments, namespaced}, postgres, whole},
		{"mysql", "mysql", "", [][]string{everyType, nullable, readByAll}, mysql, whole},
		{"sqlite-mysql", "sqlite,mysql", "", [][]string{unadministered, untested}, nil, whole},
		{"postgres-mysql", "postgres,mysql", "", [][]string{owned, pagesOnly, apiOnly}, postgres, whole},
		{"everything", "mysql,postgres,sqlite", "", [][]string{defaults, shared, namespaced}, mysql, whole},
	}
}

// Every choice that covet new offers ends in an application that builds, is clean and passes its own tests, also with what
// covet generate adds to it, and covet destroy takes all of that back. It takes minutes, so it has a build tag:
//
//	go test -tags matrix -run TestMatrix -timeout 30m ./cmd/covet         # each choice
//	go test -tags matrix -run TestMatrix -timeout 30m ./cmd/covet -pairs  # each pair of choices
//	go test -tags matrix -run TestMatrix -timeout 30m ./cmd/covet -all    # all of them
//
// The applications are the modules of one workspace, so that one run of the go command vets, tests or builds all of them.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	var tested, compiled []*project
	for _, v := range variants(t) {
		if v.size <= wanted() {
			flags := []string{}
			for flag, values := range map[string]string{"--db": v.databases, "--without": v.without} {
				if values != "" {
					flags = append(flags, flag, values)
				}
			}
			tested = append(tested, m.project(v.name, flags, append([][]string{entries}, v.generated...), v.database))
		}
	}
	// In the smallest size these are what has the types, modifiers and flags that the resources of its variants do not have.
	compiled = append(compiled, m.project("madeup", []string{"--db", "sqlite"}, madeUpLines(t), nil))
	if *all {
		for name, lines := range sequences() {
			compiled = append(compiled, m.project(name, []string{"--db", "sqlite"}, lines, nil))
		}
	}
	applications := slices.Concat(tested, compiled)

	if !m.each(t, "create", applications, (*project).create) {
		return
	}
	m.join(t, applications)
	m.goCommand(t, "vet", "work")
	toTest := tested
	if *all {
		toTest = applications
	}
	m.goCommand(t, append([]string{"test", "-vet=off", "-ldflags=-w", "-timeout=20m"}, patterns(toTest, "/...")...)...)
	if t.Failed() {
		return
	}
	m.build(t, tested)
	m.each(t, "run", tested, (*project).run)
	if m.each(t, "destroy", tested, (*project).destroy) {
		m.goCommand(t, "vet", "work") // of the applications as they were before
	}
}

// The smallest size has each choice, of databases that are linked and of batteries, and the next each pair of them.
func TestMatrixCoversChoices(t *testing.T) {
	t.Parallel()
	choices := func(v variant) map[string]bool {
		databases, chosen := v.databases, map[string]bool{}
		if databases == "" {
			databases = "sqlite,postgres"
		}
		for _, dialect := range scaffold.Dialects() {
			chosen[string(dialect)] = slices.Contains(strings.Split(databases, ","), string(dialect))
		}
		var without []scaffold.Battery
		for name := range strings.SplitSeq(v.without, ",") {
			without = append(without, scaffold.Battery(name))
		}
		kept := scaffold.Keep(without)
		for _, battery := range scaffold.Batteries() {
			chosen[string(battery)] = slices.Contains(kept, battery)
		}
		return chosen
	}
	pair := func(a string, hasA bool, b string, hasB bool) string {
		return fmt.Sprintf("%s=%t %s=%t", a, hasA, b, hasB)
	}
	have := map[size]map[string]bool{small: {}, pairwise: {}}
	for _, v := range variants(t) {
		for size, pairs := range have {
			if v.size > size {
				continue
			}
			for a, hasA := range choices(v) {
				for b, hasB := range choices(v) {
					pairs[pair(a, hasA, b, hasB)] = true
				}
			}
		}
	}
	names := choices(variant{})
	for a := range names {
		for b := range names {
			for _, values := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
				want := pair(a, values[0], b, values[1])
				impossible := a == b && values[0] != values[1] ||
					a == "admin" && b == "auth" && values[0] && !values[1] || a == "auth" && b == "admin" && !values[0] && values[1]
				if !impossible && !have[pairwise][want] {
					t.Errorf("no variant of -pairs has %s", want)
				}
				if !impossible && a == b && !have[small][want] {
					t.Errorf("no small variant has %s=%t", a, values[0])
				}
			}
		}
	}
}

// madeUpLines are resources that nobody thought of. TestMadeUp in scaffold/generate tries many more, without compiling them.
func madeUpLines(t *testing.T) [][]string {
	t.Helper()
	var lines [][]string
	for _, r := range madeup.New(madeup.Seed(t, 20261102)).Resources(12) {
		t.Log(r)
		lines = append(lines, r.Args())
	}
	return lines
}

// matrix is the folder of all applications and the environment of their commands.
type matrix struct {
	root    string
	environ []string
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{root: t.TempDir()}
	templ, home := filepath.Join(m.root, ".templ"), filepath.Join(m.root, ".home")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	// The generator as developers have it: what it writes has to be what covet new has written.
	cmd := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/go.mod", "-o", templ+string(os.PathSeparator), "github.com/a-h/templ/cmd/templ")
	cmd.Dir, cmd.Env = filepath.Join("..", ".."), append(os.Environ(), "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building templ: %v\n%s", err, output)
	}
	m.environ = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GIT_") || strings.HasPrefix(variable, "GOWORK=")
	})
	m.environ = append(m.environ, goSettings(t)...)
	m.environ = append(m.environ, "HOME="+home, "PATH="+templ+string(os.PathListSeparator)+os.Getenv("PATH"))
	return m
}

// each runs a step for all applications at once, and reports whether it succeeded.
func (m *matrix) each(t *testing.T, step string, applications []*project, do func(*project, *testing.T)) bool {
	t.Helper()
	return t.Run(step, func(t *testing.T) {
		for _, a := range applications {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				do(a, t)
			})
		}
	})
}

// join writes the workspace.
func (m *matrix) join(t *testing.T, applications []*project) {
	t.Helper()
	var text strings.Builder
	text.WriteString("go 1.26.0\n\n")
	for _, pattern := range patterns(applications, "") {
		text.WriteString("use " + pattern + "\n")
	}
	if err := os.WriteFile(filepath.Join(m.root, "go.work"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// build links each application once, into the folder bin.
func (m *matrix) build(t *testing.T, applications []*project) {
	t.Helper()
	commands := []string{}
	for _, a := range applications {
		commands = append(commands, "./"+a.name+"/cmd/"+a.name)
	}
	m.goCommand(t, append([]string{"build", "-ldflags=-w", "-o", filepath.Join(m.root, "bin") + string(os.PathSeparator)}, commands...)...)
}

// patterns returns the folders of applications as the go command names them.
func patterns(applications []*project, suffix string) []string {
	var list []string
	for _, a := range applications {
		list = append(list, "./"+a.name+suffix)
	}
	return list
}

// goCommand runs the go command in the workspace, as a test of its own.
func (m *matrix) goCommand(t *testing.T, args ...string) {
	t.Helper()
	t.Run(args[0], func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = m.root, m.environ
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	})
}
