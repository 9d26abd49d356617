package job_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

// purgeDue runs the job once, after the index has caught up with the table.
func (b *bench) purgeDue() error {
	return b.purgeDueBy(b.now)
}

// purgeDueBy is purgeDue with this clock.
func (b *bench) purgeDueBy(clock time.Time) error {
	b.cloud.Settle()
	shift := b.runner()
	shift.Now = func() time.Time { return clock }
	return job.PurgeDue(shift, b.secretsOf("purge-due"), retention, nil)(context.Background(), job.Event{ID: "tick"})
}

// retention is a stack's default.
const retention = 30 * 24 * time.Hour

// overdue returns the latest deadline of secrets that may be erased now.
func (b *bench) overdue() time.Time { return b.now.Add(-secret.PurgeGrace) }

func TestWhatIsDueIsErasedAndNothingElse(t *testing.T) {
	b := start(t)
	active, due, later := b.keep(2), b.keep(30), b.keep(2)
	b.remove(due, b.now.Add(time.Hour))
	b.remove(later, b.now.Add(time.Hour+time.Second))

	b.now = b.now.Add(time.Hour + secret.PurgeGrace - time.Second)
	if err := b.purgeDue(); err != nil || b.rowsOf(due.Ref) != 31 {
		t.Fatalf("a second before its grace is over %d of 31 rows are left (%v)", b.rowsOf(due.Ref), err)
	}
	b.now = b.now.Add(time.Second)
	if err := b.purgeDue(); err != nil {
		t.Fatal(err)
	}
	if n := b.rowsOf(due.Ref); n != 0 {
		t.Errorf("%d rows are left of the secret past its deadline", n)
	}
	if b.rowsOf(active.Ref) != 3 || b.rowsOf(later.Ref) != 3 {
		t.Errorf("of the others %d and %d rows are left, want 3 and 3", b.rowsOf(active.Ref), b.rowsOf(later.Ref))
	}
	if !strings.Contains(b.log.String(), `"PurgeLag":120`) || !strings.Contains(b.log.String(), `"Purged":1`) {
		t.Errorf("the figures are not in the log: %s", b.log.String())
	}
}

func TestARestoredSecretIsNotPurgedThoughTheIndexStillNamesIt(t *testing.T) {
	b := start(t)
	made := b.keep(2)
	etag := b.remove(made, b.now.Add(time.Hour))
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(t.Context(), made.Ref, etag, "", b.stamp("undelete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	// As if the index, behind its table, still listed the secret.
	b.now = b.now.Add(2 * time.Hour)
	if _, err := b.secretsOf("purge-due").MarkDue(t.Context(), made.Ref, b.now, b.stamp("purge-due")); err == nil {
		t.Error("a restored secret was marked")
	}
	if b.rowsOf(made.Ref) != 3 {
		t.Errorf("%d of 3 rows are left", b.rowsOf(made.Ref))
	}
}

// TestAPurgeKilledAnywhereIsFinishedByTheNext kills the run after each of its writes in turn: all
// its later requests are lost, as when the function dies.
func TestAPurgeKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	b := start(t)
	for writes := 0; ; writes++ {
		due := b.keep(60)
		b.remove(due, b.overdue())
		killed := b.killAfter(writes)
		_ = b.purgeDue()
		b.cloud.Hook(nil)
		if !killed.Load() {
			if writes < 4 {
				t.Fatalf("a purge has only %d writes: nothing was killed", writes)
			}
			return
		}
		if _, err := b.secrets.GetSecret(t.Context(), due.Ref, b.now); err == nil {
			t.Errorf("killed after %d writes, the secret can be read", writes)
		}
		if err := b.purgeDue(); err != nil || b.rowsOf(due.Ref) != 0 {
			t.Errorf("killed after %d writes, %d rows are left behind the next run (%v)", writes, b.rowsOf(due.Ref), err)
		}
	}
}

func TestAHardDeleteThatWasInterruptedIsFinishedByTheSchedule(t *testing.T) {
	b := start(t)
	made := b.keep(3)
	if err := b.secretsOf("delete-secret").MarkForce(t.Context(), made.Ref, made.Etag, b.stamp("delete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(secret.PurgeGrace)
	if err := b.purgeDue(); err != nil || b.rowsOf(made.Ref) != 0 {
		t.Errorf("%d rows are left (%v)", b.rowsOf(made.Ref), err)
	}
}

func TestOnePoisonedSecretStopsNoOther(t *testing.T) {
	b := start(t)
	var all []secret.Secret
	for range 40 {
		made := b.keep(1)
		b.remove(made, b.overdue())
		all = append(all, made)
	}
	poisoned := all[0].Ref.ID
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "UpdateItem" && strings.Contains(string(c.Body), poisoned) {
			return wire.Refuse(400, "ValidationException", "poisoned")
		}
		return wire.Pass()
	})
	if err := b.purgeDue(); err != nil {
		t.Fatal(err)
	}
	if n := len(b.rows("SecretsTable")); n != 2 {
		t.Errorf("%d rows are left, want the poisoned secret's two", n)
	}
}

func TestTwoOverlappingRunsDoNoHarm(t *testing.T) {
	b := start(t)
	for range 20 {
		b.remove(b.keep(5), b.overdue())
	}
	stays := b.keep(2)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := b.purgeDue(); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := len(b.rows("SecretsTable")); n != 3 || b.rowsOf(stays.Ref) != 3 {
		t.Errorf("%d rows are left, %d of them of the secret that stays", n, b.rowsOf(stays.Ref))
	}
}

func TestARunStopsWhileItHasTimeAndTheNextGoesOn(t *testing.T) {
	b := start(t)
	for range 5 {
		b.remove(b.keep(1), b.overdue())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // less than one secret may need
	defer cancel()
	b.cloud.Settle()
	if err := job.PurgeDue(b.runner(), b.secretsOf("purge-due"), retention, nil)(ctx, job.Event{}); err != nil {
		t.Fatal(err)
	}
	if n := len(b.rows("SecretsTable")); n != 10 {
		t.Errorf("%d rows are left: a run without time has begun something", n)
	}
	if err := b.purgeDue(); err != nil || len(b.rows("SecretsTable")) != 0 {
		t.Errorf("%d rows are left (%v)", len(b.rows("SecretsTable")), err)
	}
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
