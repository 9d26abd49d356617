package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"keepsake/infra/cloud/host"
)

const (
	// sweepInterval is the time between two sweeps of expired rows. AWS promises days, and takes
	// minutes to hours. A laptop's sweep costs milliseconds, and RETENTION=15s is for watching one.
	sweepInterval = time.Second
	// sweepShare bounds the cost of sweeping a table that has grown: one part in twenty of the time.
	sweepShare = 20
)

// sweeps make the stack's own engine delete expired rows, which it never does of its own accord. An
// engine that runs elsewhere is left alone.
type sweeps struct {
	db    *dynamoDB
	purge string // of the settings
	log   io.Writer
}

func (s *sweeps) start(context.Context) (stop func(), err error) {
	if s.db.engine == nil || s.purge == purgeBySchedule {
		return nil, nil
	}
	return background(func(ctx context.Context) { sweepAgain(ctx, s.db.engine.SweepTTL, sweepInterval, s.log) }), nil
}

// sweepAgain sweeps until ctx ends, and logs a failure once, until another one comes.
func sweepAgain(ctx context.Context, sweep func(context.Context) error, interval time.Duration, log io.Writer) {
	for logged := ""; ; {
		begun := time.Now()
		err := sweep(ctx)
		if err == nil {
			logged = ""
		} else if text := err.Error(); text != logged && ctx.Err() == nil {
			logged = text
			_, _ = fmt.Fprintln(log, text)
		}
		if host.Sleep(ctx, max(interval, sweepShare*time.Since(begun))) != nil {
			return
		}
	}
}
