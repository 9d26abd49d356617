package job_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/secret"
)

// In these tests b.now is the true time. Each function has its own clock, which differs from it;
// DynamoDB's responses hold the true time, unless the test says otherwise.

// fast and slow are how far a function's clock may be off.
var (
	slow = []time.Duration{-time.Minute, -30 * time.Second, -time.Second}
	fast = []time.Duration{time.Second, 30 * time.Second, time.Minute, 2 * time.Minute}
	wild = []time.Duration{3 * time.Minute, time.Hour, 24 * time.Hour, 10 * 365 * 24 * time.Hour}
)

// wantWhole fails the test unless a deleted secret can still be undeleted, with both versions.
func (b *bench) wantWhole(made secret.Secret, etag secret.Etag, why string) {
	b.t.Helper()
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(context.Background(), made.Ref, etag, "", b.stamp("undelete-secret"), b.clock); err != nil {
		b.t.Errorf("%s: a correct undelete is answered %v", why, err)
	}
	if n := b.versionsOf(made.Ref); n != 2 {
		b.t.Errorf("%s: %d of 2 versions are left", why, n)
	}
}

func TestAFastClockErasesNothingBeforeTheDeadline(t *testing.T) {
	b := start(t)
	for _, ahead := range append(fast, wild...) {
		made := b.keep(2)
		etag := b.remove(made, b.now.Add(time.Second))
		if err := b.purgeDueBy(b.now.Add(ahead)); err != nil {
			t.Fatal(err)
		}
		b.wantWhole(made, etag, ahead.String()+" ahead, a second before the deadline")
	}
}

func TestAClockWithinTheGraceErasesNothingEarlyThoughDynamoDBTellsNoTime(t *testing.T) {
	b := start(t)
	b.serverDate = func() string { return "" }
	for _, ahead := range fast {
		made := b.keep(2)
		etag := b.remove(made, b.now.Add(time.Second))
		if err := b.purgeDueBy(b.now.Add(ahead)); err != nil {
			t.Fatal(err)
		}
		b.wantWhole(made, etag, ahead.String()+" ahead, a second before the deadline")
	}
}

func TestADateThatDynamoDBTellsAheadOfTimeDoesNotHasten(t *testing.T) {
	b := start(t)
	b.serverDate = func() string { return b.now.Add(time.Hour).Format(http.TimeFormat) }
	made := b.keep(2)
	etag := b.remove(made, b.now.Add(time.Second))
	if err := b.purgeDueBy(b.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b.wantWhole(made, etag, "DynamoDB's clock an hour ahead")
}

func TestWhateverItsClockARunErasesWhatIsPastTheGraceAndItsOwnDelay(t *testing.T) {
	b := start(t)
	for _, off := range append(append(slow, fast...), wild...) {
		made := b.keep(2)
		b.remove(made, b.overdue().Add(min(off, 0)))
		if err := b.purgeDueBy(b.now.Add(off)); err != nil {
			t.Fatal(err)
		}
		if n := b.rowsOf(made.Ref); n != 0 {
			t.Errorf("by a clock that is %v off %d rows are left", off, n)
		}
	}
}

func TestWithoutADateFromDynamoDBWhatIsPastItsGraceIsErased(t *testing.T) {
	b := start(t)
	b.serverDate = func() string { return "" }
	made := b.keep(2)
	b.remove(made, b.overdue())
	if err := b.purgeDue(); err != nil || b.rowsOf(made.Ref) != 0 {
		t.Errorf("%d rows are left (%v)", b.rowsOf(made.Ref), err)
	}
}

// TestASecretDeletedAnewWhileARunLooksAtItHasItsNewDeadlineWithItsGrace changes the row between the
// index's response and the mark.
func TestASecretDeletedAnewWhileARunLooksAtItHasItsNewDeadlineWithItsGrace(t *testing.T) {
	b := start(t)
	b.serverDate = func() string { return b.now.Add(time.Hour).Format(http.TimeFormat) }
	for _, deadline := range []time.Duration{-time.Minute, time.Minute} { // passed, but not its grace; not passed
		made := b.keep(2)
		etag := b.remove(made, b.overdue())
		var once sync.Once
		b.cloud.Hook(func(c wire.Call) wire.Verdict {
			if c.Action == "UpdateItem" && strings.Contains(string(c.Body), "purging") {
				once.Do(func() { etag = b.deleteAnew(made, etag, b.now.Add(deadline)) })
			}
			return wire.Pass()
		})
		if err := b.purgeDue(); err != nil || b.rowsOf(made.Ref) != 3 {
			t.Errorf("a new deadline in %v: %d of 3 rows are left (%v)", deadline, b.rowsOf(made.Ref), err)
		}
		b.cloud.Hook(nil)
	}
}

// deleteAnew undeletes a secret, before its deadline, and deletes it again.
func (b *bench) deleteAnew(made secret.Secret, etag secret.Etag, deadline time.Time) secret.Etag {
	by := b.stamp("undelete-secret")
	by.At = b.overdue().Add(-time.Second)
	restored, err := b.secretsOf("undelete-secret").UndeleteSecret(context.Background(), made.Ref, etag, "", by, func() time.Time { return by.At })
	if err != nil {
		b.t.Error(err)
		return etag
	}
	return b.remove(restored, deadline)
}

func TestASecretThatIsNotDueByDynamoDBsClockIsNotEvenTried(t *testing.T) {
	b := start(t)
	for range 5 {
		b.remove(b.keep(2), b.now.Add(time.Hour))
	}
	b.cloud.ResetCalls()
	if err := b.purgeDueBy(b.now.Add(24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, call := range b.cloud.Calls() {
		if call != "dynamodb:Query" {
			t.Errorf("it calls %s", call)
		}
	}
}
