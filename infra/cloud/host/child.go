// Package host is what the stand-ins need from the machine that they run on: child processes, file
// locks, files that are replaced in one step, and waiting.
package host

import (
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// outputGrace is how long a grandchild may keep a child's output open once the child has ended.
const outputGrace = time.Second

// Child is a process that this one has started. Its methods may be called by many goroutines at once.
type Child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended; err is set by then
	err  error
}

// Start starts cmd in a process group of its own: a terminal's Ctrl-C does not reach it, so that its
// parent can finish first. On Linux the kernel kills the child when this process dies, however it dies.
// Start calls ended, unless it is nil, when the child has ended and before Done is closed.
func Start(cmd *exec.Cmd, ended func()) (*Child, error) {
	cmd.SysProcAttr = childAttributes()
	cmd.WaitDelay = outputGrace
	c := &Child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux kills a child when the thread that started it ends: this one stays as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.wait(ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Child) wait(ended func()) {
	c.err = c.cmd.Wait()
	if ended != nil {
		ended()
	}
	close(c.done)
}

// Done is closed when the child has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err says how the child ended; nil is an exit status of 0. Call it only after Done is closed.
func (c *Child) Err() error { return c.err }

// Alive reports whether the child has not ended yet.
func (c *Child) Alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// PID is the child's process id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Signal sends s to the child's process group. It does nothing if the child has ended.
func (c *Child) Signal(s syscall.Signal) {
	if c.Alive() {
		_ = syscall.Kill(-c.PID(), s) // fails only if the group ended just now
	}
}

// Kill kills the child's process group and returns when the child has ended.
func (c *Child) Kill() {
	c.Signal(syscall.SIGKILL)
	<-c.done
}

// Stop asks the child's process group to end, kills it if it is still there after grace, and returns
// when the child has ended. It may be called more than once.
func (c *Child) Stop(grace time.Duration) {
	c.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(grace):
		c.Kill()
	}
}
