package browsertest_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// loop is an application under "covet serve", as its developer has it.
type loop struct {
	t      *testing.T
	covet  string
	dir    string
	url    string
	serve  *exec.Cmd
	output lockedBuffer
	text   string // of the constant of the lab
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// lab is a package of the application that the scenes edit: a page, a panic, an error, and a way to receive a file.
const lab = `// Package lab is edited while the application runs.
package lab

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/web"
)

const text = "first"

// Register adds the pages.
func Register(e *echo.Echo) {
	e.GET("/lab", func(c echo.Context) error { return web.Render(c, http.StatusOK, page(text)) })
	e.GET("/lab/text", func(c echo.Context) error { return c.String(http.StatusOK, text) })
	e.GET("/lab/panic", func(echo.Context) error { panic("the sky is falling") })
	e.GET("/lab/error", func(echo.Context) error { return fmt.Errorf("reading the stars: %w", errors.New("it is cloudy")) })
	e.POST("/lab/upload", func(c echo.Context) error {
		n, err := io.Copy(io.Discard, c.Request().Body)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, fmt.Sprintf("%s %d", text, n))
	})
}
`

const labPage = `package lab

templ page(text string) {
	<!DOCTYPE html>
	<html lang="en">
		<head>
			<title>Lab</title>
			<link rel="icon" href="data:,"/>
			<link rel="stylesheet" href="/assets/css/app.css"/>
		</head>
		<body>
			<main>
				<h1>The lab</h1>
				<p id="text">{ text }</p>
				<form><label>Note <input id="note"/></label></form>
				<svg width="10" height="3000" aria-hidden="true"></svg>
			</main>
		</body>
	</html>
}
`

// newLoop makes an application and serves it.
func newLoop(t *testing.T) *loop {
	t.Helper()
	dir := t.TempDir()
	l := &loop{t: t, covet: commandLine(t), dir: filepath.Join(dir, "blog")}
	command(t, dir, nil, "", l.covet, "new", "blog", "--no-git", "--no-tidy", "--db", "sqlite")
	l.write("app/lab/lab.go", lab)
	l.write("app/lab/page.templ", labPage)
	l.replace("app/routes.go", "e := a.Echo\n", "e := a.Echo\n\tlab.Register(e)\n")
	l.replace("app/routes.go", "\"blog/app/about\"\n", "\"blog/app/about\"\n\t\"blog/app/lab\"\n")
	l.start("HTTP_MAX_BODY=64MiB")
	return l
}

// start runs covet serve on a port of its own and waits until the application answers.
func (l *loop) start(environ ...string) {
	l.t.Helper()
	address := freeAddress(l.t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		l.t.Fatal(err)
	}
	l.url = "http://" + address
	l.serve = exec.Command(l.covet, "serve", "--host", "127.0.0.1", "--port", port) //nolint:noctx // it is ended by a signal
	l.serve.Dir, l.serve.Stdout, l.serve.Stderr = l.dir, &l.output, &l.output
	l.serve.Env = append(append(os.Environ(), "APP_ENV=development", "LOG_LEVEL=error"), environ...)
	if err := l.serve.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		_ = l.serve.Process.Signal(syscall.SIGTERM)
		_ = l.serve.Wait()
		if l.t.Failed() {
			l.t.Logf("covet serve printed:\n%s", l.output.String())
		}
	})
	l.until("the application answers", func() bool { return healthy(l.t.Context(), address) })
}

// until waits for a condition, for four minutes at most: the first build may have cold caches.
func (l *loop) until(what string, holds func() bool) {
	l.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(4 * time.Minute); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			l.t.Fatalf("it never happens that %s; covet serve printed:\n%s", what, l.output.String())
		}
	}
}

func (l *loop) write(path, content string) {
	l.t.Helper()
	path = filepath.Join(l.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *loop) read(path string) string {
	l.t.Helper()
	content, err := os.ReadFile(filepath.Join(l.dir, filepath.FromSlash(path)))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(content)
}

func (l *loop) replace(path, before, after string) {
	l.t.Helper()
	content := l.read(path)
	if !strings.Contains(content, before) {
		l.t.Fatalf("%s holds no %q:\n%s", path, before, content)
	}
	l.write(path, strings.Replace(content, before, after, 1))
}

// rename moves a file or folder.
func (l *loop) rename(from, to string) {
	l.t.Helper()
	if err := os.Rename(filepath.Join(l.dir, filepath.FromSlash(from)), filepath.Join(l.dir, filepath.FromSlash(to))); err != nil {
		l.t.Fatal(err)
	}
}

// get returns the status and the body of a page, for a client that is no browser.
func (l *loop) get(path string) (int, string) {
	l.t.Helper()
	request, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, l.url+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		l.t.Fatal(err)
	}
	return response.StatusCode, body.String()
}

// answers waits until a page has a status and holds a text.
func (l *loop) answers(path string, status int, text string) {
	l.t.Helper()
	l.until(path+" answers "+text, func() bool {
		got, body := l.get(path)
		return got == status && strings.Contains(body, text)
	})
}

// shows waits until the page that is open holds a text, without doing anything to it.
func (b *browser) shows(text string) {
	b.t.Helper()
	b.waitFor(fmt.Sprintf(`document.body?.innerText.includes(%q)`, text))
}
