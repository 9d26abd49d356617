package job_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

type row = map[string]types.AttributeValue

// tape makes stream records out of the table's rows, as they were before and after each step.
type tape struct {
	b       *bench
	last    map[string]row
	records []events.DynamoDBEventRecord
}

func (b *bench) tape() *tape { return &tape{b: b, last: map[string]row{}} }

// note records what has changed in the table since the last note. Rows that are gone were removed
// by whoever says so.
func (t *tape) note(by *events.DynamoDBUserIdentity) {
	t.b.t.Helper()
	now := map[string]row{}
	for _, r := range t.b.rows("SecretsTable") {
		now[r["pk"].(*types.AttributeValueMemberS).Value+"|"+r["sk"].(*types.AttributeValueMemberS).Value] = r
	}
	for key, after := range now {
		before, there := t.last[key]
		switch {
		case !there:
			t.add("INSERT", nil, after, nil)
		case toJSON(t.b.t, before) != toJSON(t.b.t, after):
			t.add("MODIFY", before, after, nil)
		}
	}
	for key, before := range t.last {
		if _, there := now[key]; !there {
			t.add("REMOVE", before, nil, by)
		}
	}
	t.last = now
}

func (t *tape) add(name string, before, after row, by *events.DynamoDBUserIdentity) {
	t.b.t.Helper()
	keys := before
	if keys == nil {
		keys = after
	}
	text := fmt.Sprintf(`{"eventName":%q,"dynamodb":{"ApproximateCreationDateTime":%d,"SequenceNumber":"%d","Keys":%s,"OldImage":%s,"NewImage":%s}}`,
		name, t.b.now.Unix(), 1000+len(t.records), toJSON(t.b.t, row{"pk": keys["pk"], "sk": keys["sk"]}),
		toJSON(t.b.t, before), toJSON(t.b.t, after))
	var record events.DynamoDBEventRecord
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		t.b.t.Fatal(err)
	}
	record.UserIdentity = by
	t.records = append(t.records, record)
}

// toJSON spells a row as DynamoDB does.
func toJSON(t *testing.T, r row) string {
	t.Helper()
	out := map[string]json.RawMessage{}
	for name, value := range r {
		out[name] = valueJSON(t, value)
	}
	text, _ := json.Marshal(out)
	return string(text)
}

func valueJSON(t *testing.T, v types.AttributeValue) json.RawMessage {
	t.Helper()
	var out any
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		out = map[string]string{"S": v.Value}
	case *types.AttributeValueMemberN:
		out = map[string]string{"N": v.Value}
	case *types.AttributeValueMemberB:
		out = map[string][]byte{"B": v.Value}
	case *types.AttributeValueMemberM:
		return json.RawMessage(`{"M":` + toJSON(t, v.Value) + `}`)
	case *types.AttributeValueMemberBOOL:
		out = map[string]bool{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		out = map[string]bool{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		out = map[string][]string{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		out = map[string][]string{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		out = map[string][][]byte{"BS": v.Value}
	case *types.AttributeValueMemberL:
		list := []json.RawMessage{}
		for _, element := range v.Value {
			list = append(list, valueJSON(t, element))
		}
		out = map[string][]json.RawMessage{"L": list}
	default:
		t.Fatalf("no row has an attribute like %T", v)
	}
	text, _ := json.Marshal(out)
	return text
}

var expiry = &events.DynamoDBUserIdentity{Type: "Service", PrincipalID: "dynamodb.amazonaws.com"}

// trail are the audit lines in their order, each as "operation version mechanism".
func (b *bench) trail(ref secret.Ref) []string {
	b.t.Helper()
	var lines []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(b.rows("AuditTable"), &lines); err != nil {
		b.t.Fatal(err)
	}
	lines = slices.DeleteFunc(lines, func(l map[string]any) bool { return l["pk"] != workspace+"#"+ref.ID })
	slices.SortFunc(lines, func(a, b map[string]any) int { return strings.Compare(a["sk"].(string), b["sk"].(string)) })
	var out []string
	for _, l := range lines {
		text := l["operation"].(string)
		for _, extra := range []string{"version", "reason", "mechanism", "versions", "deleted_by"} {
			if l[extra] != nil {
				text += fmt.Sprintf(" %s=%v", extra, l[extra])
			}
		}
		out = append(out, text)
	}
	return out
}

func (b *bench) recordChanges(records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	b.t.Helper()
	out, err := job.RecordChanges(b.runner(), b.as("record-changes").Trail())(context.Background(), events.DynamoDBEvent{Records: records})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.BatchItemFailures
}

func (b *bench) purgeExpired(records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	b.t.Helper()
	out, err := job.PurgeExpired(b.runner(), b.secretsOf("purge-expired"))(context.Background(), events.DynamoDBEvent{Records: records})
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
	for range 2 { // the second time all of it is delivered again
		if failures := b.recordChanges(tape.records); len(failures) != 0 {
			t.Fatalf("failures %v", failures)
		}
	}
	want := []string{
		"create-secret", "delete-secret", "undelete-secret", "delete-secret",
		"purge mechanism=schedule versions=1 deleted_by=tok_x",
	}
	got := b.trail(made.Ref) // the purge's mark is no line of its own
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
	// In the same second, which is all that the stream tells of the removal's time.
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

// expire does what DynamoDB's expiry does to a row.
func (b *bench) expire(ref secret.Ref) {
	b.t.Helper()
	b.deleteRow(ref, "meta")
}

func TestAnExpiredRowTakesItsVersionsAlong(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made, other := b.keep(30), b.keep(2)
	b.remove(made, b.now.Add(time.Hour))
	tape.note(nil)
	b.now = b.now.Add(90 * time.Minute)
	b.expire(made.Ref)
	tape.note(expiry)
	for range 2 {
		if failures := b.purgeExpired(tape.records); len(failures) != 0 {
			t.Fatalf("failures %v", failures)
		}
	}
	if b.rowsOf(made.Ref) != 0 || b.rowsOf(other.Ref) != 3 {
		t.Errorf("%d rows are left, and %d of the other", b.rowsOf(made.Ref), b.rowsOf(other.Ref))
	}
	if !strings.Contains(b.log.String(), `"PurgeLag":1800`) || strings.Count(b.log.String(), `"Purged":1`) != 1 {
		t.Errorf("log %s", b.log.String())
	}
	b.recordChanges(tape.records)
	trail := b.trail(made.Ref)
	if last := trail[len(trail)-1]; last != "purge mechanism=ttl versions=1 deleted_by=tok_x" {
		t.Errorf("the last line is %q", last)
	}
}

func TestWhatIsNoExpiryDestroysNothing(t *testing.T) {
	b := start(t)
	for name, prepare := range map[string]func(tape *tape, made secret.Secret){
		"removed by hand": func(tape *tape, made secret.Secret) {
			b.remove(made, b.now)
			tape.note(nil)
			b.expire(made.Ref)
			tape.note(nil)
		},
		"expired, but there again": func(tape *tape, made secret.Secret) {
			b.remove(made, b.now)
			tape.note(nil)
			lost := b.rowOf(made.Ref)
			b.expire(made.Ref)
			tape.note(expiry)
			b.putRow(lost)
		},
		"a record of its deletion only": func(tape *tape, made secret.Secret) {
			b.remove(made, b.now)
			tape.note(expiry)
		},
	} {
		t.Run(name, func(t *testing.T) {
			tape := b.tape()
			made := b.keep(3)
			prepare(tape, made)
			if failures := b.purgeExpired(tape.records); len(failures) != 0 {
				t.Errorf("failures %v", failures)
			}
			if n := b.versionsOf(made.Ref); n != 3 {
				t.Errorf("%d of 3 versions are left", n)
			}
		})
	}
}

func TestAnExpiredRowTakesItsVersionsAlongWhateverTheFunctionsClockSays(t *testing.T) {
	for _, off := range append(append(slow, fast...), -24*time.Hour, 24*time.Hour) {
		b := start(t)
		tape := b.tape()
		made := b.keep(2)
		b.remove(made, b.now)
		tape.note(nil)
		b.expire(made.Ref)
		tape.note(expiry)
		b.now = b.now.Add(off)
		if failures := b.purgeExpired(tape.records); len(failures) != 0 || b.versionsOf(made.Ref) != 0 {
			t.Errorf("by a clock that is %v off: failures %v, %d versions are left", off, failures, b.versionsOf(made.Ref))
		}
	}
}

// TestARowThatExpiresBeforeItsDeadlineLeavesItsVersionsToAPerson has DynamoDB itself remove a row that
// no operation of ours let expire.
func TestARowThatExpiresBeforeItsDeadlineLeavesItsVersionsToAPerson(t *testing.T) {
	for name, prepare := range map[string]func(b *bench, made secret.Secret){
		"deleted, its deadline to come": func(b *bench, made secret.Secret) { b.remove(made, b.now.Add(time.Second)) },
		"active":                        func(*bench, secret.Secret) {},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			tape := b.tape()
			made := b.keep(2)
			prepare(b, made)
			tape.note(nil)
			b.expire(made.Ref)
			tape.note(expiry)
			b.now = b.now.Add(24 * time.Hour) // the function's clock is no excuse
			if failures := b.purgeExpired(tape.records); len(failures) != 0 {
				t.Errorf("others wait for it: %v", failures)
			}
			if n := b.versionsOf(made.Ref); n != 2 {
				t.Errorf("%d of 2 versions are left", n)
			}
			b.wantLine("job", map[string]any{"Purged": nil, "UnexplainedVersions": 1.0})
			b.recordChanges(tape.records)
			if trail := b.trail(made.Ref); trail[len(trail)-1] != "purge versions=1"+deleter(name) {
				t.Errorf("the last line is %q: it names a mechanism", trail[len(trail)-1])
			}
		})
	}
}

// deleter is what the last line says of who deleted it.
func deleter(name string) string {
	if name == "active" {
		return ""
	}
	return " deleted_by=tok_x"
}

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
		"record-changes": job.RecordChanges(b.runner(), b.as("record-changes").Trail()),
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

func TestAnExpiryKilledAnywhereIsFinishedByItsRedelivery(t *testing.T) {
	b := start(t)
	for writes := 0; ; writes++ {
		tape := b.tape()
		made := b.keep(60)
		b.remove(made, b.now)
		tape.note(nil)
		b.expire(made.Ref)
		tape.note(expiry)
		removal := tape.records[len(tape.records)-1:]

		killed := b.killAfter(writes)
		b.purgeExpired(removal)
		b.cloud.Hook(nil)
		if !killed.Load() {
			if writes < 3 {
				t.Fatalf("it has only %d writes: nothing was killed", writes)
			}
			return
		}
		if failures := b.purgeExpired(removal); len(failures) != 0 || b.rowsOf(made.Ref) != 0 {
			t.Errorf("killed after %d writes, %d rows are left behind the redelivery (%v)", writes, b.rowsOf(made.Ref), failures)
		}
	}
}
