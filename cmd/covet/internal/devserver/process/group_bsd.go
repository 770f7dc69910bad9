//go:build unix && !linux

package process

import "syscall"

// attributes put the program into a group of its own.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
