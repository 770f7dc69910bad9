//go:build unix

package process

import (
	"os"
	"syscall"
)

// stopSignal returns the signal that asks a program to stop.
func stopSignal(interrupt bool) os.Signal {
	if interrupt {
		return os.Interrupt
	}
	return syscall.SIGTERM
}

// signalGroup sends a signal to the program and its children. The group is gone when all of them are.
func (p *Process) signalGroup(signal os.Signal) {
	if number, ok := signal.(syscall.Signal); ok {
		_ = syscall.Kill(-p.cmd.Process.Pid, number)
	}
}

func (p *Process) killGroup() { p.signalGroup(syscall.SIGKILL) }

// detached puts a program into its own process group, so that Ctrl-C on the terminal does not reach it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
