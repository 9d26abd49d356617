package job_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/audit"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

func (b *bench) trailReader() *audit.Reader { return b.as("purge-orphans").TrailReader() }

// purgeOrphansBy runs the job once with this clock, which decides what segment it scans.
func (b *bench) purgeOrphansBy(clock time.Time) error {
	shift := b.runner()
	shift.Now = func() time.Time { return clock }
	return job.PurgeOrphans(shift, b.secretsOf("purge-orphans"), b.trailReader())(b.t.Context(), job.Event{})
}

// look scans the whole table at once, with clocks that are up to a day fast. The true time, which
// DynamoDB reports, is now.
func (b *bench) look() {
	b.t.Helper()
	for part := range 96 {
		if err := b.purgeOrphansBy(b.now.Add(time.Duration(part) * 15 * time.Minute)); err != nil {
			b.t.Fatal(err)
		}
	}
}

// sumOf returns a metric's sum over all runs so far.
func (b *bench) sumOf(metric string) (sum float64) {
	for _, line := range b.logged("job") {
		n, _ := line[metric].(float64)
		sum += n
	}
	return sum
}

// wantVersions checks how many versions are left.
func (b *bench) wantVersions(of secret.Secret, want int, when string) {
	b.t.Helper()
	if n := b.versionsOf(of.Ref); n != want {
		b.t.Errorf("%s: %d versions are left, want %d", when, n, want)
	}
}

// orphan makes a secret of three versions whose metadata DynamoDB's expiry removed, a day after its
// delete, and whose record purge-expired did not get. Its purge is in the trail.
func (b *bench) orphan() secret.Secret {
	b.t.Helper()
	tape := b.tape()
	made := b.keep(3)
	b.loseMeta(tape, made)
	return made
}

func (b *bench) loseMeta(tape *tape, all ...secret.Secret) {
	b.t.Helper()
	tape.note(nil)
	b.now = b.now.Add(time.Hour)
	for _, of := range all {
		b.remove(b.get(of.Ref), b.now.Add(24*time.Hour))
	}
	tape.note(nil)
	b.now = b.now.Add(25 * time.Hour)
	for _, of := range all {
		b.expire(of.Ref)
	}
	tape.note(expiry)
	if failures := b.recordChanges(tape.records); len(failures) != 0 {
		b.t.Fatal(failures)
	}
}

func TestOrphansOfAPurgedSecretAreDestroyedWithinTwoDays(t *testing.T) {
	b := start(t)
	whole, orphan := b.keep(3), b.orphan()
	for day, want := range []int{3, 0} {
		for range 96 {
			if err := b.purgeOrphansBy(b.now); err != nil {
				t.Fatal(err)
			}
			b.now = b.now.Add(15 * time.Minute)
		}
		b.wantVersions(orphan, want, "on day "+[]string{"one", "two"}[day])
	}
	b.wantVersions(whole, 3, "of the other")
	if found := b.sumOf("OrphanedVersions"); found != 3 || b.sumOf("UnexplainedVersions") != 0 {
		t.Errorf("%v were counted, and %v unexplained", found, b.sumOf("UnexplainedVersions"))
	}
}

func TestAnOrphanIsSeenTwiceHoursApartByDynamoDBsClock(t *testing.T) {
	b := start(t)
	orphan := b.orphan()
	b.look()
	b.look()
	b.wantVersions(orphan, 3, "twice at once, by clocks that are hours apart")
	b.now = b.now.Add(6*time.Hour - time.Second)
	b.look()
	b.wantVersions(orphan, 3, "within six hours")
	b.now = b.now.Add(time.Second)
	b.look()
	b.wantVersions(orphan, 0, "after six hours")
}

func TestAVersionThatHasChangedWithinADayIsNoOrphan(t *testing.T) {
	b := start(t)
	orphan := b.orphan()
	b.setVersion(orphan.Ref, "SET stamp.#at = :at, orphan_found_at = :found", row{ // as if it had been marked before
		":at": number(b.now.UnixMilli()), ":found": number(b.now.Unix()),
	}, "at")
	purged := b.now
	b.now = purged.Add(24*time.Hour - time.Second)
	b.look()
	b.now = b.now.Add(time.Second - time.Millisecond)
	b.look()
	b.wantVersions(orphan, 3, "within a day")
	b.now = purged.Add(24 * time.Hour)
	b.look()
	b.wantVersions(orphan, 2, "after a day, the others being marked since yesterday only")
}

func TestWhatNobodyDeletedIsNotDestroyedWithoutAPerson(t *testing.T) {
	for name, lose := range map[string]func(b *bench, tape *tape, made secret.Secret){
		"active, removed by hand": func(b *bench, tape *tape, made secret.Secret) {
			b.expire(made.Ref)
			tape.note(nil)
		},
		"active, expired": func(b *bench, tape *tape, made secret.Secret) {
			b.expire(made.Ref)
			tape.note(expiry)
		},
		"deleted, removed by hand": func(b *bench, tape *tape, made secret.Secret) {
			b.remove(made, b.now.Add(time.Hour))
			tape.note(nil)
			b.expire(made.Ref)
			tape.note(nil)
		},
		"deleted, and nothing known of its end": func(b *bench, tape *tape, made secret.Secret) {
			b.remove(made, b.now.Add(time.Hour))
			tape.note(nil)
			b.expire(made.Ref)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			tape := b.tape()
			made := b.keep(3)
			tape.note(nil)
			b.now = b.now.Add(time.Hour)
			lose(b, tape, made)
			b.recordChanges(tape.records)
			b.log.Reset()
			for range 3 {
				b.now = b.now.Add(24 * time.Hour)
				b.look()
			}
			b.wantVersions(made, 3, "after three days")
			if n := b.sumOf("UnexplainedVersions"); n != 3*3 {
				t.Errorf("%v were counted in three days, want 3 each day", n)
			}
			if !strings.Contains(b.log.String(), made.ID) || b.sumOf("OrphanedVersions") != 0 {
				t.Errorf("nobody is told which: %s", b.log.String())
			}
		})
	}
}

// TestVersionsThatWereWrittenAfterTheirPurgeAreLeftAlone restores versions by hand, without metadata.
func TestVersionsThatWereWrittenAfterTheirPurgeAreLeftAlone(t *testing.T) {
	for name, stamp := range map[string]string{
		"stamped by the restore": "SET stamp.#at = :at",
		"without a stamp":        "SET version_comment = :at REMOVE stamp.#at",
	} {
		b := start(t)
		orphan := b.orphan()
		b.look()
		b.setVersion(orphan.Ref, stamp, row{":at": number(b.now.Add(time.Second).UnixMilli())}, "at")
		for range 3 {
			b.now = b.now.Add(48 * time.Hour)
			b.look()
		}
		b.wantVersions(orphan, 1, name)
		if b.sumOf("UnexplainedVersions") != 3 {
			t.Errorf("%s: counted %v, want 1 a look", name, b.sumOf("UnexplainedVersions"))
		}
	}
}

func TestAMarkFromBeforeARestoreCountsForNothing(t *testing.T) {
	b := start(t)
	orphan := b.orphan()
	b.look()
	b.now = b.now.Add(24 * time.Hour)
	back, err := b.secretsOf("create-secret").CreateSecret(t.Context(), secret.Secret{
		Ref: secret.NewRef(workspace, b.now), Name: "n", Kind: secret.Generic, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: b.now, UpdatedAt: b.now, Etag: 9,
	}, secret.Sealed{}, nil, b.stamp("restore"))
	if err != nil {
		t.Fatal(err)
	}
	restored := b.rowOf(back.Ref) // a person puts the metadata back
	restored["pk"], restored["id"] = str(workspace+"#"+orphan.ID), str(orphan.ID)
	b.putRow(restored)
	back.Ref = orphan.Ref
	b.loseMeta(b.tape(), back) // and the secret is deleted and purged again
	b.look()
	b.wantVersions(orphan, 3, "at the first look since")
	b.now = b.now.Add(6 * time.Hour)
	b.look()
	b.wantVersions(orphan, 0, "at the second")
}

// doing runs a function once, just before purge-orphans destroys.
func (b *bench) doing(what func()) {
	var once sync.Once
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "TransactWriteItems" {
			once.Do(what)
		}
		return wire.Pass()
	})
}

func TestASecretThatComesBackWhileItsVersionsAreLookedAtKeepsThem(t *testing.T) {
	b := start(t)
	orphan, other := b.orphan(), b.orphan()
	b.look()
	b.now = b.now.Add(24 * time.Hour)
	b.doing(func() {
		for _, made := range []secret.Secret{orphan, other} { // whichever comes first
			b.putRow(row{"pk": str(workspace + "#" + made.ID), "sk": str("meta")})
		}
	})
	b.look()
	b.cloud.Hook(nil)
	b.wantVersions(orphan, 3, "its metadata is there again")
	b.wantVersions(other, 3, "its metadata is there again")
}

func TestAVersionThatIsWrittenWhileItIsLookedAtStaysWithItsSiblings(t *testing.T) {
	b := start(t)
	orphan := b.orphan()
	b.look()
	b.now = b.now.Add(24 * time.Hour)
	b.doing(func() { b.setVersion(orphan.Ref, "REMOVE orphan_found_at", nil) })
	b.look()
	b.cloud.Hook(nil)
	b.wantVersions(orphan, 3, "its mark is gone")
}

func TestAnOrphanThatCannotBeDealtWithStopsNoOther(t *testing.T) {
	b := start(t)
	var poisoned, others []secret.Secret // so many that many segments hold some of both
	for range 40 {
		poisoned, others = append(poisoned, b.keep(1)), append(others, b.keep(1))
	}
	b.loseMeta(b.tape(), append(poisoned, others...)...)
	b.look()
	b.now = b.now.Add(24 * time.Hour)
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		is := func(made secret.Secret) bool { return strings.Contains(string(c.Body), made.ID) }
		if c.Action == "TransactWriteItems" && slices.ContainsFunc(poisoned, is) {
			return wire.Refuse(400, "ValidationException", "poisoned")
		}
		return wire.Pass()
	})
	failed := false
	for part := range 96 {
		failed = b.purgeOrphansBy(b.now.Add(time.Duration(part)*15*time.Minute)) != nil || failed
	}
	b.cloud.Hook(nil)
	if n := len(b.rows("SecretsTable")); n != len(poisoned) || !failed {
		t.Errorf("%d rows are left, want the %d poisoned ones; a run failed: %v", n, len(poisoned), failed)
	}
}

func TestAHundredVersionsOfAnOrphanAreAllDestroyed(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(100)
	b.loseMeta(tape, made)
	b.look()
	b.now = b.now.Add(24 * time.Hour)
	b.look()
	b.wantVersions(made, 0, "at the second look")
}

func TestAMarkIsNoChangeOfAVersionToTheTrail(t *testing.T) {
	b := start(t)
	orphan := b.orphan()
	before := len(b.trail(orphan.Ref))
	tape := b.tape()
	tape.note(nil)
	tape.records = nil
	b.look()
	tape.note(nil)
	if len(tape.records) != 3 {
		t.Fatalf("%d rows were marked, want 3", len(tape.records))
	}
	if failures := b.recordChanges(tape.records); len(failures) != 0 || len(b.trail(orphan.Ref)) != before {
		t.Errorf("failures %v; the trail is %q", failures, b.trail(orphan.Ref))
	}
}
