// Package schedule is the laptop's EventBridge Scheduler. It invokes functions at the rates of their
// schedules, with the events that AWS sends.
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

// Invoke runs a function on an event and returns when the function or ctx has ended.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// Run keeps the functions' schedules until ctx ends. Then it returns without waiting for running
// functions. The first tick of a schedule comes after one period. A schedule has one run at a time: of
// the ticks that come during a run, one waits and the others are dropped. AWS would start another copy.
// A failure is logged, and the next tick is the only retry.
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

// keep invokes a function at each tick, but not while it runs.
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

// event returns what EventBridge Scheduler sends if a schedule has no input of its own. The detail is an
// empty object, as a string.
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
