//go:build !linux

package engine

import "syscall"

// childAttributes gives the engine a process group of its own, so that a terminal's Ctrl-C leaves it
// up until its owner has drained. Only Linux can also tie its life to its owner's.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
