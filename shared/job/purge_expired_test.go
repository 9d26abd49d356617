package job_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/shared/job"
	"keepsake/shared/secret"
)

func (b *bench) purgeExpired(records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	b.t.Helper()
	out, err := job.PurgeExpired(b.runner(), b.secretsOf("purge-expired"))(context.Background(), events.DynamoDBEvent{Records: records})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.BatchItemFailures
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

// TestARowThatExpiresBeforeItsDeadlineLeavesItsVersionsToAPerson makes DynamoDB itself remove a row
// whose expiry no operation of ours wrote.
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
			b.now = b.now.Add(24 * time.Hour) // the function's clock does not matter
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

// deleter returns the last line's words on who deleted it.
func deleter(name string) string {
	if name == "active" {
		return ""
	}
	return " deleted_by=tok_x"
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
