package job_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

// logged are the log's lines with this message, from the oldest on.
func (b *bench) logged(message string) []map[string]any {
	b.t.Helper()
	var all []map[string]any
	for text := range strings.Lines(b.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			b.t.Fatal(err)
		}
		if line["msg"] == message {
			all = append(all, line)
		}
	}
	return all
}

// wantLine checks fields of the one line with this message; nil: there is no such field.
func (b *bench) wantLine(message string, want map[string]any) {
	b.t.Helper()
	lines := b.logged(message)
	if len(lines) != 1 {
		b.t.Fatalf("%d lines say %q: %s", len(lines), message, b.log.String())
	}
	for name, value := range want {
		if got := lines[0][name]; got != value {
			b.t.Errorf("%s: %s is %v, want %v", message, name, got, value)
		}
	}
}

// metricsOf are the names that a line's _aws lists, sorted.
func metricsOf(line map[string]any) []string {
	text, _ := json.Marshal(line["_aws"])
	var document struct {
		CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
	}
	_ = json.Unmarshal(text, &document) // of another form it has no names
	var names []string
	for _, directive := range document.CloudWatchMetrics {
		for _, m := range directive.Metrics {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestAPurgesRunIsOneLineThatIsItsMetricsToo(t *testing.T) {
	b := start(t)
	by := b.stamp("delete-secret")
	by.TraceID = traceID
	made := b.keep(2)
	if _, err := b.secrets.DeleteSecret(t.Context(), made.Ref, made.Etag, b.now, by); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(secret.PurgeGrace + 90*time.Second)
	if err := b.purgeDue(); err != nil {
		t.Fatal(err)
	}
	b.wantLine("job", map[string]any{
		"operation": "purge-due", "request_id": "tick", "outcome": "ok", "level": "INFO", "cold": true,
		"versions": 2.0, "failed": 0.0, "Purged": 1.0, "PurgeLag": 210.0,
	})
	if got := metricsOf(b.logged("job")[0]); !slices.Equal(got, []string{"PurgeLag", "Purged"}) {
		t.Errorf("its metrics are %v", got)
	}
	b.wantLine("purged", map[string]any{"secret_id": made.ID, "trace_id": traceID, "lag_seconds": 210.0, "_aws": nil})
}

func TestASecretThatCannotBePurgedLagsMoreAndMore(t *testing.T) {
	b := start(t)
	made := b.keep(1)
	b.remove(made, b.now)
	b.now = b.now.Add(20 * time.Minute)
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "BatchWriteItem" {
			return wire.Refuse(400, "ValidationException", "")
		}
		return wire.Pass()
	})
	if err := b.purgeDue(); err != nil {
		t.Fatal(err)
	}
	b.wantLine("job", map[string]any{"failed": 1.0, "Purged": 0.0, "PurgeLag": 1200.0})
}

func TestARunThatFailsReturnsAnErrorAndSaysWhyInItsLine(t *testing.T) {
	b := start(t)
	b.cloud.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(400, "AccessDeniedException", "") })
	for name, handle := range map[string]job.Handler{
		"purge-due":            job.PurgeDue(b.runner(), b.secrets, retention),
		"purge-orphans":        job.PurgeOrphans(b.runner(), b.secrets, b.trailReader()),
		"validate-credentials": b.job,
	} {
		b.log.Reset()
		if handle(t.Context(), job.Event{ID: "tick"}) == nil {
			t.Errorf("%s: no error", name)
		}
		b.wantLine("job", map[string]any{
			"operation": name, "level": "ERROR", "outcome": "internal", "reason": "internal",
		})
	}
}

func TestAnAuditLineThatCannotBeWrittenIsCountedAndItsChangeNamed(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(1)
	by := b.stamp("delete-secret")
	by.TraceID = traceID
	tape.note(nil)
	b.now = b.now.Add(time.Second)
	if _, err := b.secrets.DeleteSecret(t.Context(), made.Ref, made.Etag, b.now.Add(time.Hour), by); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" && strings.Contains(string(c.Body), "delete-secret") {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	if failures := b.recordChanges(tape.records); len(failures) != 1 {
		t.Fatalf("failures %v", failures)
	}
	b.wantLine("a record will be tried again", map[string]any{"secret_id": made.ID, "trace_id": traceID, "operation": "record-changes"})
	b.wantLine("job", map[string]any{"outcome": "ok", "records": float64(len(tape.records) - 1), "left": 1.0, "AuditFailures": 1.0})

	b.cloud.Hook(nil)
	b.log.Reset()
	b.recordChanges(tape.records)
	b.wantLine("job", map[string]any{"records": float64(len(tape.records)), "left": nil, "AuditFailures": nil, "_aws": nil})
}

func TestAReadForValidationThatTheTrailRefusedIsAnAuditFailure(t *testing.T) {
	b := start(t)
	b.store(secret.HCloud, "token-a")
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	if asked := b.run(); len(asked) != 0 {
		t.Errorf("asked about %q", asked)
	}
	b.wantLine("job", map[string]any{"AuditFailures": 1.0, "unanswered": 1.0})
}

func TestAChangesTraceIsInItsAuditLine(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(1)
	tape.note(nil)
	by := b.stamp("delete-secret")
	by.TraceID, by.At = traceID, b.now.Add(time.Second)
	if _, err := b.secrets.DeleteSecret(t.Context(), made.Ref, made.Etag, b.now.Add(time.Hour), by); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.recordChanges(tape.records)
	traces := map[string]string{}
	for _, line := range b.rows("AuditTable") {
		operation, _ := line["operation"].(*types.AttributeValueMemberS)
		if trace, traced := line["trace_id"].(*types.AttributeValueMemberS); traced {
			traces[operation.Value] = trace.Value
		}
	}
	if len(traces) != 1 || traces["delete-secret"] != traceID {
		t.Errorf("the lines' traces are %v", traces)
	}
}

func TestNothingOfAValueIsLoggedWhenAChangeCannotBeRead(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(1)
	tape.note(nil)
	b.setVersion(made.Ref, "SET stamp = :v", map[string]types.AttributeValue{":v": str("hunter2")})
	tape.note(nil)
	if failures := b.recordChanges(tape.records); len(failures) != 1 {
		t.Errorf("failures %v", failures)
	}
	if log := b.log.String(); strings.Contains(log, "hunter2") {
		t.Errorf("log %s", log)
	}
}
