// Package telemetry tells what a function does: one line for each invocation, which is its log and
// its metrics at once, with what it has asked of AWS. It knows no operation, and no operation's data:
// what stands in a line is the caller's choice.
package telemetry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// OK is the outcome of what went well. Every other is the reason why it did not.
const OK = "ok"

// Function is what all invocations of one function share.
type Function struct {
	Operation string
	Log       *slog.Logger
	Metrics   Metrics
	Now       func() time.Time

	warm atomic.Bool // there has been an invocation
}

// Invocation is one run of a function. Its calls of AWS may be made by many goroutines; Begin, Took and
// End are the business of one.
type Invocation struct {
	of    *Function
	meter *meter
	begun time.Time
	took  time.Duration
	cold  bool
}

// Begin begins an invocation. Calls of AWS that are made with the context that it returns are counted.
func (f *Function) Begin(ctx context.Context) (context.Context, *Invocation) {
	ctx, m := withMeter(ctx)
	return ctx, &Invocation{of: f, meter: m, begun: time.Now(), cold: !f.warm.Swap(true)}
}

// Took is how long the invocation took until this was first asked.
func (i *Invocation) Took() time.Duration {
	if i.took == 0 {
		i.took = time.Since(i.begun)
	}
	return i.took
}

// Summary is what an invocation came to.
type Summary struct {
	Message string
	Level   slog.Level
	Outcome string // OK, or why not
	Attrs   []slog.Attr
	Metrics []Metric
}

// End writes the invocation's line.
func (i *Invocation) End(ctx context.Context, s Summary) {
	attrs := make([]slog.Attr, 0, 32)
	attrs = append(attrs, slog.String(operationField, i.of.Operation), slog.String("outcome", s.Outcome),
		slog.Int64("duration_ms", i.Took().Milliseconds()))
	if s.Outcome != OK {
		attrs = append(attrs, slog.String(Reason, s.Outcome)) // a dimension has to be a field of its own
	}
	if i.cold {
		attrs = append(attrs, slog.Bool("cold", true))
	}
	attrs = append(append(attrs, s.Attrs...), i.meter.attrs()...)
	if n := i.meter.calls("KMS"); n > 0 {
		s.Metrics = append(s.Metrics, Metric{Name: KmsCalls, Unit: Count, Value: float64(n)})
	}
	i.of.Log.LogAttrs(ctx, s.Level, s.Message, append(attrs, i.of.Metrics.attrs(i.of.Now(), s.Metrics)...)...)
}
