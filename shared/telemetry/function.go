// Package telemetry writes one line for each invocation of a function, which is its log and
// its metrics at once, with its calls of AWS. It knows no operation, and no operation's data:
// the caller chooses what a line contains.
package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// OK is the outcome of a success. Any other outcome is the reason of a failure.
const OK = "ok"

// Function is what all invocations of one function share.
type Function struct {
	Operation string
	Log       *slog.Logger
	Metrics   Metrics
	Now       func() time.Time

	warm atomic.Bool // there has been an invocation
}

// Invocation is one run of a function. Many goroutines may make its calls of AWS; only one may
// call Begin, Took and End.
type Invocation struct {
	of    *Function
	meter *meter
	begun time.Time
	took  time.Duration
	cold  bool
}

// Begin starts an invocation. It counts the calls of AWS that use the returned context.
func (f *Function) Begin(ctx context.Context) (context.Context, *Invocation) {
	ctx, m := withMeter(ctx)
	return ctx, &Invocation{of: f, meter: m, begun: time.Now(), cold: !f.warm.Swap(true)}
}

// Took returns the time from Begin to the first call of Took.
func (i *Invocation) Took() time.Duration {
	if i.took == 0 {
		i.took = time.Since(i.begun)
	}
	return i.took
}

// Summary is an invocation's result.
type Summary struct {
	Message string
	Level   slog.Level
	Outcome string // OK, or why not
	Attrs   []slog.Attr
	Metrics []Metric
}

// End writes the invocation's line. It says nothing twice: a figure that is a metric is no other field.
func (i *Invocation) End(ctx context.Context, s Summary) {
	attrs := make([]slog.Attr, 0, 32)
	attrs = append(attrs, slog.String(operationField, i.of.Operation), slog.String("outcome", s.Outcome))
	if !slices.ContainsFunc(s.Metrics, func(m Metric) bool { return m.Name == Latency }) {
		attrs = append(attrs, slog.Int64("duration_ms", i.Took().Milliseconds()))
	}
	if s.Outcome != OK {
		attrs = append(attrs, slog.String(Reason, s.Outcome)) // a dimension has to be a field of its own
	}
	if i.cold {
		attrs = append(attrs, slog.Bool("cold", true))
	}
	attrs = append(append(attrs, s.Attrs...), i.meter.attrs()...)
	if n := i.meter.calls(kmsService); n > 0 {
		s.Metrics = append(s.Metrics, Metric{Name: KmsCalls, Value: float64(n)})
	}
	now := i.of.Now().Truncate(time.Millisecond)
	i.write(ctx, now, s, append(attrs, i.of.Metrics.attrs(now, s.Metrics)...))
}

// write writes a line of this time: the logger's own would have six digits more.
func (i *Invocation) write(ctx context.Context, now time.Time, s Summary, attrs []slog.Attr) {
	handler := i.of.Log.Handler()
	if !handler.Enabled(ctx, s.Level) {
		return
	}
	record := slog.NewRecord(now, s.Level, s.Message, 0)
	record.AddAttrs(attrs...)
	_ = handler.Handle(ctx, record) // a log that cannot be written has nowhere to say so
}
