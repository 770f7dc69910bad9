package process

import (
	"os"
	"syscall"
)

// attributes hide the console's Ctrl-C from the program.
func attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stopSignal is not a signal: closing standard input asks a program to stop.
func stopSignal(bool) os.Signal { return nil }

func (p *Process) signalGroup(os.Signal) {}

// killGroup kills the program. Windows does not track its children.
func (p *Process) killGroup() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
	}
}

// detached hides the console's Ctrl-C from a program.
func detached() *syscall.SysProcAttr { return attributes(false) }
