package api

import (
	"log/slog"
	"net/http"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/telemetry"
)

// summary returns the one log line about a request: who asked for what, and the outcome. It has no value,
// and no field that a client could put a value into by mistake.
func (c *Call) summary(r Response, err error, took time.Duration) telemetry.Summary {
	s := telemetry.Summary{
		Message: "request", Level: slog.LevelInfo, Outcome: telemetry.OK,
		Attrs: append(c.subjectAttrs(),
			slog.String("request_id", c.event.RequestContext.RequestID),
			slog.String("principal", c.Principal.ID),
			slog.Int("status", r.status)),
		Metrics: []telemetry.Metric{
			{Name: telemetry.Requests, Value: 1},
			{Name: telemetry.Latency, Unit: telemetry.Milliseconds, Value: float64(took.Microseconds()) / 1000},
		},
	}
	count := func(name, by string) {
		s.Metrics = append(s.Metrics, telemetry.Metric{Name: name, Unit: telemetry.Count, Value: 1, By: by})
	}
	if r.kind != "" {
		s.Outcome = string(r.kind)
		count(telemetry.Errors, telemetry.Reason)
	}
	if r.status >= http.StatusInternalServerError {
		s.Level = slog.LevelError
		count(telemetry.ServerErrors, "")
	}
	if c.unaudited {
		count(telemetry.AuditFailures, "")
	}
	if err != nil {
		s.Attrs = append(s.Attrs, slog.String("error", err.Error()))
	}
	if c.untold > 0 {
		s.Metrics = append(s.Metrics, telemetry.Metric{Name: telemetry.EventFailures, Unit: telemetry.Count, Value: float64(c.untold)})
		s.Attrs = append(s.Attrs, slog.String("untold", c.untoldBecause.Error()))
	}
	return s
}

// subjectAttrs returns what the call is about, and its trace. An id in the path is logged only if it is
// shaped like one: anything else may be a value.
func (c *Call) subjectAttrs() []slog.Attr {
	ref := secret.Ref{Workspace: c.Workspace, ID: c.event.PathParameters["id"]}
	if c.about != "" {
		ref.ID = c.about
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("workspace_id", ref.Workspace))
	if ref.Plausible() {
		attrs = append(attrs, slog.String("secret_id", ref.ID))
	}
	if c.trace != "" {
		attrs = append(attrs, slog.String("trace_id", c.trace))
	}
	return attrs
}
