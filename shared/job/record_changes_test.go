package job_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// TestEachOperationThatChangesSomethingLeavesItsLine runs those that change an existing secret.
func TestEachOperationThatChangesSomethingLeavesItsLine(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(1)
	v := made.Version(1)
	tick := func() { tape.note(nil); b.now = b.now.Add(time.Second) }
	tick()
	name := "new"
	if _, err := b.secretsOf("update-secret").UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Name: &name}, b.stamp("update-secret")); err != nil {
		t.Fatal(err)
	}
	tick()
	etag := v.FirstEtag()
	for _, step := range []struct {
		operation string
		to        secret.VersionState
	}{
		{"disable-secret-version", secret.Disabled}, {"enable-secret-version", secret.Enabled}, {"destroy-secret-version", secret.Destroyed},
	} {
		change := store.ChangeVersion{Version: v, To: step.to, IfMatch: etag}
		changed, err := b.secretsOf(step.operation).ChangeVersion(t.Context(), change, b.stamp(step.operation))
		if err != nil {
			t.Fatal(err)
		}
		etag = changed.Etag
		tick()
	}
	b.recordChanges(tape.records)
	want := []string{
		"create-secret", "update-secret", "disable-secret-version version=1",
		"enable-secret-version version=1", "destroy-secret-version version=1",
	}
	if got := b.trail(made.Ref); !slices.Equal(got, want) {
		t.Errorf("the trail is %q, want %q", got, want)
	}
}

func (b *bench) recordChanges(records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	b.t.Helper()
	out, err := job.RecordChanges(b.runner(), b.as("record-changes").Trail(), nil)(context.Background(), events.DynamoDBEvent{Records: records})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.BatchItemFailures
}

func TestEveryChangeLeavesOneLineWhateverIsRedelivered(t *testing.T) {
	b := start(t)
	tape := b.tape()
	tick := func() { tape.note(nil); b.now = b.now.Add(time.Second) }

	made := b.keep(1)
	tick()
	etag := b.remove(made, b.now.Add(time.Hour))
	tick()
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(t.Context(), made.Ref, etag, "k", b.stamp("undelete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	tick()
	made = b.get(made.Ref)
	b.remove(made, b.now.Add(time.Hour))
	tick()
	b.now = b.now.Add(time.Hour)
	if _, err := b.secretsOf("purge-due").MarkDue(t.Context(), made.Ref, b.now, b.stamp("purge-due")); err != nil {
		t.Fatal(err)
	}
	tick()
	if _, err := b.secretsOf("purge-due").Purge(t.Context(), made.Ref); err != nil {
		t.Fatal(err)
	}
	tick()
	for range 2 { // the second time, all records are delivered again
		if failures := b.recordChanges(tape.records); len(failures) != 0 {
			t.Fatalf("failures %v", failures)
		}
	}
	want := []string{
		"create-secret", "delete-secret", "undelete-secret", "delete-secret",
		"purge mechanism=schedule versions=1 deleted_by=tok_x",
	}
	got := b.trail(made.Ref) // the purge's mark has no line of its own
	if !slices.Equal(got, want) {
		t.Errorf("the trail is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAVersionsChangeIsOneLineThatNamesTheVersion(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.store(secret.Generic, "v")
	tape.note(nil)
	b.now = b.now.Add(time.Second)
	if _, err := b.secretsOf("create-secret-version").CreateVersion(t.Context(), newVersion(b.get(made.Ref)), b.stamp("create-secret-version")); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.now = b.now.Add(time.Second)
	if _, err := b.secretsOf("disable-secret-version").ChangeVersion(t.Context(), disable(made.Ref.Version(2)), b.stamp("disable-secret-version")); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.recordChanges(tape.records)
	want := []string{"create-secret", "create-secret-version version=2", "disable-secret-version version=2"}
	if got := b.trail(made.Ref); !slices.Equal(got, want) {
		t.Errorf("the trail is %q, want %q", got, want)
	}
}

func TestTelemetryLeavesNoLine(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.store(secret.HCloud, "a-token")
	tape.note(nil)
	b.now = b.now.Add(time.Minute)
	b.run()
	tape.note(nil)
	b.recordChanges(tape.records)
	got := slices.DeleteFunc(b.trail(made.Ref), func(l string) bool { return strings.HasPrefix(l, "validate-credentials") })
	if !slices.Equal(got, []string{"create-secret"}) {
		t.Errorf("the trail is %q", got)
	}
}

func TestAHardDeleteSaysSoInTheTrail(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(2)
	tape.note(nil)
	b.now = b.now.Add(1500 * time.Millisecond)
	if err := b.secretsOf("delete-secret").MarkForce(t.Context(), made.Ref, made.Etag, b.stamp("delete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	// In the same second: the stream reports the removal's time no finer.
	if _, err := b.secretsOf("delete-secret").Purge(t.Context(), made.Ref); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.recordChanges(tape.records)
	got := b.trail(made.Ref)
	want := []string{"create-secret", "delete-secret reason=force", "purge mechanism=force versions=1 deleted_by=tok_x"}
	if !slices.Equal(got, want) {
		t.Errorf("the trail is %q, want %q", got, want)
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
