package job_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

// logged returns the log's lines with this message, the oldest first.
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

// metricsOf returns the names that a line's _aws lists, sorted.
func metricsOf(line map[string]any) []string {
	text, _ := json.Marshal(line["_aws"])
	var document struct {
		CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
	}
	_ = json.Unmarshal(text, &document) // in another format it has no names
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

func TestARunThatFailsReturnsAnErrorAndSaysWhyInItsLine(t *testing.T) {
	b := start(t)
	b.cloud.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(400, "AccessDeniedException", "") })
	for name, handle := range map[string]job.Handler{
		"purge-due":            job.PurgeDue(b.runner(), b.secrets, retention, nil),
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
