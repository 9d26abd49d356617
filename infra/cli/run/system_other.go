//go:build !unix

package run

import (
	"os"

	"keepsake/infra/cli/service"
)

// terminate ends a program: this system has no way to ask.
var terminate = os.Kill

var (
	passed       = []os.Signal{os.Interrupt}
	fromTerminal = []os.Signal{os.Interrupt} // a console sends it to the program itself, too
)

// Become runs the program, and returns its exit code: a process of this system cannot be replaced by another.
func (p Program) Become(environ []string) (int, error) {
	c, err := p.start(environ)
	if err != nil {
		return notRunnable, err
	}
	return <-c.ended, nil
}

func status(s *os.ProcessState) int { return s.ExitCode() }

// ParseSignal refuses every signal: this system has none.
func ParseSignal(string) (os.Signal, error) {
	return nil, service.Fail(service.Failed, "this system has no signals: leave --signal out, and the program is restarted")
}
