package job_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

func TestARecordThatFailsIsNamedAndThoseBeforeItAreDone(t *testing.T) {
	b := start(t)
	tape := b.tape()
	first, second := b.keep(1), b.keep(1)
	for _, made := range []secret.Secret{first, second} {
		b.remove(made, b.now)
		tape.note(nil)
		b.expire(made.Ref)
		tape.note(expiry)
	}
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "BatchWriteItem" && strings.Contains(string(c.Body), second.ID) {
			return wire.Refuse(400, "ValidationException", "poisoned")
		}
		return wire.Pass()
	})
	failures := b.purgeExpired(tape.records)
	want := tape.records[len(tape.records)-1].Change.SequenceNumber
	if len(failures) != 1 || failures[0].ItemIdentifier != want {
		t.Errorf("failures %v, want %s", failures, want)
	}
	if b.versionsOf(first.Ref) != 0 || b.versionsOf(second.Ref) != 1 {
		t.Errorf("%d and %d versions are left", b.versionsOf(first.Ref), b.versionsOf(second.Ref))
	}
}

func TestTheSampleRecordsAreUnderstood(t *testing.T) {
	b := start(t)
	for name, handle := range map[string]job.StreamHandler{
		"record-changes": job.RecordChanges(b.runner(), b.as("record-changes").Trail(), nil),
		"purge-expired":  job.PurgeExpired(b.runner(), b.secretsOf("purge-expired")),
	} {
		text, err := os.ReadFile("../../events/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var event events.DynamoDBEvent
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatal(err)
		}
		b.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		if out, err := handle(t.Context(), event); err != nil || len(out.BatchItemFailures) != 0 {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
	if len(b.rows("AuditTable")) != 1 {
		t.Error("the sample's creation left no line")
	}
}

// unread is a change that today's code cannot read, with one before and one after it.
func (b *bench) unread() (tape *tape, all []secret.Secret) {
	b.t.Helper()
	tape = b.tape()
	for i := range 3 {
		made := b.keep(1)
		if i == 1 {
			b.setVersion(made.Ref, "SET stamp = :v", row{":v": str("of another form")})
			broken := b.rowOf(made.Ref)
			broken["stamp"] = str("of another form")
			b.putRow(broken)
		}
		tape.note(nil)
		all = append(all, made)
	}
	return tape, all
}

func TestBehindARecordThatCannotBeReadTheOthersAreDealtWithAndItIsNamed(t *testing.T) {
	b := start(t)
	tape, all := b.unread()
	first := tape.records[2].Change.SequenceNumber
	for range 2 { // the stream delivers it again, and those after it
		failures := b.recordChanges(tape.records)
		if len(failures) != 1 || failures[0].ItemIdentifier != first {
			t.Fatalf("failures %v, want %s", failures, first)
		}
	}
	for i, want := range [][]string{{"create-secret"}, nil, {"create-secret"}} {
		if got := b.trail(all[i].Ref); !slices.Equal(got, want) {
			t.Errorf("the trail of secret %d is %q", i, got)
		}
	}
}

func TestARecordThatNobodyCouldReadForAnHourLeavesALineThatSaysSoAndHoldsNothingUp(t *testing.T) {
	b := start(t)
	tape, all := b.unread()
	b.now = b.now.Add(time.Hour - time.Second)
	if failures := b.recordChanges(tape.records); len(failures) != 1 {
		t.Fatalf("within the hour: failures %v", failures)
	}
	b.now = b.now.Add(time.Second)
	for range 2 {
		if failures := b.recordChanges(tape.records); len(failures) != 0 {
			t.Fatalf("failures %v", failures)
		}
	}
	got := b.trail(all[1].Ref)
	slices.Sort(got)
	if want := []string{"unreadable-change", "unreadable-change version=1"}; !slices.Equal(got, want) {
		t.Errorf("the trail is %q, want %q", got, want)
	}
	if log := b.log.String(); !strings.Contains(log, `"AuditFailures":2`) || strings.Contains(log, "another form") {
		t.Errorf("log %s", log)
	}
}

func TestAnExpiryThatCannotBeReadDestroysNothingAndHoldsUpNoneBehindIt(t *testing.T) {
	b := start(t)
	tape := b.tape()
	broken, fine := b.keep(2), b.keep(2)
	for _, made := range []secret.Secret{broken, fine} {
		b.remove(made, b.now)
		if made.ID == broken.ID {
			spoiled := b.rowOf(made.Ref)
			spoiled["stamp"] = str("of another form")
			b.putRow(spoiled)
		}
		tape.note(nil)
		b.expire(made.Ref)
		tape.note(expiry)
	}
	b.now = b.now.Add(24 * time.Hour)
	if failures := b.purgeExpired(tape.records); len(failures) != 1 {
		t.Errorf("failures %v", failures)
	}
	if b.versionsOf(broken.Ref) != 2 || b.versionsOf(fine.Ref) != 0 {
		t.Errorf("%d and %d versions are left, want 2 and 0", b.versionsOf(broken.Ref), b.versionsOf(fine.Ref))
	}
}

func TestARecordThatLacksItsRowIsNamedAndHoldsUpNoneBehindIt(t *testing.T) {
	b := start(t)
	tape := b.tape()
	bare, other := b.keep(1), b.keep(1)
	tape.note(nil)
	b.deleteRow(bare.Ref, "meta")
	tape.note(nil)
	removal := &tape.records[len(tape.records)-1]
	removal.Change.OldImage = nil
	b.remove(other, b.now)
	tape.note(nil)
	failures := b.recordChanges(tape.records)
	if len(failures) != 1 || failures[0].ItemIdentifier != removal.Change.SequenceNumber {
		t.Errorf("failures %v", failures)
	}
	if got := b.trail(other.Ref); len(got) != 2 {
		t.Errorf("the other's trail is %q", got)
	}
}

func TestATrailThatRefusesALineIsNotAskedForTheNext(t *testing.T) {
	b := start(t)
	tape := b.tape()
	for range 5 {
		b.keep(1)
		tape.note(nil)
	}
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(400, "ResourceNotFoundException", "")
		}
		return wire.Pass()
	})
	b.cloud.ResetCalls()
	if failures := b.recordChanges(tape.records); len(failures) != 1 || len(b.cloud.Calls()) != 1 {
		t.Errorf("failures %v after %v", failures, b.cloud.Calls())
	}
}
