// Package process runs the programs that the dev server starts, and ensures that none outlives it:
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
// A program gets its own process group, so that its children are stopped with it, and Ctrl-C on the terminal reaches
// only the dev server. Its standard input is a pipe that is closed when the dev server exits for any reason; on Linux,
// the kernel also kills the program.
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
	// Path is the program's file, and Args are its arguments. Args defaults to none.
	Path string
	Args []string
	// Dir is its working directory. Defaults to that of this process.
	Dir string
	// Environ is its environment as "NAME=value" strings. Defaults to that of this process.
	Environ []string
	// Output receives standard output and error, in whole lines if the program writes lines. Write is called by one
	// goroutine at a time. Defaults to nothing but the tail.
	Output io.Writer
	// TailLines is the number of lines that Tail returns. Defaults to 200.
	TailLines int
	// StopInput is written to standard input to stop the program, which works on every system. Standard input is closed
	// when this process exits or the program is killed. Defaults to nothing: it is closed at once.
	StopInput string
	// Interrupt stops the program by an interrupt, like Ctrl-C, instead of SIGTERM; and when this process dies, by an
	// interrupt instead of SIGKILL. It is for programs that clean up, such as the go command.
	Interrupt bool
}

// Exit is how a program ended.
type Exit struct {
	// Code is the exit code, or -1 if a signal ended the program.
	Code int
	// Text describes the exit, such as "exit status 1" or "signal: killed".
	Text string
}

// String returns the text.
func (e Exit) String() string { return e.Text }

// Process is a started program. It is safe for concurrent use.
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

// outputTimeout is how long to wait for the output of a program that has exited: a child in another process group may
// still hold it open.
const outputTimeout = time.Second

// run starts the program and waits for it. Threat: Linux sends the parent-death signal when the thread that started the
// child ends, not the process; so this goroutine locks its thread for as long as the program runs.
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
	err = p.cmd.Wait() // the exit code contains the same
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

// Done is closed once the program has exited and all of its output is written.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit returns how the program ended. Call it after Done is closed.
func (p *Process) Exit() Exit { return p.exit }

// Tail returns the last lines of the output.
func (p *Process) Tail() string { return p.lines.tail() }

// PID returns the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop asks the program to stop, and kills it and its children after grace. It does not wait; use Done. Only the first
// call has an effect.
func (p *Process) Stop(grace time.Duration) {
	p.stopping.Do(func() {
		if p.stopInput == "" {
			_ = p.stdin.Close()
		} else {
			_, _ = io.WriteString(p.stdin, p.stopInput) // a few bytes, which fit into the pipe's buffer
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

// Kill kills the program and its children. It does not wait; use Done.
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		_ = p.stdin.Close()
		p.killGroup()
		_ = p.cmd.Process.Kill()
	}
}

// Detach starts a program that may outlive this process, such as a browser.
func Detach(path string, args ...string) error {
	cmd := exec.Command(path, args...) //nolint:noctx // it has no context to end it
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", path, err)
	}
	go func() { _ = cmd.Wait() }() // reaps the process
	return nil
}
