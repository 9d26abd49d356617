package job

import (
	"log/slog"
	"time"
)

// metric is a figure that CloudWatch is to draw and alarm on.
type metric struct {
	Name, Unit string
	value      float64
}

// metrics puts figures into a log line in CloudWatch's Embedded Metric Format: they cost no call.
func metrics(now time.Time, operation string, all ...metric) []slog.Attr {
	type definition struct{ Name, Unit string }
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	d := directive{Namespace: "Keepsake", Dimensions: [][]string{{"operation"}}}
	attrs := make([]slog.Attr, 0, len(all)+1)
	for _, m := range all {
		d.Metrics = append(d.Metrics, definition{m.Name, m.Unit})
		attrs = append(attrs, slog.Float64(m.Name, m.value))
	}
	return append(attrs, slog.Any("_aws", map[string]any{
		"Timestamp": now.UnixMilli(), "CloudWatchMetrics": []directive{d},
	}))
}
