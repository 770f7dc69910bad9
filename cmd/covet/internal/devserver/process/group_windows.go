package process

import (
	"os"
	"syscall"
)

// attributes keep the console's Ctrl-C from the program.
func attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stopSignal is no signal: the end of standard input asks a program to end.
func stopSignal(bool) os.Signal { return nil }

func (p *Process) signalGroup(os.Signal) {}

// killGroup kills the program; Windows keeps no account of those that it started.
func (p *Process) killGroup() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
	}
}

// detached keeps the console's Ctrl-C from a program.
func detached() *syscall.SysProcAttr { return attributes(false) }
