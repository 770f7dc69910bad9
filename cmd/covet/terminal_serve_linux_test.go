package main_test

import (
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echoes reports whether a terminal shows what is typed, as it does for a shell.
func (s *session) echoes() bool {
	mode, err := unix.IoctlGetTermios(int(s.master.Fd()), unix.TCGETS)
	return err == nil && mode.Lflag&(unix.ECHO|unix.ICANON) == unix.ECHO|unix.ICANON
}

func (s *session) until(what string, condition func() bool) {
	s.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			s.t.Fatalf("it does not come that %s:\n%q", what, s.text())
		case <-s.done:
			s.t.Fatalf("ended before %s:\n%q", what, s.text())
		case <-tick.C:
		}
	}
}

func (s *session) press(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) count(text string) func(n int) func() bool {
	return func(n int) func() bool { return func() bool { return strings.Count(s.text(), text) >= n } }
}

// A person whose port is taken accepts another one, presses keys, suspends covet and leaves.
func TestServeOnATerminal(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, number, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, application(t), []string{"APP_ENV=", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local"}, "serve", "--port", number)
	s.answer("Port "+number+" is in use, by ", "what?\ry\r")
	ready := s.count("http://localhost:")
	s.until("it is ready", s.count("ready")(1))
	match := regexp.MustCompile(`on (http://localhost:\d+)`).FindStringSubmatch(s.text())
	if match == nil || !ready(2)() || strings.HasSuffix(match[1], ":"+number) {
		t.Fatalf("got %q", s.text())
	}
	response, err := http.Get(match[1]) //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if s.echoes() {
		t.Error("keys are not handed over one by one")
	}
	if output := s.text(); !strings.Contains(output, "q quit") || !strings.Contains(output, "\x1b[32mready") {
		t.Errorf("got %q", output)
	}
	s.press("r")
	s.until("it is built again", s.count("built")(2))
	s.until("it is ready again", s.count("ready")(2))
	s.press("\x1b[A") // an arrow
	s.press("c")
	s.until("it is cleared", s.count("\x1b[2J")(1))

	s.press("\x1a") // Ctrl-Z
	s.until("it is suspended, and the terminal as before", func() bool { return s.echoes() && stopped(s.cmd.Process.Pid) })
	if err := s.cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.until("it goes on", func() bool { return !s.echoes() })

	s.press("\x03")
	if code, output := s.wait(); code != 0 || !strings.Contains(output, "down") {
		t.Errorf("exit code %d: %q", code, output)
	}
	if !s.echoes() {
		t.Error("the terminal is not as it was")
	}
}

func stopped(pid int) bool {
	stat, err := readStat(pid)
	return err == nil && strings.Contains(stat, ") T ")
}

func TestServeRefusesAnotherPort(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, number, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]int{"n\r": 4, "\x03": 130} {
		s := start(t, application(t), []string{"APP_ENV="}, "serve", "--port", number)
		s.answer("[Y/n]", answer)
		code, output := s.wait()
		if code != want || want == 4 && !regexp.MustCompile(`Run: covet serve --port \d+`).MatchString(output) {
			t.Errorf("%q to %s: exit code %d: %q", answer, number, code, output)
		}
	}
}
