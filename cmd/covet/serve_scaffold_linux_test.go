package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The application that people get, from its first start to an edit of a page and one of code.
func TestServeNewApplication(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if code, output := covet(t, dir, linked(t, "checkout="+checkout), "new", "blog", "--no-git", "--no-tidy"); code != 0 {
		t.Fatalf("exit code %d: %s", code, output)
	}
	s := serve(t, filepath.Join(dir, "blog"))
	page := func(want string) {
		t.Helper()
		s.until("the page has "+want, func() bool {
			status, body := s.get("text/html")
			return status == http.StatusOK && strings.Contains(body, want)
		})
	}
	page("Welcome to Blog")
	pid, builds := childOf(s.cmd.Process.Pid, "blog"), s.builds()
	if pid == 0 {
		t.Fatal("no application runs")
	}
	s.replace("app/views/layout.templ", "Skip to content", "Edited while it runs")
	page("Edited while it runs")
	if childOf(s.cmd.Process.Pid, "blog") != pid || s.builds() != builds {
		t.Error("a text is built")
	}
	s.replace("app/views/home.templ", "\t@welcome", "\tif welkome {\n\t\t\t@welcome\n\t\t}")
	if problem := s.fails("build"); !strings.Contains(problem, `"app/views/home.templ"`) || !strings.Contains(problem, "undefined: welkome") {
		t.Errorf("got %s", problem)
	}
	s.replace("app/views/home.templ", "\tif welkome {\n\t\t\t@welcome\n\t\t}", "\tif len(\"compiled\") > 0 {\n\t\t\t@welcome\n\t\t}")
	page("Edited while it runs")
	if childOf(s.cmd.Process.Pid, "blog") == pid {
		t.Error("an expression is not built")
	}
	// Another command of the application, beside the loop.
	status := exec.CommandContext(t.Context(), "covet", "migrate", "status")
	status.Dir, status.Env = s.root, append(os.Environ(), "APP_ENV=", "GOPROXY=off")
	if output, err := status.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
	pid = childOf(s.cmd.Process.Pid, "blog")
	s.end(syscall.SIGINT)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 || runs(pid) {
		t.Errorf("exit code %d, and the application runs: %t", code, runs(pid))
	}
}

func (s *served) replace(name, old, with string) {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.root, name))
	if err != nil || !strings.Contains(string(content), old) {
		s.t.Fatalf("%s has no %q: %v", name, old, err)
	}
	s.write(name, strings.Replace(string(content), old, with, 1))
}
