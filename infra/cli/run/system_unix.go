//go:build unix

package run

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"keepsake/infra/cli/service"
)

// terminate asks a program to end.
var terminate os.Signal = syscall.SIGTERM

// passed are the signals that a program gets from us if it runs below us.
var passed = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCONT, syscall.SIGALRM,
}

// fromTerminal are those of them that a terminal sends to the program itself, too.
var fromTerminal = []os.Signal{syscall.SIGINT, syscall.SIGQUIT}

// Become replaces this process by the program. So nobody stands between it and its signals, and nothing but it holds
// the values.
func (p Program) Become(environ []string) (int, error) {
	err := syscall.Exec(p.path, p.args, environ)
	return notRunnable, service.Fail(service.Failed, "%s cannot be run: %v", p.args[0], err)
}

// status is the exit code of a program, as shells have it if a signal ended it.
func status(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}

// ParseSignal returns a signal by its name, such as HUP or SIGHUP.
func ParseSignal(name string) (os.Signal, error) {
	name = strings.ToUpper(name)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	if s := unix.SignalNum(name); s != 0 {
		return s, nil
	}
	return nil, service.Fail(service.Failed, "there is no signal %s", name)
}
