package lambda

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from an instance, so that the stack can drain first, and ends
// the instance with the stack, however the stack ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
