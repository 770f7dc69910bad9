//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package terminal

import (
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Keys reads single keys of a terminal. Meanwhile, the terminal does not echo them and delivers each at once; Ctrl-C
// and Ctrl-Z work as usual. A process in the background does not read the terminal, which would stop it.
type Keys struct {
	fd      int
	pressed chan rune
	wake    [2]int // a pipe that wakes wait
	signals chan os.Signal
	closed  chan struct{}
	running sync.WaitGroup
	closing sync.Once

	mu       sync.Mutex
	original *unix.Termios // what to restore; nil if nothing is changed
	ended    bool
}

// ReadKeys starts reading the keys of a terminal.
func ReadKeys(in *os.File) (*Keys, error) {
	k := &Keys{fd: int(in.Fd()), pressed: make(chan rune), signals: make(chan os.Signal, 4), closed: make(chan struct{})}
	if err := unix.Pipe(k.wake[:]); err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	for _, fd := range k.wake {
		unix.CloseOnExec(fd)
		if err := unix.SetNonblock(fd, true); err != nil {
			return nil, fmt.Errorf("reading keys: %w", err)
		}
	}
	signal.Notify(k.signals, syscall.SIGTSTP, syscall.SIGCONT)
	k.running.Go(k.read)
	k.running.Go(k.handleSignals)
	return k, nil
}

// Pressed receives the keys. Keys that are not received at once are dropped.
func (k *Keys) Pressed() <-chan rune { return k.pressed }

// Close restores the terminal. It may be called more than once.
func (k *Keys) Close() {
	k.closing.Do(func() {
		close(k.closed)
		signal.Stop(k.signals)
		k.wakeUp()
		k.running.Wait()
		k.mu.Lock()
		k.ended = true
		k.mu.Unlock()
		k.restoreMode()
		_, _ = unix.Close(k.wake[0]), unix.Close(k.wake[1])
	})
}

func (k *Keys) wakeUp() { _, _ = unix.Write(k.wake[1], []byte{0}) }

// handleSignals takes part in job control: it restores the terminal before this process is stopped, and takes it again
// when the process continues in the foreground.
func (k *Keys) handleSignals() {
	for {
		select {
		case <-k.closed:
			return
		case s := <-k.signals:
			if s == syscall.SIGTSTP {
				k.restoreMode()
				_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
				continue
			}
			k.mu.Lock()
			k.original = nil // a shell has changed the mode meanwhile
			k.mu.Unlock()
			k.wakeUp()
		}
	}
}

// inForeground reports whether this process is in the foreground of the terminal.
func (k *Keys) inForeground() bool {
	group, err := unix.IoctlGetInt(k.fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// setRawMode makes the terminal deliver each key at once, without showing it.
func (k *Keys) setRawMode() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.original != nil || k.ended {
		return
	}
	mode, err := unix.IoctlGetTermios(k.fd, getMode)
	if err != nil {
		return
	}
	original := *mode
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if unix.IoctlSetTermios(k.fd, setMode, mode) == nil {
		k.original = &original
	}
}

// restoreMode restores the mode that the terminal had.
func (k *Keys) restoreMode() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.original != nil && k.inForeground() {
		_ = unix.IoctlSetTermios(k.fd, setMode, k.original)
	}
	k.original = nil
}

// background is how often a background process checks whether it is in the foreground.
const background = time.Second

func (k *Keys) read() {
	buffer := make([]byte, 64)
	for {
		select {
		case <-k.closed:
			return
		default:
		}
		if !k.inForeground() {
			k.wait(-1, background)
			continue
		}
		k.setRawMode()
		if !k.wait(k.fd, 0) || !k.inForeground() {
			continue
		}
		n, err := unix.Read(k.fd, buffer)
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		if err != nil || n == 0 {
			return // the terminal is gone
		}
		for _, key := range keys(buffer[:n]) {
			select {
			case k.pressed <- key:
			case <-k.closed:
				return
			case <-time.After(background): // no receiver
			}
		}
	}
}

// sequence matches what terminals send for keys without a character, such as an arrow (ECMA-48 §5.4), and for keys
// pressed with Alt.
var sequence = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?`)

// keys returns the characters in the terminal's input.
func keys(sent []byte) []rune { return []rune(string(sequence.ReplaceAll(sent, nil))) }

// wait waits until fd is readable, unless it is -1, or until wakeUp is called, at most for timeout; 0 means no limit.
// It reports whether fd is readable.
func (k *Keys) wait(fd int, timeout time.Duration) bool {
	var set unix.FdSet
	set.Zero()
	set.Set(k.wake[0])
	if fd >= 0 {
		set.Set(fd)
	}
	var limit *unix.Timeval
	if timeout > 0 {
		t := unix.NsecToTimeval(int64(timeout))
		limit = &t
	}
	n, err := unix.Select(max(fd, k.wake[0])+1, &set, nil, nil, limit)
	if err != nil || n <= 0 {
		return false
	}
	if set.IsSet(k.wake[0]) {
		var drained [64]byte
		_, _ = unix.Read(k.wake[0], drained[:])
	}
	return fd >= 0 && set.IsSet(fd)
}
