//go:build matrix

package main_test

import (
	"bytes"
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
)

// project is one application of the matrix.
type project struct {
	name     string // of the application, its module and its folder
	root     string // of the matrix
	dir      string
	flags    []string
	lines    [][]string // command lines of covet generate
	database func(testing.TB) string
	environ  []string
}

func (m *matrix) project(name string, flags []string, lines [][]string, database func(testing.TB) string) *project {
	return &project{
		name: name, root: m.root, dir: filepath.Join(m.root, name), flags: flags, lines: lines, database: database, environ: m.environ,
	}
}

// create makes the application and generates into it, twice: the second time changes nothing.
func (a *project) create(t *testing.T) {
	if output := a.in(t, a.root, "", "covet", append([]string{"new", a.name, "--no-git"}, a.flags...)...); !strings.Contains(output, "go mod tidy  done") {
		t.Errorf("go mod tidy fails in a new application:\n%s", output)
	}
	a.command(t, "git", "init", "-q")
	a.command(t, "git", "add", "-A")
	a.command(t, "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "new")
	a.command(t, "templ", "generate")
	a.unchanged(t, "templ generate, after covet new")
	a.generate(t)
	a.command(t, "git", "add", "-A")
	a.generate(t)
	a.command(t, "templ", "generate")
	a.unchanged(t, "generating again")
	a.command(t, "go", "mod", "tidy", "-diff")
	if files := a.command(t, "gofmt", "-l", "."); files != "" {
		t.Errorf("not formatted: %s", files)
	}
}

func (a *project) generate(t *testing.T) {
	t.Helper()
	for _, line := range a.lines {
		a.command(t, "covet", append([]string{"generate"}, line...)...)
	}
}

// unchanged holds that nothing differs from what git knows.
func (a *project) unchanged(t *testing.T, what string) {
	t.Helper()
	if changes := a.command(t, "git", "diff") + a.command(t, "git", "ls-files", "--others", "--exclude-standard"); changes != "" {
		t.Errorf("%s changes:\n%s", what, changes)
	}
}

// destroy takes back everything that was generated, the last first, and holds that nothing of it is left.
func (a *project) destroy(t *testing.T) {
	for _, line := range slices.Backward(a.lines) {
		a.command(t, "covet", "destroy", line[0], line[1], "--yes")
	}
	a.command(t, "git", "add", "--all")
	if changed := a.command(t, "git", "diff", "--cached", "HEAD"); changed != "" {
		t.Errorf("this is left of what was generated:\n%s", changed)
	}
}

// run serves the application and uses what was generated.
func (a *project) run(t *testing.T) {
	port := freePort(t)
	a.environ = append(slices.Clone(a.environ), "PORT="+port)
	if a.database != nil {
		a.environ = append(a.environ, "DATABASE_URL="+a.database(t))
	}
	binary := filepath.Join(a.root, "bin", a.name)
	a.command(t, binary, "migrate", "up")
	if a.has("accounts.go") {
		a.in(t, a.dir, adminPassword+"\n", binary, "user", "create", adminEmail, "--role", "admin", "--password-stdin")
	}
	server := exec.Command(binary, "serve") //nolint:noctx // it is ended by a signal, which is a part of the test
	server.Dir, server.Env = a.dir, a.environ
	var output bytes.Buffer
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()

	address := "http://localhost:" + port
	_, healthErr := fetch(t.Context(), address+"/health", ended)
	page, pageErr := fetch(t.Context(), address+"/", ended)
	if healthErr == nil && pageErr == nil {
		a.visit(t, address)
	}
	_ = server.Process.Signal(syscall.SIGTERM)
	var err error
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

func (a *project) has(file string) bool {
	_, err := os.Stat(filepath.Join(a.dir, "app", file))
	return err == nil
}

// hasText reports whether a file of the composition root says something.
func (a *project) hasText(file, text string) bool {
	content, err := os.ReadFile(filepath.Join(a.dir, "app", file))
	return err == nil && strings.Contains(string(content), text)
}

// command runs a program in the application and returns what it printed.
func (a *project) command(t *testing.T, name string, args ...string) string {
	t.Helper()
	return a.in(t, a.dir, "", name, args...)
}

func (a *project) in(t *testing.T, dir, input, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), lookPath(a.environ, name), args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, a.environ, strings.NewReader(input)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, output)
	}
	return string(output)
}

// lookPath finds a program in the PATH of environ, which is not that of this process.
func lookPath(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if list, found := strings.CutPrefix(variable, "PATH="); found {
			for _, dir := range filepath.SplitList(list) {
				if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
					return path
				}
			}
			break
		}
	}
	return name
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// fetch asks until the server answers with 200, a minute at most.
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
