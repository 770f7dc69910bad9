package process_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
)

// The test binary is also the program under test: what it does is named by the first argument.
func TestMain(m *testing.M) {
	if role := os.Getenv("COVET_TEST_ROLE"); role != "" {
		runRole(role)
		return
	}
	goleak.VerifyTestMain(m)
}

func runRole(role string) {
	switch role {
	case "talk":
		fmt.Println("to the output")
		fmt.Fprintln(os.Stderr, "to the error output")
		os.Exit(7)
	case "question":
		fmt.Print("what is it? ")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "many":
		for i := range 1000 {
			fmt.Println("line", i)
		}
		fmt.Print("the end")
	case "polite":
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM)
		fmt.Println("up")
		<-ended
		fmt.Println("bye")
	case "listener":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("up")
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Printf("read %q\n", line)
	case "orphan": // ends when its input does
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("up")
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Println("alone")
	case "stubborn":
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		fmt.Println("up")
		select {}
	case "parent":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "COVET_TEST_ROLE=stubborn")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Println("child", child.Process.Pid)
		if os.Getenv("COVET_TEST_LEAVE") == "" {
			select {}
		}
	case "loop": // starts a program and is killed
		p, err := process.Start(program("stubborn", os.Stdout))
		if err != nil {
			panic(err)
		}
		fmt.Println("child", p.PID())
		<-p.Done()
	}
}

func program(role string, out io.Writer) process.Command {
	return process.Command{Path: os.Args[0], Environ: append(os.Environ(), "COVET_TEST_ROLE="+role), Output: out}
}

// screen is an output that tests can wait for.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	until(t, func() bool { return strings.Contains(s.String(), text) }, "%q is not written", text)
}

func until(t *testing.T, condition func() bool, format string, args ...any) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf(format, args...)
		case <-tick.C:
		}
	}
}

func start(t *testing.T, command process.Command) *process.Process {
	t.Helper()
	p, err := process.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p
}

func ended(t *testing.T, p *process.Process) process.Exit {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	return p.Exit()
}

func TestOutputAndExit(t *testing.T) {
	t.Parallel()
	out := &screen{}
	p := start(t, program("talk", out))
	if exit := ended(t, p); exit.Code != 7 || exit.String() != "exit status 7" {
		t.Errorf("got %+v", exit)
	}
	if want := "to the output\nto the error output\n"; out.String() != want || p.Tail() != want {
		t.Errorf("output %q, tail %q", out.String(), p.Tail())
	}
}

func TestTailIsTheLastLines(t *testing.T) {
	t.Parallel()
	command := program("many", nil)
	command.TailLines = 3
	p := start(t, command)
	if exit := ended(t, p); exit.Code != 0 {
		t.Errorf("got %+v", exit)
	}
	if want := "line 998\nline 999\nthe end\n"; p.Tail() != want {
		t.Errorf("tail %q, want %q", p.Tail(), want)
	}
}

// A question has no end of line, and is shown all the same.
func TestBeginningOfALine(t *testing.T) {
	t.Parallel()
	out := &screen{}
	p := start(t, program("question", out))
	out.await(t, "what is it? ")
	if tail := p.Tail(); tail != "what is it? " {
		t.Errorf("tail %q", tail)
	}
	p.Stop(time.Minute) // its input ends
	ended(t, p)
}

func TestStop(t *testing.T) {
	t.Parallel()
	out := &screen{}
	p := start(t, program("polite", out))
	out.await(t, "up")
	p.Stop(time.Minute)
	p.Stop(time.Minute)
	if exit := ended(t, p); exit.Code != 0 || !strings.HasSuffix(out.String(), "bye\n") {
		t.Errorf("%+v, %q", exit, out.String())
	}
	p.Stop(time.Minute)
	p.Kill()
}

func TestStopInput(t *testing.T) {
	t.Parallel()
	out := &screen{}
	command := program("listener", out)
	command.StopInput = "stop\n"
	p := start(t, command)
	out.await(t, "up")
	p.Stop(time.Minute)
	if exit := ended(t, p); exit.Code != 0 || !strings.Contains(out.String(), `read "stop\n"`) {
		t.Errorf("%+v, %q", exit, out.String())
	}
}

func TestUnresponsiveProgramIsKilled(t *testing.T) {
	t.Parallel()
	out := &screen{}
	p := start(t, program("stubborn", out))
	out.await(t, "up")
	p.Stop(time.Millisecond)
	if exit := ended(t, p); exit.Code == 0 {
		t.Errorf("got %+v", exit)
	}
}

func TestNothingToStart(t *testing.T) {
	t.Parallel()
	_, err := process.Start(process.Command{Path: t.TempDir() + "/gone"})
	if err == nil || !strings.Contains(err.Error(), "starting ") {
		t.Errorf("got %v", err)
	}
}
