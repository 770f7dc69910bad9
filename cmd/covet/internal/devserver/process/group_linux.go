package process

import "syscall"

// attributes put the program into its own process group, and make the kernel kill it when the dev server dies.
func attributes(interrupt bool) *syscall.SysProcAttr {
	death := syscall.SIGKILL
	if interrupt {
		death = syscall.SIGINT
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
}
