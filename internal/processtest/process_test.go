package processtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// application is the skeleton's binary in a folder of its own.
type application struct {
	t       *testing.T
	dir     string
	binary  string
	port    string
	environ []string
}

// folder holds the binary, once it is built.
var folder string

var build = sync.OnceValues(func() (string, error) {
	var err error
	if folder, err = os.MkdirTemp("", "covet-process"); err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "covetapp")
	output, err := exec.Command("go", "build", "-ldflags=-w", "-o", binary, "../../scaffold/skeleton/cmd/covetapp").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

func newApplication(t *testing.T, environ ...string) *application {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	a := &application{t: t, dir: t.TempDir(), binary: binary, port: freePort(t)}
	config, err := os.ReadFile("../../scaffold/skeleton/config/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(a.dir, "config"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, "config", "config.yaml"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	a.environ = append(os.Environ(), append([]string{"PORT=" + a.port, "JOBS_LEASE=2s"}, environ...)...)
	return a
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		t.Fatal(err, address)
	}
	return strconv.Itoa(address.Port)
}

// run runs a command to its end.
func (a *application) run(args ...string) string {
	a.t.Helper()
	cmd := exec.CommandContext(a.t.Context(), a.binary, args...)
	cmd.Dir, cmd.Env = a.dir, a.environ
	output, err := cmd.CombinedOutput()
	if err != nil {
		a.t.Fatalf("%v: %v\n%s", args, err, output)
	}
	return string(output)
}

// process is one running process of the application.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *bytes.Buffer
}

// start starts a process, which is killed at the end of the test at the latest.
func (a *application) start(args ...string) *process {
	a.t.Helper()
	p := &process{t: a.t, cmd: exec.Command(a.binary, args...), output: new(bytes.Buffer)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = a.dir, a.environ, p.output, p.output
	if err := p.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(p.kill)
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// term asks the process to stop, and returns its exit code.
func (p *process) term() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &ended) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (a *application) url(path string) string { return "http://localhost:" + a.port + path }

// ready waits until the application answers.
func (a *application) ready() {
	a.t.Helper()
	a.waitFor("the application to answer", 30*time.Second, func() bool {
		status, _ := a.get("/health")
		return status == http.StatusOK
	})
}

// get returns status 0 when nobody answers.
func (a *application) get(path string) (int, string) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, a.url(path), nil)
	if err != nil {
		return 0, ""
	}
	r.Header.Set("Accept", "text/html")
	return send(r)
}

// write sends the contact form, and reports whether it was taken.
func (a *application) write(name string) bool {
	form := url.Values{"name": {name}, "email": {"ada@example.com"}, "body": {"Hello, I would like to know more."}}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, a.url("/contact"),
		strings.NewReader(form.Encode()))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _ := send(r)
	return status == http.StatusSeeOther
}

func send(r *http.Request) (int, string) {
	client := &http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, ""
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		return 0, ""
	}
	if err := response.Body.Close(); err != nil {
		return 0, ""
	}
	return response.StatusCode, body.String()
}

func (a *application) waitFor(what string, patience time.Duration, met func() bool) {
	a.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !met(); <-tick.C {
		if time.Now().After(deadline) {
			a.t.Fatalf("waiting for %s in vain", what)
		}
	}
}
