package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// application writes the application of testdata/serve.txtar and returns its folder.
func application(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "serve.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "blog")
}

// served is an application behind "covet serve".
type served struct {
	t    *testing.T
	root string
	cmd  *exec.Cmd
	done chan struct{} // closed when covet has ended
	url  string

	mu     sync.Mutex
	output bytes.Buffer
}

// Write takes what covet prints.
func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(p)
}

func (s *served) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// serve starts "covet serve" on a free port, without a terminal.
func serve(t *testing.T, root string) *served {
	t.Helper()
	s := &served{t: t, root: root, done: make(chan struct{})}
	s.cmd = exec.Command("covet", "serve", "--port", "0") //nolint:noctx // it is stopped as a person does
	s.cmd.Dir = root
	s.cmd.Env = append(os.Environ(), "APP_ENV=", "PORT=", "GOPROXY=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local")
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		_ = s.cmd.Wait() // its state tells
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.done
		if t.Failed() {
			t.Log(s.text())
		}
	})
	s.until("the address is printed", func() bool {
		match := regexp.MustCompile(` on (http://\S+)\n`).FindStringSubmatch(s.text())
		if match != nil {
			s.url = match[1]
		}
		return match != nil
	})
	return s
}

// patience bounds what a test waits for: the first build of an application on a busy machine.
const patience = 5 * time.Minute

func (s *served) until(what string, condition func() bool) {
	s.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			s.t.Fatalf("it does not come that %s", what)
		case <-tick.C:
		}
	}
}

// get asks for the page as the given kind and returns status and body. It is held while there is no application.
func (s *served) get(accept string) (int, string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(body)
}

// says waits until the application serves a text, and returns the id of its process.
func (s *served) says(text string) int {
	s.t.Helper()
	pid := 0
	s.until("the page says "+text, func() bool {
		status, body := s.get("text/plain")
		rest, found := strings.CutPrefix(body, text+" ")
		pid, _ = strconv.Atoi(rest)
		return status == http.StatusOK && found
	})
	return pid
}

// fails waits until there is a problem of this kind, and returns it.
func (s *served) fails(kind string) string {
	s.t.Helper()
	var problem string
	s.until("it fails by "+kind, func() bool {
		status, body := s.get("application/json")
		var details struct{ Kind string }
		problem = body
		return status == http.StatusServiceUnavailable && json.Unmarshal([]byte(body), &details) == nil && details.Kind == kind
	})
	return problem
}

func (s *served) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, name), []byte(content), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

// code makes the application serve a text.
func (s *served) code(text string) {
	s.t.Helper()
	s.write("cmd/blog/main.go", fmt.Sprintf("package main\n\nimport \"github.com/covetgo/covet/app/command\"\n\nfunc main() { command.Main(%q) }\n", text))
}

func (s *served) builds() int { return strings.Count(s.text(), "  built  ") }

// runs reports whether a process is there and has not ended.
func runs(pid int) bool {
	stat, err := readStat(pid)
	return err == nil && !strings.Contains(stat, ") Z ")
}

func readStat(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return string(stat), err
}

func (s *served) gone(pid int) {
	s.t.Helper()
	s.until(fmt.Sprintf("process %d is gone", pid), func() bool { return !runs(pid) })
}

// stream asks again and again, and counts answers that no user should see.
func (s *served) stream() (stop func() (asked, failed int64)) {
	var asked, failed atomic.Int64
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
			if status, body := s.get("text/plain"); status != http.StatusOK {
				failed.Add(1)
				s.t.Logf("status %d: %s", status, body)
			}
			asked.Add(1)
		}
	}()
	return func() (int64, int64) {
		close(ended)
		<-stopped
		return asked.Load(), failed.Load()
	}
}

// One developer's morning, in the order in which it costs the fewest builds.
func TestServe(t *testing.T) {
	t.Parallel()
	s := serve(t, application(t))
	first := s.says("one")

	stop := s.stream()
	s.code("two")
	second := s.says("two")
	if asked, failed := stop(); failed > 0 || asked == 0 {
		t.Errorf("%d of %d requests failed during a swap", failed, asked)
	}
	s.gone(first)

	// A mistake is shown, nothing pretends, and taking it back brings the page back.
	s.write("cmd/blog/more.go", "package main\n\nfunc f() { missing() }\n")
	problem := s.fails("build")
	for _, want := range []string{"cmd/blog/more.go", "undefined: missing"} {
		if !strings.Contains(problem, want) {
			t.Errorf("%q is not told: %s", want, problem)
		}
		s.until("the terminal says "+want, func() bool { return strings.Contains(s.text(), want) })
	}
	if status, page := s.get("text/html"); status < 500 || !strings.Contains(page, "undefined: missing") {
		t.Errorf("the page has status %d: %s", status, page)
	}
	s.gone(second)
	if err := os.Remove(filepath.Join(s.root, "cmd/blog/more.go")); err != nil {
		t.Fatal(err)
	}
	third := s.says("two")

	// No build for what is not compiled.
	before := s.builds()
	s.write("app/assets/css/app.css", "body { color: red }")
	s.until("the stylesheet is noticed", func() bool { return strings.Contains(s.text(), "changed  app/assets/css/app.css") })
	if pid := s.says("two"); pid != third {
		t.Error("a stylesheet restarts the application")
	}
	s.write(".env", "COLOUR=blue\n")
	s.gone(third)
	fourth := s.says("two")
	if s.builds() != before {
		t.Error("it was built for a stylesheet or a setting")
	}

	// Migrations wait for a button.
	s.write("pending", "")
	s.write(".env", "COLOUR=green\n")
	if problem := s.fails("migration"); !strings.Contains(problem, "posts") {
		t.Errorf("got %s", problem)
	}
	s.gone(fourth)
	response, err := http.Post(s.url+"/dev/loop/migrate", "application/x-www-form-urlencoded", nil) //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	s.says("two")
	if !strings.Contains(s.text(), "Applied them") {
		t.Error("the output of the migrations is not shown")
	}

	// What ends at once says why, and what does not end does not hold up what comes.
	s.code("exit")
	if problem := s.fails("start"); !strings.Contains(problem, "start") || !strings.Contains(s.text(), "there is no port for me") {
		t.Errorf("got %s", problem)
	}
	if err := os.RemoveAll(filepath.Join(s.root, ".covet")); err != nil { // as "git clean" does
		t.Fatal(err)
	}
	s.code("stubborn")
	stubborn := s.says("stubborn")
	s.code("last")
	last := s.says("last")
	s.gone(stubborn) // by force
	s.another()

	s.end(syscall.SIGTERM)
	s.gone(last)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// another checks what a second loop on the same port says.
func (s *served) another() {
	s.t.Helper()
	_, number, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	cmd := exec.CommandContext(s.t.Context(), "covet", "serve", "--port", number)
	cmd.Dir, cmd.Env = s.root, append(os.Environ(), "APP_ENV=")
	output, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 4 {
		s.t.Errorf("%v: %s", err, output)
	}
	want := fmt.Sprintf("covet serve already runs this application at %s, by .* \\(process %d\\)\\. Stop it, or run: covet serve --port (\\d+)", s.url, s.cmd.Process.Pid)
	match := regexp.MustCompile(want).FindSubmatch(output)
	if match == nil {
		s.t.Fatalf("got %s, want %s", output, want)
	}
	l, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", "127.0.0.1:"+string(match[1]))
	if err != nil {
		s.t.Errorf("the port that it offers is not free: %v", err)
		return
	}
	_ = l.Close()
}

func (s *served) end(signal os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatal("covet does not end")
	}
}

// The attack on tidiness: kill -9, with the application running and with the compiler at work.
func TestNothingOutlivesKilledServe(t *testing.T) {
	t.Parallel()
	s := serve(t, application(t))
	pid := s.says("one")
	s.code("two")
	compiler := 0
	s.until("the go command runs", func() bool {
		compiler = childOf(s.cmd.Process.Pid, "go")
		return compiler != 0 || strings.Contains(s.text(), "built") && s.builds() > 1
	})
	s.end(syscall.SIGKILL)
	s.gone(pid)
	s.gone(compiler)
	// What it leaves behind does not keep the next one from working.
	again := serve(t, s.root)
	again.says("two")
	ending := syscall.SIGHUP
	if signal.Ignored(ending) { // as below nohup, which covet serve respects
		ending = syscall.SIGTERM
	}
	again.end(ending)
	if code := again.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d after %v", code, ending)
	}
}

// childOf returns a child of a process with this name, or 0.
func childOf(parent int, name string) int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		var pid, ppid int
		var state, command string
		if _, err := fmt.Sscanf(string(stat), "%d %s %s %d", &pid, &command, &state, &ppid); err == nil && ppid == parent && command == "("+name+")" {
			return pid
		}
	}
	return 0
}
