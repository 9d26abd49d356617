package run

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"time"
)

// Watch is how a program is held to its secrets.
type Watch struct {
	Program  Program
	Interval time.Duration
	Grace    time.Duration // how long the program has to end before it is ended
	Signal   os.Signal     // what the program gets on a change; nil: it is restarted
	Terminal bool          // stdin is a terminal, whose signals reach the program without us

	Environment func(Values) ([]string, error)
	Poll        func(context.Context, Values) (now Values, changed bool) // never fails: it says what is wrong, and keeps what was
	Wait        func(context.Context, time.Duration) error
	Tell        func(format string, args ...any)
}

// Run runs the program until it ends by itself, and returns its exit code. Signals that come to us go on to it.
func (w Watch) Run(ctx context.Context, values Values) (int, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passed...)
	defer signal.Stop(signals)
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // a signal ends the program, and that ends us
	defer stop()
	changes := w.changes(ctx, values)
	for {
		environ, err := w.Environment(values)
		if err != nil {
			return 1, err
		}
		c, err := w.Program.start(environ)
		if err != nil {
			return notRunnable, err
		}
		code, ended := 0, false
		if values, code, ended = w.attend(c, signals, changes, values); ended {
			return code, nil
		}
	}
}

// changes polls until the context ends, and sends all values whenever one has changed.
func (w Watch) changes(ctx context.Context, values Values) <-chan Values {
	out := make(chan Values)
	go func() {
		for w.Wait(ctx, w.Interval) == nil {
			now, changed := w.Poll(ctx, values)
			values = now
			if !changed {
				continue
			}
			select {
			case out <- now:
			case <-ctx.Done():
			}
		}
	}()
	return out
}

// attend passes signals on until the program has ended, or has to be started with new values.
func (w Watch) attend(c *child, signals <-chan os.Signal, changes <-chan Values, values Values) (now Values, code int, ended bool) {
	stopping := false
	for {
		select {
		case code := <-c.ended:
			return values, code, true
		case s := <-signals:
			stopping = stopping || s == terminate || s == os.Interrupt
			if !w.Terminal || !slices.Contains(fromTerminal, s) {
				_ = c.cmd.Process.Signal(s) // it may have ended
			}
		case values = <-changes:
			switch {
			case stopping: // it is about to end, and is not started again
			case w.Signal != nil:
				w.Tell("a secret has changed: the program gets %s", w.Signal)
				_ = c.cmd.Process.Signal(w.Signal)
			default:
				w.Tell("a secret has changed: the program is restarted")
				c.stop(w.Grace)
				return values, 0, false
			}
		}
	}
}
