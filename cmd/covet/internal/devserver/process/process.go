// Package process runs the programs that the dev server starts, and makes sure that none outlives it:
//
//	p, err := process.Start(process.Command{Path: ".covet/bin/blog", Args: []string{"serve"}, Output: os.Stdout})
//	if err != nil {
//		return err
//	}
//	defer p.Kill()
//	select {
//	case <-p.Done():
//		fmt.Println("it ended:", p.Exit(), p.Tail())
//	case <-ctx.Done():
//		p.Stop(5 * time.Second)
//	}
//
// A program gets a process group of its own, so that the programs that it starts end with it, and a terminal's Ctrl-C
// reaches the dev server alone. Its standard input is a pipe whose end says that the dev server is gone, however it
// went; on Linux the kernel kills the program as well.
package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Command says what to start. The zero value of a field means its default.
type Command struct {
	// Path is the program's file, and Args what follows its name. Defaults to no arguments.
	Path string
	Args []string
	// Dir is its working directory. Defaults to that of this process.
	Dir string
	// Environ is its environment as "NAME=value" strings. Defaults to that of this process.
	Environ []string
	// Output gets what it writes to standard output and error, in whole lines where it writes lines. Write is called by
	// one goroutine at a time. Defaults to nothing but the tail.
	Output io.Writer
	// TailLines is how many of the last lines Tail returns. Defaults to 200.
	TailLines int
	// StopInput is written to standard input when the program shall end, for programs that read it on every system. That
	// input ends when this process does, or the program is killed. Defaults to nothing: it ends at once.
	StopInput string
	// Interrupt ends the program by an interrupt, as Ctrl-C would, instead of SIGTERM; and when this process dies, by
	// an interrupt instead of SIGKILL. It is for programs that clean up, such as the go command.
	Interrupt bool
}

// Exit is how a program ended.
type Exit struct {
	// Code is the exit code, or -1 when a signal ended the program.
	Code int
	// Text says it for people, such as "exit status 1" and "signal: killed".
	Text string
}

// String returns the text.
func (e Exit) String() string { return e.Text }

// Process is a program that was started. It is safe for concurrent use.
type Process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *lines
	done  chan struct{}
	exit  Exit // written before done is closed

	stopping   sync.Once
	stopSignal os.Signal
	stopInput  string
}

// Start starts the program.
func Start(command Command) (*Process, error) {
	cmd := exec.Command(command.Path, command.Args...) //nolint:noctx // a context would kill it without its group
	cmd.Dir, cmd.Env = command.Dir, command.Environ
	cmd.SysProcAttr = attributes(command.Interrupt)
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", command.Path, err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", command.Path, err), read.Close(), write.Close())
	}
	p := &Process{
		cmd: cmd, stdin: stdin, lines: newLines(command.Output, command.TailLines),
		done: make(chan struct{}), stopSignal: stopSignal(command.Interrupt), stopInput: command.StopInput,
	}
	started := make(chan error)
	go p.run(started, read, write)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", command.Path, err)
	}
	return p, nil
}

// outputTimeout is how long the output of a program that has ended is waited for: a program that it started, in a group
// of its own, may still hold it.
const outputTimeout = time.Second

// run starts the program and waits for it. Threat: Linux sends the signal of a parent's death when the thread that
// started the child ends, not the process; so this goroutine keeps its thread for as long as the program runs.
func (p *Process) run(started chan<- error, read, write *os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	_ = write.Close()
	started <- err
	if err != nil {
		_, _ = p.stdin.Close(), read.Close()
		return
	}
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(p.lines, read)
	}()
	err = p.cmd.Wait() // the exit code says the same
	p.killGroup()
	_ = read.SetReadDeadline(time.Now().Add(outputTimeout))
	<-copied
	_ = read.Close()
	p.lines.close()
	p.exit = Exit{Code: p.cmd.ProcessState.ExitCode(), Text: p.cmd.ProcessState.String()}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		p.exit.Text = err.Error()
	}
	close(p.done)
}

// Done is closed once the program has ended and all of its output is written.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit returns how the program ended. It is to be called once Done is closed.
func (p *Process) Exit() Exit { return p.exit }

// Tail returns the last lines of the output.
func (p *Process) Tail() string { return p.lines.tail() }

// PID returns the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks the program to end, and kills it with everything that it started when it has not after grace. It does not
// wait: Done tells. It may be called more than once; only the first call counts.
func (p *Process) Stop(grace time.Duration) {
	p.stopping.Do(func() {
		if p.stopInput == "" {
			_ = p.stdin.Close()
		} else {
			_, _ = io.WriteString(p.stdin, p.stopInput) // a few bytes, which the pipe takes without a reader
		}
		p.signalGroup(p.stopSignal)
		go func() {
			timer := time.NewTimer(grace)
			defer timer.Stop()
			select {
			case <-p.done:
			case <-timer.C:
				p.Kill()
			}
		}()
	})
}

// Kill ends the program and everything that it started at once. It does not wait: Done tells.
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		_ = p.stdin.Close()
		p.killGroup()
		_ = p.cmd.Process.Kill()
	}
}

// Detach starts a program that is not this process's to end, such as a browser. It may outlive this process.
func Detach(path string, args ...string) error {
	cmd := exec.Command(path, args...) //nolint:noctx // nothing ends it
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", path, err)
	}
	go func() { _ = cmd.Wait() }() // its end is of no interest, but has to be taken note of
	return nil
}
