//go:build !linux

package host

import "syscall"

// childAttributes cannot tie the child's life to this process: only Linux can.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// EndWithParent does nothing: only Linux tells a process that its parent has died.
func EndWithParent() {}
