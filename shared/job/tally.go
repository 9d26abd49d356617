package job

import (
	"context"
	"log/slog"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/telemetry"
)

// tally collects the job's own part of a run's log line.
type tally struct {
	request string // the id of the event or invocation that started the run
	attrs   []slog.Attr
	metrics []telemetry.Metric
	events  []secret.Event // to tell at the end of the run
}

// note adds to the line a count that is not a metric.
func (t *tally) note(name string, n int) { t.attrs = append(t.attrs, slog.Int(name, n)) }

// sum adds n to a metric.
func (t *tally) sum(name string, n int) { t.metric(name, telemetry.Count).Value += float64(n) }

// longest sets a metric to the largest of the seconds that it is given.
func (t *tally) longest(name string, seconds float64) {
	m := t.metric(name, telemetry.Seconds)
	m.Value = max(m.Value, seconds)
}

// take adds what another tally has counted.
func (t *tally) take(other *tally) {
	t.attrs, t.metrics = append(t.attrs, other.attrs...), append(t.metrics, other.metrics...)
}

func (t *tally) metric(name string, unit telemetry.Unit) *telemetry.Metric {
	for i := range t.metrics {
		if t.metrics[i].Name == name {
			return &t.metrics[i]
		}
	}
	t.metrics = append(t.metrics, telemetry.Metric{Name: name, Unit: unit})
	return &t.metrics[len(t.metrics)-1]
}

// task is the work of a run. It counts as it goes, so that the line of a failed run says how far it
// got.
type task func(context.Context, *tally) error

// logged returns a function that does a run's work and writes its one line, whatever the outcome.
func (r Runner) logged(operation string) func(ctx context.Context, request string, do task) error {
	function := &telemetry.Function{Operation: operation, Log: r.Log, Metrics: r.Metrics, Now: r.Now}
	return func(ctx context.Context, request string, do task) error {
		ctx, run := function.Begin(ctx)
		counts := &tally{request: request}
		err := do.safely(ctx, counts)
		run.End(ctx, counts.summary(err))
		return err
	}
}

func (do task) safely(ctx context.Context, counts *tally) (err error) {
	defer safely(&err)
	return do(ctx, counts)
}

func (t *tally) summary(err error) telemetry.Summary {
	s := telemetry.Summary{
		Message: "job", Level: slog.LevelInfo, Outcome: telemetry.OK,
		Attrs: append(t.attrs, slog.String("request_id", t.request)), Metrics: t.metrics,
	}
	if err == nil {
		return s
	}
	s.Level, s.Outcome = slog.LevelError, string(fault.KindOf(err))
	s.Attrs = append(s.Attrs, slog.String("error", err.Error()))
	return s
}

// secretAttrs returns the fields that name a secret, and the trace of by if it has one.
func secretAttrs(ref secret.Ref, by secret.Stamp) []slog.Attr {
	attrs := []slog.Attr{slog.String("workspace_id", ref.Workspace), slog.String("secret_id", ref.ID)}
	if by.TraceID != "" {
		attrs = append(attrs, slog.String("trace_id", by.TraceID))
	}
	return attrs
}
