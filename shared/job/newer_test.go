package job_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/secret"
)

// newer are attributes of each type that DynamoDB has, under names that today's code does not know.
var newer = row{
	"newer_s": str("s"), "newer_n": number(7), "newer_b": &types.AttributeValueMemberB{Value: []byte("b")},
	"newer_bool": &types.AttributeValueMemberBOOL{Value: true}, "newer_null": &types.AttributeValueMemberNULL{Value: true},
	"newer_ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "newer_ns": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
	"newer_bs": &types.AttributeValueMemberBS{Value: [][]byte{[]byte("a")}},
	"newer_l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{str("s"), &types.AttributeValueMemberBOOL{}, &types.AttributeValueMemberL{}}},
	"newer_m": &types.AttributeValueMemberM{Value: row{
		"in": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: row{}}}},
	}},
}

// addNewer does what newer code would have done to a secret's rows.
func (b *bench) addNewer(ref secret.Ref, attributes row) {
	b.t.Helper()
	for _, r := range b.rows("SecretsTable") {
		if r["pk"].(*types.AttributeValueMemberS).Value != workspace+"#"+ref.ID {
			continue
		}
		for name, value := range attributes {
			r[name] = value
		}
		b.putRow(r)
	}
}

func TestAttributesThatNewerCodeAddsStopNeitherReaderOfTheStream(t *testing.T) {
	for name, value := range newer {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			tape := b.tape()
			made := b.keep(2)
			b.addNewer(made.Ref, row{name: value})
			tape.note(nil)
			b.now = b.now.Add(time.Second)
			b.remove(made, b.now)
			tape.note(nil)
			b.expire(made.Ref)
			tape.note(expiry)
			if failures := b.recordChanges(tape.records); len(failures) != 0 {
				t.Errorf("record-changes: %v: %s", failures, b.log.String())
			}
			want := []string{"create-secret", "delete-secret", "purge mechanism=ttl versions=1 deleted_by=tok_x"}
			if got := b.trail(made.Ref); !slices.Equal(got, want) {
				t.Errorf("the trail is %q", got)
			}
			if failures := b.purgeExpired(tape.records); len(failures) != 0 || b.versionsOf(made.Ref) != 0 {
				t.Errorf("purge-expired: %v: %d versions are left", failures, b.versionsOf(made.Ref))
			}
		})
	}
}

// unread is a change that today's code cannot read, with one before and one behind it.
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
	for range 2 { // the stream comes again with it, and with those behind it
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
