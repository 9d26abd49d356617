package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"keepsake/infra/cloud/host"
	"keepsake/infra/template"
)

// run is make run: it starts the stack, prints how to use it, and returns when it has ended.
func run(ctx context.Context, out io.Writer) error {
	host.EndWithParent()
	set, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	unlock, err := lockState()
	if err != nil {
		return err
	}
	defer unlock()
	door, err := listen(set.port) // before anything slow
	if err != nil {
		return err
	}
	defer door.Close()

	s := &stack{settings: set, door: door, out: out}
	defer s.end()
	if err := s.start(ctx); err != nil {
		return err
	}
	s.greet()
	select {
	case <-ctx.Done():
		s.say("ending")
		return nil
	case <-s.engineEnded():
		return fmt.Errorf("the DynamoDB engine has ended by itself: see %s", logPath)
	}
}

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		other := port + 1
		if other > 65535 {
			other = defaultPort
		}
		return nil, fmt.Errorf("port %d is taken: PORT=%d make run", port, other)
	} else if err != nil {
		return nil, fmt.Errorf("PORT=%d: %w", port, err)
	}
	return listener, nil
}

// start brings everything up, one thing after the other, and says so.
func (s *stack) start(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		s.startDynamoDB, s.startKMS, s.startFunctions, s.startStreams, s.startSweeps,
		s.provideToken, s.openDoor, s.awaitAnswer, s.publish, s.startSchedules,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prepare does what needs no child: it reads, checks and cleans up.
func (s *stack) prepare() (err error) {
	if s.template, err = template.Read(templatePath, parameters(os.Getenv)...); err != nil {
		return err
	}
	if s.bridge, err = bridgeAddress(s.settings.docker); err != nil {
		return err
	}
	for _, f := range s.template.Functions {
		if _, err := os.Stat(bootstrapPath(f.Name)); err != nil {
			return fmt.Errorf("%s is not built (%s is missing): make run builds it", f.Name, bootstrapPath(f.Name))
		}
	}
	if s.settings.fresh {
		s.say("starting empty")
		if err := forget(); err != nil {
			return err
		}
	}
	s.log, err = os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the stack's log: %w", err)
	}
	s.atEnd(func() { _ = s.log.Close() })
	return nil
}
