//go:build !linux

package lambda

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from an instance, so that the stack can drain first. Only
// Linux can also end an instance with a stack that was killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
