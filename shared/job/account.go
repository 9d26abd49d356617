package job

import (
	"context"
	"log/slog"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/telemetry"
)

// auditFailures is the metric of lines that the trail did not take.
const auditFailures = "AuditFailures"

// account is what one run comes to: the job's own part of the run's line.
type account struct {
	request string // the id of what started the run
	attrs   []slog.Attr
	metrics []telemetry.Metric
}

// note adds a count to the line that is no metric.
func (a *account) note(name string, n int) { a.attrs = append(a.attrs, slog.Int(name, n)) }

// sum adds n to a metric.
func (a *account) sum(name string, n int) { a.metric(name, telemetry.Count).Value += float64(n) }

// longest has a metric be the largest of the seconds that are given to it.
func (a *account) longest(name string, seconds float64) {
	m := a.metric(name, telemetry.Seconds)
	m.Value = max(m.Value, seconds)
}

func (a *account) metric(name string, unit telemetry.Unit) *telemetry.Metric {
	for i := range a.metrics {
		if a.metrics[i].Name == name {
			return &a.metrics[i]
		}
	}
	a.metrics = append(a.metrics, telemetry.Metric{Name: name, Unit: unit})
	return &a.metrics[len(a.metrics)-1]
}

// work is what a run does. It tells the account as it goes, so that a run that fails says how far it came.
type work func(context.Context, *account) error

// accounted returns what does a run's work and writes its one line, whatever became of it.
func (s Shift) accounted(operation string) func(ctx context.Context, request string, do work) error {
	function := &telemetry.Function{Operation: operation, Log: s.Log, Metrics: s.Metrics, Now: s.Now}
	return func(ctx context.Context, request string, do work) error {
		ctx, run := function.Begin(ctx)
		done := &account{request: request}
		err := do.safely(ctx, done)
		run.End(ctx, done.summary(err))
		return err
	}
}

func (w work) safely(ctx context.Context, done *account) (err error) {
	defer safely(&err)
	return w(ctx, done)
}

func (a *account) summary(err error) telemetry.Summary {
	s := telemetry.Summary{
		Message: "job", Level: slog.LevelInfo, Outcome: telemetry.OK,
		Attrs: append(a.attrs, slog.String("request_id", a.request)), Metrics: a.metrics,
	}
	if err == nil {
		return s
	}
	s.Level, s.Outcome = slog.LevelError, string(fault.KindOf(err))
	s.Attrs = append(s.Attrs, slog.String("error", err.Error()))
	s.Metrics = append(s.Metrics, telemetry.Metric{Name: "JobFailures", Unit: telemetry.Count, Value: 1})
	return s
}

// about are the fields of a line about one secret, and about the trace that its row is stamped with.
func about(ref secret.Ref, by secret.Stamp) []slog.Attr {
	attrs := []slog.Attr{slog.String("workspace_id", ref.Workspace), slog.String("secret_id", ref.ID)}
	if by.TraceID != "" {
		attrs = append(attrs, slog.String("trace_id", by.TraceID))
	}
	return attrs
}
