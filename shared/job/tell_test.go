package job_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest/bustest"
	"keepsake/shared/boot/buses"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

// teller returns the bus that functions are told of by their environment, as it is on the wire.
func (b *bench) teller() (*bustest.Bus, secret.Teller) {
	b.t.Helper()
	played := bustest.Start(b.t)
	b.t.Setenv("EVENT_BUS", bustest.ARN)
	b.t.Setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", played.URL)
	return played, buses.Teller(b.as("record-changes"))
}

func (b *bench) recordTo(teller secret.Teller, records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	b.t.Helper()
	out, err := job.RecordChanges(b.runner(), b.as("record-changes").Trail(), teller)(context.Background(), events.DynamoDBEvent{Records: records})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.BatchItemFailures
}

// life is a secret that was made, got a version that was disabled, and was deleted, undeleted, deleted and purged.
func (b *bench) life() (secret.Ref, []events.DynamoDBEventRecord) {
	b.t.Helper()
	tape := b.tape()
	tick := func() { tape.note(nil); b.now = b.now.Add(time.Second) }
	made := b.keep(1)
	tick()
	if _, err := b.secretsOf("create-secret-version").CreateVersion(b.t.Context(), newVersion(b.get(made.Ref)), b.stamp("create-secret-version")); err != nil {
		b.t.Fatal(err)
	}
	tick()
	if _, err := b.secretsOf("disable-secret-version").ChangeVersion(b.t.Context(), disable(made.Ref.Version(2)), b.stamp("disable-secret-version")); err != nil {
		b.t.Fatal(err)
	}
	tick()
	etag := b.remove(b.get(made.Ref), b.now.Add(time.Hour))
	tick()
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(b.t.Context(), made.Ref, etag, "k", b.stamp("undelete-secret"), b.clock); err != nil {
		b.t.Fatal(err)
	}
	tick()
	b.remove(b.get(made.Ref), b.now.Add(time.Hour))
	tick()
	b.now = b.now.Add(time.Hour)
	if _, err := b.secretsOf("purge-due").MarkDue(b.t.Context(), made.Ref, b.now, b.stamp("purge-due")); err != nil {
		b.t.Fatal(err)
	}
	tick()
	if _, err := b.secretsOf("purge-due").Purge(b.t.Context(), made.Ref); err != nil {
		b.t.Fatal(err)
	}
	tick()
	return made.Ref, tape.records
}

// told describes events: what, and which fields besides.
func told(entries []bustest.Entry) []string {
	var all []string
	for _, e := range entries {
		text := e.DetailType
		for _, field := range []string{"version_id", "mechanism"} {
			if value := e.Field(field); value != nil {
				text += fmt.Sprint(" ", field, "=", value)
			}
		}
		if at, ok := e.Field("purge_at").(float64); ok {
			text += fmt.Sprint(" in ", at-e.Field("at").(float64))
		}
		all = append(all, text)
	}
	return all
}

func TestOthersAreToldOfEachChangeAndOfARedeliveryByTheSameID(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	ref, records := b.life()
	for range 2 {
		if failures := b.recordTo(teller, records); len(failures) > 0 {
			t.Fatal(failures)
		}
	}
	want := []string{
		"Secret Created", "Secret Version Created version_id=" + ref.Version(2).ID(), "Secret Deleted in 3600", "Secret Undeleted",
		"Secret Deleted in 3600", "Secret Purged mechanism=schedule",
	}
	all := played.Taken()
	if got := told(all); !slices.Equal(got, append(want, want...)) {
		t.Fatalf("told were\n%s\nwant twice\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ids, lines := map[any]bool{}, b.lineKeys(ref)
	for i, e := range all {
		if e.Field("id") != all[i%len(want)].Field("id") {
			t.Errorf("the event %d has another id the second time", i)
		}
		if ids[e.Field("id")] = true; !lines[e.Field("id")] {
			t.Errorf("the event %v has no line of that id in the trail", e)
		}
	}
	if len(ids) != len(want) {
		t.Errorf("%d ids for %d events", len(ids), len(want))
	}
}

// lineKeys returns the sort keys of a secret's lines.
func (b *bench) lineKeys(ref secret.Ref) map[any]bool {
	b.t.Helper()
	keys := map[any]bool{}
	for _, row := range b.rows("AuditTable") {
		if row["pk"].(*types.AttributeValueMemberS).Value == workspace+"#"+ref.ID {
			keys[row["sk"].(*types.AttributeValueMemberS).Value] = true
		}
	}
	return keys
}

func TestAnEventThatCannotBeToldHoldsUpNoLineAndIsInTheLogAndCounted(t *testing.T) {
	for name, fail := range map[string]func(*bustest.Bus){
		"the bus does not answer": func(played *bustest.Bus) { played.Fail(500) },
		"the bus refuses one": func(played *bustest.Bus) {
			played.Refuse(func(e bustest.Entry) bool { return e.DetailType == "Secret Undeleted" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			played, teller := b.teller()
			fail(played)
			ref, records := b.life()
			if failures := b.recordTo(teller, records); len(failures) > 0 {
				t.Errorf("records are delivered again: %v", failures)
			}
			if lines := b.trail(ref); len(lines) != 7 {
				t.Errorf("the trail has %q", lines)
			}
			untold := 6 - len(played.Taken())
			log := b.log.String()
			if n := strings.Count(log, `"an event was not told"`); n != untold || untold == 0 || !strings.Contains(log, fmt.Sprintf(`"EventFailures":%d`, untold)) {
				t.Errorf("%d events were not told, the log has %d: %s", untold, n, log)
			}
			if !strings.Contains(log, `"event":"Secret Undeleted"`) || !strings.Contains(log, `"secret_id":"`+ref.ID) {
				t.Errorf("the log does not say what was not told: %s", log)
			}
		})
	}
}

func TestNobodyIsToldOfAChangeBeforeItsLineIsWritten(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	_, records := b.life()
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(500, "InternalServerError", "no")
		}
		return wire.Pass()
	})
	if failures := b.recordTo(teller, records); len(failures) == 0 || len(played.Calls()) > 0 {
		t.Errorf("failures %v, told %v", failures, told(played.Taken()))
	}
}

func TestAHardDeleteIsToldWithItsMechanismAndWithoutADeadline(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	tape := b.tape()
	made := b.keep(1)
	tape.note(nil)
	b.now = b.now.Add(time.Second)
	if err := b.secretsOf("delete-secret").MarkForce(t.Context(), made.Ref, made.Etag, b.stamp("delete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	tape.note(nil)
	b.recordTo(teller, tape.records)
	if got, want := told(played.Taken()), []string{"Secret Created", "Secret Deleted mechanism=force"}; !slices.Equal(got, want) {
		t.Errorf("told were %q, want %q", got, want)
	}
}

func TestWithoutABusNobodyIsTold(t *testing.T) {
	b := start(t)
	t.Setenv("EVENT_BUS", "")
	if teller := buses.Teller(b.as("record-changes")); teller != nil {
		t.Errorf("there is a teller: %v", teller)
	}
}

// purging runs purge-due at a time.
func (b *bench) purging(teller secret.Teller, at time.Time) {
	b.t.Helper()
	b.cloud.Settle()
	before := b.now
	b.now = at
	defer func() { b.now = before }()
	if err := job.PurgeDue(b.runner(), b.secretsOf("purge-due"), time.Hour, teller)(context.Background(), job.Event{ID: "tick"}); err != nil {
		b.t.Fatal(err)
	}
}

func TestThreeDaysBeforeItsDeadlineOthersAreToldOfADeletedSecret(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	deadlines := map[string]secret.Ref{}
	hour := b.now.Add(10 * 24 * time.Hour) // noon
	for name, at := range map[string]time.Duration{
		"just before": 72*time.Hour - time.Second, "first": 72 * time.Hour, "last": 73*time.Hour - time.Second, "just after": 73 * time.Hour,
	} {
		made := b.keep(1)
		b.remove(made, hour.Add(at))
		deadlines[name] = made.Ref
	}
	restored := b.keep(1)
	etag := b.remove(restored, hour.Add(72*time.Hour))
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(t.Context(), restored.Ref, etag, "k", b.stamp("undelete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	for _, minute := range []time.Duration{0, 1, 19, 20, 40, 59} {
		b.purging(teller, hour.Add(minute*time.Minute))
	}
	ids := map[any]any{} // by the secret's
	for _, e := range played.Taken() {
		if e.DetailType != "Secret Near Purge" {
			t.Errorf("told was %+v", e)
		}
		if before := ids[e.Field("secret_id")]; before != nil && before != e.Field("id") {
			t.Errorf("the id was %v, now it is %v", before, e.Field("id"))
		}
		ids[e.Field("secret_id")] = e.Field("id")
	}
	if len(played.Taken()) != 6 || len(ids) != 2 || ids[deadlines["first"].ID] == nil || ids[deadlines["last"].ID] == nil {
		t.Errorf("told were %q of %v, want three times those of %v", told(played.Taken()), ids, deadlines)
	}
}

func TestABusThatFailsHoldsUpNoPurge(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	played.Fail(500)
	due, near := b.keep(1), b.keep(1)
	hour := b.now.Add(24 * time.Hour)
	b.remove(due, b.now.Add(time.Hour))
	b.remove(near, hour.Add(72*time.Hour))
	b.serverDate = func() string { return "" }
	b.purging(teller, hour)
	if _, err := b.secrets.GetSecret(t.Context(), due.Ref, b.now); err == nil {
		t.Error("the secret is still there")
	}
	if log := b.log.String(); !strings.Contains(log, `"EventFailures":1`) || !strings.Contains(log, `"Secret Near Purge"`) {
		t.Errorf("the log says %s", log)
	}
}

func TestARunWithoutTimeSaysThatItHasNotFoundAllThatIsNear(t *testing.T) {
	b := start(t)
	played, teller := b.teller()
	hour := b.now.Add(24 * time.Hour)
	b.remove(b.keep(1), hour.Add(72*time.Hour))
	b.cloud.Settle()
	b.now = hour
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // less than telling may take
	defer cancel()
	_ = job.PurgeDue(b.runner(), b.secretsOf("purge-due"), time.Hour, teller)(ctx, job.Event{ID: "tick"}) // a slow machine may end it
	if log := b.log.String(); !strings.Contains(log, "not all that is near its purge was found") || len(played.Taken()) > 0 {
		t.Errorf("told were %q, and the log says %s", told(played.Taken()), log)
	}
}
