package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

const (
	// sweepPause is the time between two sweeps of expired rows. AWS promises days, and takes minutes
	// to hours. A laptop's sweep costs milliseconds, and whoever waits for one with RETENTION=15s
	// wants to see it.
	sweepPause = time.Second
	// sweepShare bounds what sweeps may cost where a table has grown: a twentieth of the time.
	sweepShare = 20
)

// startSweeps has the stack's own engine delete expired rows, which it never does by itself. An
// engine that runs elsewhere is its owner's.
func (s *stack) startSweeps(context.Context) error {
	if s.engine != nil && s.settings.purge != purgeBySchedule {
		s.background(func(ctx context.Context) { sweepAgain(ctx, s.engine.SweepTTL, sweepPause, s.log) })
	}
	return nil
}

// sweepAgain sweeps until ctx ends, and tells of a failure once until it is another.
func sweepAgain(ctx context.Context, sweep func(context.Context) error, pause time.Duration, log io.Writer) {
	for said := ""; ; {
		begun := time.Now()
		err := sweep(ctx)
		if err == nil {
			said = ""
		} else if text := err.Error(); text != said && ctx.Err() == nil {
			said = text
			_, _ = fmt.Fprintln(log, text)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(pause, sweepShare*time.Since(begun))):
		}
	}
}
