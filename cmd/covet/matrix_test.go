//go:build matrix

package main_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/covetgo/covet/internal/testserver"
)

// Every choice that covet new offers ends in an application that builds, is clean and passes its own tests, also with what
// covet generate adds to it, and covet destroy takes all of that back. It takes minutes, so it has a build tag:
// go test -tags matrix -run TestMatrix -timeout 30m ./cmd/covet
//
// The variants run one after the other: they share what the first one compiles.
func TestMatrix(t *testing.T) {
	templ := buildTempl(t)
	for _, variant := range []struct {
		name      string
		flags     string
		generated [][]string              // besides entries, which every variant has
		database  func(testing.TB) string // of the server to boot it on; nil for the embedded one
	}{
		{"default", "", kindLines(t, true), nil},
		{"without-admin", "--without admin", [][]string{everyType, namespaced}, nil},
		{"without-auth", "--without auth", [][]string{everyType, shared}, nil},
		{"without-api", "--without api", [][]string{nullable, comments}, nil},
		{"without-all", "--without auth,api", kindLines(t, false), nil},
		{"sqlite", "--db sqlite", [][]string{nullable, owned, readByAll}, nil},
		{"postgres", "--db postgres", [][]string{everyType, comments, namespaced}, testserver.Postgres},
		{"mysql", "--db mysql", [][]string{everyType, nullable, readByAll}, testserver.MySQL},
		{"sqlite-mysql", "--db sqlite --db mysql", [][]string{unadministered, untested}, nil},
		{"postgres-mysql", "--db postgres --db mysql", [][]string{owned, pagesOnly, apiOnly}, testserver.Postgres},
		{"everything", "--db mysql,postgres,sqlite --module github.com/acme/blog", [][]string{defaults, shared, namespaced}, testserver.MySQL},
	} {
		t.Run(variant.name, func(t *testing.T) {
			lines := append([][]string{entries}, variant.generated...)
			m := &matrix{root: t.TempDir(), templ: templ}
			t.Run("build", func(t *testing.T) { m.build(t, variant.name, variant.flags, lines) })
			if t.Failed() {
				return
			}
			t.Run("boot", func(t *testing.T) {
				url := ""
				if variant.database != nil {
					url = variant.database(t)
				}
				m.boot(t, url)
			})
			t.Run("destroy", func(t *testing.T) { m.destroy(t, lines) })
		})
	}
}

// What generating once more must not change is in git's index by then. Tests are linked without what debuggers need, which
// takes long, and vetted once.
const matrixScript = `
exec covet new blog --no-git %[1]s
stdout 'go mod tidy  done'
exec cp -R blog copy
cd blog
exec templ generate
exec git diff --no-index --exit-code $WORK/copy/app app
exec git init -q
exec git add -A
exec git -c user.name=Ada -c user.email=ada@example.com commit -q -m new
exec go vet ./...
%[2]s
exec git add -A
%[2]s
exec templ generate
exec go mod tidy
exec git diff --exit-code
exec git ls-files --others --exclude-standard
! stdout .
exec go build ./...
exec go vet ./...
exec gofmt -l .
! stdout .
exec go test -vet=off -ldflags=-w ./...
`

// A matrix is one variant: its folder and the environment it was made in.
type matrix struct {
	root    string
	templ   string // folder of the generator
	dir     string // of the application
	environ []string
}

// buildTempl builds the generator as developers have it and returns its folder: what it writes has to be what covet new
// has written.
func buildTempl(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/go.mod", "-o", dir, "github.com/a-h/templ/cmd/templ")
	cmd.Dir, cmd.Env = filepath.Join("..", ".."), append(os.Environ(), "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building templ: %v\n%s", err, output)
	}
	return dir
}

func (m *matrix) build(t *testing.T, name, flags string, lines [][]string) {
	t.Helper()
	var generate strings.Builder
	for _, line := range lines {
		generate.WriteString("exec covet generate")
		for _, word := range line {
			generate.WriteString(" '" + strings.ReplaceAll(word, "'", "''") + "'")
		}
		generate.WriteString("\n")
	}
	script := filepath.Join(m.root, name+".txtar")
	if err := os.WriteFile(script, fmt.Appendf(nil, matrixScript, flags, generate.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	params := scriptParams(t, testscript.Params{Files: []string{script}, WorkdirRoot: m.root})
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		err := setup(env)
		for _, variable := range os.Environ() {
			if strings.HasPrefix(variable, "TEST_") || strings.HasPrefix(variable, "COVET_") {
				env.Vars = append(env.Vars, variable)
			}
		}
		env.Setenv("PATH", m.templ+string(os.PathListSeparator)+env.Getenv("PATH"))
		m.dir, m.environ = filepath.Join(env.WorkDir, "blog"), env.Vars
		return err
	}
	testscript.Run(t, params)
}

// boot serves the application and uses what was generated.
func (m *matrix) boot(t *testing.T, databaseURL string) {
	t.Helper()
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	environ := append(m.environ, "PORT="+port)
	if databaseURL != "" {
		environ = append(environ, "DATABASE_URL="+databaseURL)
	}
	m.covet(t, environ, "", "migrate", "up")
	if m.has("accounts.go") {
		m.covet(t, environ, adminPassword+"\n", "user", "create", adminEmail, "--role", "admin", "--password-stdin")
	}
	server := exec.Command("covet", "serve") //nolint:noctx // it is ended by a signal, which is a part of the test
	server.Dir, server.Env = m.dir, environ
	var output strings.Builder
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()

	_, healthErr := fetch(t.Context(), "http://"+address+"/health", ended)
	page, pageErr := fetch(t.Context(), "http://"+address+"/", ended)
	if healthErr == nil && pageErr == nil {
		m.visit(t, "http://"+address)
	}
	_ = server.Process.Signal(syscall.SIGTERM)
	select {
	case err = <-ended:
	case <-time.After(30 * time.Second):
		_ = server.Process.Kill()
		err = <-ended
	}
	if healthErr != nil || pageErr != nil || err != nil || !strings.Contains(page, "<h1") || t.Failed() {
		t.Errorf("health: %v, page: %v, end: %v\n%s\n%s", healthErr, pageErr, err, page, output.String())
	}
}

// destroy takes back everything that was generated, the last first, and holds that nothing of it is left.
func (m *matrix) destroy(t *testing.T, lines [][]string) {
	t.Helper()
	for _, line := range slices.Backward(lines) {
		m.covet(t, m.environ, "", "destroy", line[0], line[1])
	}
	m.git(t, "add", "--all")
	if changed := m.git(t, "diff", "--cached", "HEAD"); changed != "" {
		t.Errorf("this is left of what was generated:\n%s", changed)
	}
}

func (m *matrix) has(file string) bool {
	_, err := os.Stat(filepath.Join(m.dir, "app", file))
	return err == nil
}

// hasText reports whether a file of the composition root says something.
func (m *matrix) hasText(file, text string) bool {
	content, err := os.ReadFile(filepath.Join(m.dir, "app", file))
	return err == nil && strings.Contains(string(content), text)
}

func (m *matrix) covet(t *testing.T, environ []string, input string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "covet", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = m.dir, environ, strings.NewReader(input)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("covet %v: %v\n%s", args, err, output)
	}
}

func (m *matrix) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Env = m.dir, m.environ
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
	return string(output)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// fetch asks until the server answers with 200, a minute at most; the first start compiles.
func fetch(ctx context.Context, url string, ended chan error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		body, err := get(ctx, url)
		if err == nil {
			return body, nil
		}
		select {
		case <-ctx.Done():
			return "", err
		case end := <-ended:
			ended <- end
			return "", fmt.Errorf("the server has ended: %w", end)
		case <-tick.C:
		}
	}
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", url, response.Status, body)
	}
	return string(body), err
}
