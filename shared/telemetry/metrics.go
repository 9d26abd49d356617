package telemetry

import (
	"log/slog"
	"time"
)

const namespace = "Keepsake"

// The fields of a line that tell metrics apart: CloudWatch's dimensions.
const (
	stackField     = "stack"
	operationField = "operation"
	// Reason says why something did not go well.
	Reason = "reason"
)

// Unit is a CloudWatch unit.
type Unit string

// The units.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
)

// Metric is a figure that CloudWatch draws and alarms on. Each name with each value of its
// dimensions is a metric that is paid for by the month.
type Metric struct {
	Name  string
	Unit  Unit // empty: CloudWatch's None, for a count that no alarm watches
	Value float64
	By    string // the line's field that is its dimension; empty: only the stack
}

// Metrics says whose the metrics are, and by which dimensions.
type Metrics struct {
	Stack    string // the deployed stack
	Detailed bool   // by operation, too
}

// attrs makes a line a document of CloudWatch's Embedded Metric Format, which costs no call.
func (m Metrics) attrs(now time.Time, all []Metric) []slog.Attr {
	if len(all) == 0 {
		return nil
	}
	attrs := make([]slog.Attr, 0, len(all)+2)
	for _, one := range all {
		attrs = append(attrs, slog.Float64(one.Name, one.Value))
	}
	return append(attrs, slog.String(stackField, m.Stack), slog.Any("_aws", document{
		Timestamp: now.UnixMilli(), CloudWatchMetrics: m.directives(all),
	}))
}

// document says which of a line's fields are metrics.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type document struct {
	Timestamp         int64 // Unix milliseconds
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct {
	Name string
	Unit Unit `json:",omitempty"`
}

// directives returns one directive for each By of the metrics.
func (m Metrics) directives(all []Metric) []directive {
	var out []directive
	index := map[string]int{}
	for _, one := range all {
		i, there := index[one.By]
		if !there {
			i = len(out)
			index[one.By] = i
			out = append(out, directive{Namespace: namespace, Dimensions: m.dimensions(one.By)})
		}
		out[i].Metrics = append(out[i].Metrics, definition{one.Name, one.Unit})
	}
	return out
}

func (m Metrics) dimensions(by string) [][]string {
	switch {
	case by != "":
		return [][]string{{stackField, by}}
	case m.Detailed:
		return [][]string{{stackField}, {stackField, operationField}}
	}
	return [][]string{{stackField}}
}
