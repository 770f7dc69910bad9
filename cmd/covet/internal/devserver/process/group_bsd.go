//go:build unix && !linux

package process

import "syscall"

// attributes put the program into its own process group.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
