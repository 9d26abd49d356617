package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/stream"
	"keepsake/infra/template"
)

const (
	// sweepPause is the time between two sweeps of expired rows. AWS promises days, and takes minutes
	// to hours. A laptop's sweep costs milliseconds, and whoever waits for one with RETENTION=15s
	// wants to see it.
	sweepPause = time.Second
	// sweepShare bounds what sweeps may cost where a table has grown: a twentieth of the time.
	sweepShare = 20
	// dueFunction is the purge that a schedule starts; the other one comes with the sweeps.
	dueFunction = "purge-due"
)

// background does something until the stack ends.
func (s *stack) background(what func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { what(ctx) })
	s.atEnd(func() { stop(); running.Wait() })
}

// startStreams brings the changes of tables to the functions that read them.
func (s *stack) startStreams(context.Context) error {
	mappings, err := stream.New(stream.Config{
		DynamoDB: s.dynamodb, Invoke: s.functions.Invoke, May: iam.NewAccount(s.template).May,
		Positions: positionsDir, Queues: queuesDir, Log: s.log, Drain: drainTime,
	}, s.template.Functions)
	if err != nil {
		return err
	}
	s.background(mappings.Run)
	return nil
}

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
		if host.Sleep(ctx, max(pause, sweepShare*time.Since(begun))) != nil {
			return
		}
	}
}

// scheduled are the functions whose schedules are kept.
func (s *stack) scheduled() []template.Function {
	if s.settings.purge != purgeByTTL {
		return s.template.Functions
	}
	return slices.DeleteFunc(slices.Clone(s.template.Functions), func(f template.Function) bool { return f.Name == dueFunction })
}
