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
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/covetgo/covet/internal/testserver"
)

// Every choice that covet new offers ends in an application that builds, is clean and passes its own tests. It takes
// minutes, so it has a build tag: go test -tags matrix -run TestMatrix -timeout 20m ./cmd/covet
//
// The variants run one after the other: they share what the first one compiles.
func TestMatrix(t *testing.T) {
	templ := buildTempl(t)
	for _, variant := range []struct {
		name     string
		flags    string
		database func(testing.TB) string // of the server to boot it on; nil for the embedded one
	}{
		{"default", "", nil},
		{"without-admin", "--without admin", nil},
		{"without-auth", "--without auth", nil},
		{"without-api", "--without api", nil},
		{"without-all", "--without auth,api", nil},
		{"sqlite", "--db sqlite", nil},
		{"postgres", "--db postgres", testserver.Postgres},
		{"mysql", "--db mysql", testserver.MySQL},
		{"sqlite-mysql", "--db sqlite --db mysql", nil},
		{"postgres-mysql", "--db postgres --db mysql", testserver.Postgres},
		{"everything", "--db mysql,postgres,sqlite --module github.com/acme/blog", testserver.MySQL},
	} {
		t.Run(variant.name, func(t *testing.T) {
			m := &matrix{root: t.TempDir(), templ: templ}
			t.Run("build", func(t *testing.T) { m.build(t, variant.name, variant.flags) })
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
		})
	}
}

const matrixScript = `
exec covet new blog --no-git %s
stdout 'go mod tidy  done'
exec cp -R blog copy
cd blog
exec templ generate
exec git diff --no-index --exit-code $WORK/copy/app app
exec go build ./...
exec go vet ./...
exec gofmt -l .
! stdout .
exec go test ./...
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
	cmd.Dir = filepath.Join("..", "..")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building templ: %v\n%s", err, output)
	}
	return dir
}

func (m *matrix) build(t *testing.T, name, flags string) {
	t.Helper()
	script := filepath.Join(m.root, name+".txtar")
	if err := os.WriteFile(script, fmt.Appendf(nil, matrixScript, flags), 0o644); err != nil {
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

// boot serves the application and looks at its first page.
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
		m.covet(t, environ, "migrate", "up")
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
	_ = server.Process.Signal(syscall.SIGTERM)
	select {
	case err = <-ended:
	case <-time.After(30 * time.Second):
		_ = server.Process.Kill()
		err = <-ended
	}
	if healthErr != nil || pageErr != nil || err != nil || !strings.Contains(page, "<h1") {
		t.Errorf("health: %v, page: %v, end: %v\n%s\n%s", healthErr, pageErr, err, page, output.String())
	}
}

func (m *matrix) covet(t *testing.T, environ []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "covet", args...)
	cmd.Dir, cmd.Env = m.dir, environ
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("covet %v: %v\n%s", args, err, output)
	}
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
