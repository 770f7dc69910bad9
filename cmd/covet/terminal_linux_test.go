package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A session is covet on a pseudo-terminal, as in front of a person.
type session struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	done   chan struct{} // closed when the output has ended

	mu     sync.Mutex
	output bytes.Buffer
}

func start(t *testing.T, dir string, environ []string, args ...string) *session {
	t.Helper()
	master, slave := openTerminal(t)
	cmd := exec.CommandContext(t.Context(), "covet", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=", "CI=", "ACCESSIBLE=", "TERM=xterm-256color", "GOPROXY=off", "GIT_CONFIG_GLOBAL=/dev/null")
	cmd.Env = append(cmd.Env, environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := slave.Close(); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, cmd: cmd, master: master, done: make(chan struct{})}
	go s.read()
	return s
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120})
	}
	if err == nil {
		slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

func (s *session) read() {
	defer close(s.done)
	chunk := make([]byte, 4096)
	for {
		n, err := s.master.Read(chunk)
		s.mu.Lock()
		s.output.Write(chunk[:n])
		s.mu.Unlock()
		if err != nil {
			return // EIO when the last process has closed the terminal
		}
	}
}

func (s *session) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// answer waits for a question and types the answer.
func (s *session) answer(question, answer string) {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(s.text(), question) {
		select {
		case <-deadline:
			s.t.Fatalf("%q was not asked:\n%q", question, s.text())
		case <-s.done:
			s.t.Fatalf("ended before %q was asked:\n%q", question, s.text())
		case <-tick.C:
		}
	}
	if _, err := s.master.WriteString(answer); err != nil {
		s.t.Fatal(err)
	}
}

// wait returns the exit code and everything that was printed.
func (s *session) wait() (int, string) {
	s.t.Helper()
	err := s.cmd.Wait()
	<-s.done
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode(), s.text()
}

// The library for prompts asks terminals for their colours when a program starts. Package quiet prevents it: an answer
// that comes late would end up in the user's shell.
func TestTerminalIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--help"}, {"new", "blog", "--dry-run"}, {"serve"}} {
		if _, output := start(t, t.TempDir(), nil, args...).wait(); strings.Contains(output, "\x1b") || output == "" {
			t.Errorf("covet %s printed %q", strings.Join(args, " "), output)
		}
	}
}

func TestPrompts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir, nil, "new")
	s.answer("\x1b]11;?", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[1;1R") // what is the colour of the background: white
	s.answer("Name of the application", "asked\r")
	s.answer("Development uses the first", "\r")
	s.answer("JSON API", " \r") // a space takes the first one out: accounts
	code, output := s.wait()
	if code != 0 || !strings.Contains(output, "for sqlite and postgres, with api.") {
		t.Errorf("exit code %d: %q", code, output)
	}
	if _, err := os.Stat(filepath.Join(dir, "asked", "go.mod")); err != nil {
		t.Error(err)
	}
}

func TestPromptsCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir, []string{"COLORTERM=truecolor"}, "new", "blog")
	s.answer("\x1b]11;?", "\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[1;1R")
	s.answer("Development uses the first", "\x03")
	if code, output := s.wait(); code != 130 || !strings.Contains(output, "Nothing was written.") {
		t.Errorf("exit code %d: %q", code, output)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// Without colours, as for a screen reader, the questions are lines.
func TestPlainPrompts(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"TERM=dumb", "NO_COLOR=1", "ACCESSIBLE=1"} {
		dir := t.TempDir()
		s := start(t, dir, []string{plain}, "new")
		s.answer("Name of the application", "asked\n")
		s.answer("PostgreSQL", "0\n")
		s.answer("JSON API", "0\n")
		code, output := s.wait()
		if code != 0 || !strings.Contains(output, "Made asked: ") || strings.Contains(output, "\x1b]") {
			t.Errorf("%s: exit code %d: %q", plain, code, output)
		}
	}
}

// A plain prompt waits for a line, and is left by an interrupt all the same.
func TestPlainPromptsCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir, []string{"TERM=dumb"}, "new", "blog")
	s.answer("PostgreSQL", "\x03")
	if code, output := s.wait(); code != 130 || !strings.Contains(output, "Nothing was written.") {
		t.Errorf("exit code %d: %q", code, output)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// What cannot be made is refused before anything is asked.
func TestNoPromptsForAWrongName(t *testing.T) {
	t.Parallel()
	if code, output := start(t, t.TempDir(), nil, "new", "9-blog!").wait(); code != 2 || strings.Contains(output, "Databases") {
		t.Errorf("exit code %d: %q", code, output)
	}
}
