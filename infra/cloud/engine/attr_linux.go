package engine

import "syscall"

// childAttributes gives the engine a process group of its own, so that a terminal's Ctrl-C leaves it
// up until its owner has drained, and has the kernel end it if its owner is killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
