package process

import "syscall"

// attributes put the program into a group of its own, and have the kernel end it when the dev server dies.
func attributes(interrupt bool) *syscall.SysProcAttr {
	death := syscall.SIGKILL
	if interrupt {
		death = syscall.SIGINT
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
}
