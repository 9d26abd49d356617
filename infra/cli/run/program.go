package run

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"time"

	"keepsake/infra/cli/service"
)

// Program is what is started with the secrets.
type Program struct {
	path string
	args []string
}

// The exit codes of a program that cannot be started, as shells have them.
const (
	notRunnable = 126
	notFound    = 127
)

// Find looks for a program as a shell does. If there is none, it returns the exit code that a shell has for that.
func Find(args []string) (Program, int, error) {
	path, err := exec.LookPath(args[0])
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Program{}, notFound, service.Fail(service.Failed, "there is no program %s", args[0])
	case err != nil:
		return Program{}, notRunnable, service.Fail(service.Failed, "%s cannot be run", args[0])
	}
	return Program{path, args}, 0, nil
}

// child is a program that runs.
type child struct {
	cmd   *exec.Cmd
	ended chan int // its exit code
}

// start starts the program on our own streams.
func (p Program) start(environ []string) (*child, error) {
	c := &child{cmd: &exec.Cmd{Path: p.path, Args: p.args, Env: environ, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}, ended: make(chan int, 1)}
	if err := c.cmd.Start(); err != nil {
		return nil, service.Fail(service.Failed, "%s cannot be run: %v", p.args[0], err)
	}
	go func() {
		_ = c.cmd.Wait() // the state says it all
		c.ended <- status(c.cmd.ProcessState)
	}()
	return c, nil
}

// stop asks the program to end, and ends it if it has not after the grace.
func (c *child) stop(grace time.Duration) {
	if c.cmd.Process.Signal(terminate) != nil {
		_ = c.cmd.Process.Kill()
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}
