package process_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
)

// waitUntilGone waits until a process has ended, or is a zombie.
func waitUntilGone(t *testing.T, pid int) {
	t.Helper()
	until(t, func() bool {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}, "process %d is still there", pid)
}

func child(t *testing.T, text string) (pid int) {
	t.Helper()
	_, rest, _ := strings.Cut(text, "child ")
	if _, err := fmt.Sscan(rest, &pid); err != nil {
		t.Fatalf("no child in %q", text)
	}
	return pid
}

func TestProgramsOfTheProgramEndWithIt(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]string{"killed": "", "left": "1"} {
		out := &screen{}
		command := program("parent", out)
		command.Environ = append(command.Environ, "COVET_TEST_LEAVE="+leave)
		p := start(t, command)
		out.await(t, "child ")
		if name == "killed" {
			p.Kill()
		}
		ended(t, p)
		waitUntilGone(t, child(t, out.String()))
	}
}

// The attack on tidiness: kill -9. The kernel tells the program.
func TestNothingOutlivesAKilledDevServer(t *testing.T) {
	t.Parallel()
	server := exec.CommandContext(t.Context(), os.Args[0])
	server.Env = append(os.Environ(), "COVET_TEST_ROLE=loop")
	output, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, pid := bufio.NewScanner(output), 0
	for pid == 0 && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "child ") {
			pid = child(t, lines.Text())
		}
	}
	if pid == 0 {
		t.Fatal("the dev server has started nothing")
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	waitUntilGone(t, pid)
	_ = server.Wait()
}

// The signal of a parent's death comes when a thread ends, and Go ends threads. Programs must not be killed by it.
func TestThreadsMayEnd(t *testing.T) {
	t.Parallel()
	out := &screen{}
	var running []*process.Process
	for range 8 {
		running = append(running, start(t, program("orphan", out)))
	}
	until(t, func() bool { return strings.Count(out.String(), "up") == len(running) }, "they do not start")
	endThreads()
	for _, p := range running {
		select {
		case <-p.Done():
			t.Errorf("killed with a thread: %v", p.Exit())
		default:
			p.Stop(time.Hour)
		}
	}
	for _, p := range running {
		ended(t, p)
	}
	if n := strings.Count(out.String(), "alone"); n != len(running) {
		t.Errorf("%d programs ended by themselves, want %d", n, len(running))
	}
}

// endThreads ends threads of this process: one does that was locked by a goroutine which ends.
func endThreads() {
	var running sync.WaitGroup
	for range 64 {
		running.Go(runtime.LockOSThread)
	}
	running.Wait()
}
