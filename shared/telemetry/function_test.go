package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"keepsake/shared/telemetry"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// play is a function of the stack "prod" whose lines a test reads.
func play(detailed bool) (*telemetry.Function, *bytes.Buffer) {
	var log bytes.Buffer
	return &telemetry.Function{
		Operation: "get-secret", Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Metrics: telemetry.Metrics{Stack: "prod", Detailed: detailed},
		Now:     func() time.Time { return noon },
	}, &log
}

// line removes the log's next line.
func line(t *testing.T, log *bytes.Buffer) map[string]any {
	t.Helper()
	text, err := log.ReadBytes('\n')
	if err != nil {
		t.Fatal("there is no line")
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// metadata describes a line's metrics: its _aws.
func metadata(t *testing.T, fields map[string]any) string {
	t.Helper()
	text, err := json.Marshal(fields["_aws"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var figures = []telemetry.Metric{
	{Name: "Requests", Value: 1},
	{Name: "Errors", Unit: telemetry.Count, Value: 1, By: telemetry.Reason},
	{Name: "Latency", Unit: telemetry.Milliseconds, Value: 12},
}

func TestALineIsALogAndAMetricDocumentAtOnce(t *testing.T) {
	f, log := play(false)
	ctx, run := f.Begin(t.Context())
	run.End(ctx, telemetry.Summary{
		Message: "request", Level: slog.LevelInfo, Outcome: "not_found",
		Attrs: []slog.Attr{slog.Int("status", 404)}, Metrics: figures,
	})
	got := line(t, log)
	for name, want := range map[string]any{
		"level": "INFO", "msg": "request", "operation": "get-secret", "outcome": "not_found", "reason": "not_found",
		"status": 404.0, "stack": "prod", "Requests": 1.0, "Errors": 1.0, "Latency": 12.0,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	want := `{"CloudWatchMetrics":[` +
		`{"Dimensions":[["stack"]],"Metrics":[{"Name":"Requests"},{"Name":"Latency","Unit":"Milliseconds"}],"Namespace":"Keepsake"},` +
		`{"Dimensions":[["stack","reason"]],"Metrics":[{"Name":"Errors","Unit":"Count"}],"Namespace":"Keepsake"}],"Timestamp":1795435200000}`
	if metadata(t, got) != want {
		t.Errorf("_aws is %s, want %s", metadata(t, got), want)
	}
}

func TestDetailedMetricsAreToldApartByOperationToo(t *testing.T) {
	f, log := play(true)
	ctx, run := f.Begin(t.Context())
	run.End(ctx, telemetry.Summary{Outcome: telemetry.OK, Metrics: figures[:2]})
	want := `{"CloudWatchMetrics":[` +
		`{"Dimensions":[["stack"],["stack","operation"]],"Metrics":[{"Name":"Requests"}],"Namespace":"Keepsake"},` +
		`{"Dimensions":[["stack","reason"]],"Metrics":[{"Name":"Errors","Unit":"Count"}],"Namespace":"Keepsake"}],"Timestamp":1795435200000}`
	if got := metadata(t, line(t, log)); got != want {
		t.Errorf("_aws is %s, want %s", got, want)
	}
}

func TestAFigureStandsOnceInALine(t *testing.T) {
	f, log := play(false)
	for _, c := range []struct {
		metrics []telemetry.Metric
		took    bool // there is a duration_ms
	}{{nil, true}, {figures[:1], true}, {figures, false}} { // the last has the Latency
		ctx, run := f.Begin(t.Context())
		run.End(ctx, telemetry.Summary{Outcome: telemetry.OK, Metrics: c.metrics})
		if _, took := line(t, log)["duration_ms"]; took != c.took {
			t.Errorf("with %v: a duration_ms is there %v, want %v", c.metrics, took, c.took)
		}
	}
}

func TestALinesTimeIsItsMetricsTimeToTheMillisecond(t *testing.T) {
	f, log := play(false)
	f.Now = func() time.Time { return noon.Add(1234567 * time.Nanosecond) }
	ctx, run := f.Begin(t.Context())
	run.End(ctx, telemetry.Summary{Outcome: telemetry.OK, Metrics: figures})
	got := line(t, log)
	if got["time"] != "2026-11-23T12:00:00.001Z" || !strings.HasSuffix(metadata(t, got), `"Timestamp":1795435200001}`) {
		t.Errorf("time %v, _aws %s", got["time"], metadata(t, got))
	}
}

func TestALineWithoutMetricsIsNoMetricDocument(t *testing.T) {
	f, log := play(false)
	ctx, run := f.Begin(t.Context())
	run.End(ctx, telemetry.Summary{Message: "job", Outcome: telemetry.OK})
	got := line(t, log)
	for _, name := range []string{"_aws", "reason", "dynamodb_calls", "kms_calls", "KmsCalls"} {
		if value, there := got[name]; there {
			t.Errorf("%s is %v", name, value)
		}
	}
}

func TestOnlyAContainersFirstInvocationIsCold(t *testing.T) {
	f, log := play(false)
	var cold []any
	for range 3 {
		ctx, run := f.Begin(t.Context())
		run.End(ctx, telemetry.Summary{Outcome: telemetry.OK})
		cold = append(cold, line(t, log)["cold"])
	}
	if want := []any{true, nil, nil}; !reflect.DeepEqual(cold, want) {
		t.Errorf("cold: %v, want %v", cold, want)
	}
}

// cloud answers every call, the first ones with a fault.
func cloud(t *testing.T, faults int) aws.Config {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if faults--; faults >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		APIOptions:  []func(*middleware.Stack) error{telemetry.Measure},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
}

func list(ctx context.Context, t *testing.T, cfg aws.Config) {
	t.Helper()
	if _, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{}); err != nil {
		t.Error(err)
	}
}

func TestEachInvocationCountsItsOwnCalls(t *testing.T) {
	f, log := play(false)
	cfg := cloud(t, 0)
	list(t.Context(), t, cfg) // in no invocation
	for _, c := range []struct{ dynamodb, kms float64 }{{3, 2}, {1, 0}} {
		ctx, run := f.Begin(t.Context())
		var all sync.WaitGroup
		for range int(c.dynamodb) {
			all.Go(func() { list(ctx, t, cfg) })
		}
		for range int(c.kms) {
			all.Go(func() {
				if _, err := kms.NewFromConfig(cfg).ListKeys(ctx, &kms.ListKeysInput{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		run.End(ctx, telemetry.Summary{Outcome: telemetry.OK, Metrics: figures[:1]})
		got := line(t, log)
		if _, timed := got["dynamodb_ms"].(float64); got["dynamodb_calls"] != c.dynamodb || !timed {
			t.Errorf("dynamodb: %v calls in %v ms, want %v", got["dynamodb_calls"], got["dynamodb_ms"], c.dynamodb)
		}
		if c.kms == 0 {
			if got["kms_calls"] != nil || got["KmsCalls"] != nil {
				t.Errorf("kms: %v", got)
			}
		} else if got["KmsCalls"] != c.kms || got["kms_calls"] != nil {
			t.Errorf("kms: %v calls, and %v; want %v", got["KmsCalls"], got["kms_calls"], c.kms)
		}
	}
}

func TestARetryIsAnotherCall(t *testing.T) {
	f, log := play(false)
	ctx, run := f.Begin(t.Context())
	list(ctx, t, cloud(t, 1))
	run.End(ctx, telemetry.Summary{Outcome: telemetry.OK})
	if got := line(t, log)["dynamodb_calls"]; got != 2.0 {
		t.Errorf("%v calls, want 2", got)
	}
}
