// Package schedule is the laptop's EventBridge Scheduler: it starts functions at their schedules'
// rates, with the events that AWS sends.
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// Invoke runs a function on an event and returns when it has ended, or ctx has.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// Run keeps the functions' schedules until ctx ends, and then returns without waiting for what
// still runs. The first tick of a schedule comes after one period. Each has one run at a time: of
// the ticks that come meanwhile one waits and the others are dropped, where AWS would start another
// copy. What fails is told to log, and the next tick is the only retry.
func Run(ctx context.Context, functions []template.Function, invoke Invoke, log io.Writer) {
	var all sync.WaitGroup
	for _, f := range functions {
		for _, s := range f.Schedules {
			all.Go(func() {
				ticker := time.NewTicker(s.Rate)
				defer ticker.Stop()
				keep(ctx, f.Name, s, ticker.C, invoke, log)
			})
		}
	}
	all.Wait()
}

// keep runs a function once for each tick that it is free for.
func keep(ctx context.Context, function string, s template.Schedule, ticks <-chan time.Time, invoke Invoke, log io.Writer) {
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks:
			if _, err := invoke(ctx, function, event(s, now)); err != nil && ctx.Err() == nil {
				_, _ = fmt.Fprintf(log, "schedule %s: %s\n", s.Name, err)
			}
		}
	}
}

// event is what EventBridge Scheduler sends a function where no input of its own is set: its detail
// is an empty object, as a string.
func event(s template.Schedule, now time.Time) []byte {
	content, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          lambda.NewRequestID(),
		"detail-type": "Scheduled Event",
		"source":      "aws.scheduler",
		"account":     template.Account,
		"time":        now.UTC().Format(time.RFC3339),
		"region":      template.Region,
		"resources":   []string{s.ARN()},
		"detail":      "{}",
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	return content
}
