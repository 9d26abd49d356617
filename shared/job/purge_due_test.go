package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

func (b *bench) runner() job.Runner {
	return job.Runner{Now: func() time.Time { return b.now }, Log: slog.New(slog.NewJSONHandler(&b.log, nil))}
}

// purgeDue is one tick of the schedule: the index has caught up since what it shall find.
func (b *bench) purgeDue() error {
	return b.purgeDueBy(b.now)
}

// purgeDueBy is one run of the schedule by a clock of its own.
func (b *bench) purgeDueBy(clock time.Time) error {
	b.cloud.Settle()
	shift := b.runner()
	shift.Now = func() time.Time { return clock }
	return job.PurgeDue(shift, b.secretsOf("purge-due"), retention)(context.Background(), job.Event{ID: "tick"})
}

// retention is that of a stack that says nothing else.
const retention = 30 * 24 * time.Hour

// overdue is the latest deadline of what may be erased by now.
func (b *bench) overdue() time.Time { return b.now.Add(-secret.PurgeGrace) }

// keep stores a secret with some versions, past KMS: the purge does not look into a payload.
func (b *bench) keep(versions int) secret.Secret {
	b.t.Helper()
	ref := secret.NewRef(workspace, b.now)
	sealed := secret.Sealed{WrappedKey: []byte("k"), Ciphertext: []byte("c")}
	made, err := b.secretsOf("create-secret").CreateSecret(context.Background(), secret.Secret{
		Ref: ref, Name: "n", Kind: secret.Generic, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: b.now, UpdatedAt: b.now, Etag: secret.FirstEtag,
	}, sealed, nil, b.stamp("create-secret"))
	if err != nil {
		b.t.Fatal(err)
	}
	for n := 2; n <= versions; n++ {
		version := row{
			"pk": str(workspace + "#" + ref.ID), "sk": str(fmt.Sprintf("v#%010d", n)),
			"version_number": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}, "version_state": str("enabled"),
			"version_order": str(fmt.Sprintf("enabled#%010d", n)),
			"stamp":         &types.AttributeValueMemberM{Value: row{"at": number(b.now.UnixMilli())}},
		}
		if _, err := b.db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: version}); err != nil {
			b.t.Fatal(err)
		}
	}
	return made
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// rowsOf are the rows of a secret.
func (b *bench) rowsOf(ref secret.Ref) int {
	b.t.Helper()
	out, err := b.db.Query(context.Background(), &dynamodb.QueryInput{
		TableName: aws.String("SecretsTable"), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str(workspace + "#" + ref.ID)},
		ConsistentRead:            aws.Bool(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return int(out.Count)
}

func (b *bench) versionsOf(ref secret.Ref) int {
	n := b.rowsOf(ref)
	if b.rowOf(ref) != nil {
		n--
	}
	return n
}

// rowOf is a secret's metadata row; nil if there is none.
func (b *bench) rowOf(ref secret.Ref) map[string]types.AttributeValue {
	b.t.Helper()
	out, err := b.db.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: aws.String("SecretsTable"), Key: rowKey(ref, "meta"), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out.Item
}

func (b *bench) putRow(row map[string]types.AttributeValue) {
	b.t.Helper()
	if _, err := b.db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: row}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) deleteRow(ref secret.Ref, sort string) {
	b.t.Helper()
	_, err := b.db.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: aws.String("SecretsTable"), Key: rowKey(ref, sort)})
	if err != nil {
		b.t.Fatal(err)
	}
}

func rowKey(ref secret.Ref, sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": str(workspace + "#" + ref.ID), "sk": str(sort)}
}

func newVersion(of secret.Secret) store.NewVersion {
	return store.NewVersion{Of: of, Sealed: secret.Sealed{WrappedKey: []byte("k"), Ciphertext: []byte("c")}}
}

func disable(v secret.VersionRef) store.ChangeVersion {
	return store.ChangeVersion{Version: v, To: secret.Disabled, IfMatch: v.FirstEtag()}
}

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
		t.Errorf("%d rows of what is due are left", n)
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
	// What an index that is behind its table would hand over.
	b.now = b.now.Add(2 * time.Hour)
	if _, err := b.secretsOf("purge-due").MarkDue(t.Context(), made.Ref, b.now, b.stamp("purge-due")); err == nil {
		t.Error("a restored secret was marked")
	}
	if b.rowsOf(made.Ref) != 3 {
		t.Errorf("%d of 3 rows are left", b.rowsOf(made.Ref))
	}
}

// TestAPurgeKilledAnywhereIsFinishedByTheNext kills the run behind each of its writes in turn: all
// that it asks for after that is lost, as when the function dies.
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

// killAfter lets n writes through and loses every request from then on. The result says whether it
// has come to that.
func (b *bench) killAfter(n int) *atomic.Bool {
	var mu sync.Mutex
	var killed atomic.Bool // is read while a lost request may still be under way
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		mu.Lock()
		defer mu.Unlock()
		write := c.Action == "UpdateItem" || c.Action == "BatchWriteItem" || c.Action == "DeleteItem"
		if killed.Load() || write && n == 0 {
			killed.Store(true)
			return wire.LoseRequest()
		}
		if write {
			n--
		}
		return wire.Pass()
	})
	return &killed
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // less than one secret may take
	defer cancel()
	b.cloud.Settle()
	if err := job.PurgeDue(b.runner(), b.secretsOf("purge-due"), retention)(ctx, job.Event{}); err != nil {
		t.Fatal(err)
	}
	if n := len(b.rows("SecretsTable")); n != 10 {
		t.Errorf("%d rows are left: a run without time has begun something", n)
	}
	if err := b.purgeDue(); err != nil || len(b.rows("SecretsTable")) != 0 {
		t.Errorf("%d rows are left (%v)", len(b.rows("SecretsTable")), err)
	}
}

// expiring is how many secrets meet one deadline.
const expiring = 150

// TestUndeleteRacingTheExpiryHasOneOutcome lets DynamoDB's own expiry sweep the table while undeletes
// come in around the deadline, for at least as many secrets as RACE_ROUNDS says. The clock is the
// engine's, so that here time is real.
func TestUndeleteRacingTheExpiryHasOneOutcome(t *testing.T) {
	b := start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	rounds := 1
	if n, err := strconv.Atoi(os.Getenv("RACE_ROUNDS")); err == nil {
		rounds = (n + expiring - 1) / expiring
	}
	restored := 0
	for range rounds {
		restored += b.raceExpiry(random)
	}
	if restored == 0 || restored == rounds*expiring {
		t.Errorf("%d of %d were restored: the race had one runner", restored, rounds*expiring)
	}
}

// raceExpiry is one deadline. It returns how many secrets were restored before it.
func (b *bench) raceExpiry(random *rand.Rand) int {
	var all []secret.Secret
	for range expiring {
		all = append(all, b.keep(2))
	}
	deadline := time.Now().Add(8 * time.Second).Truncate(time.Second) // time enough to delete them
	var etags []secret.Etag
	for _, made := range all {
		etags = append(etags, b.remove(made, deadline))
		b.expireAt(made.Ref, deadline) // without its grace, so that both meet in one second
	}
	outcomes := make([]error, len(all))
	var writers sync.WaitGroup
	for i, made := range all {
		at := deadline.Add(time.Duration(random.IntN(400)-200) * time.Millisecond)
		writers.Go(func() {
			time.Sleep(time.Until(at)) // each meets the deadline at another moment
			by := b.stamp("undelete-secret")
			by.At = time.Now()
			_, outcomes[i] = b.secretsOf("undelete-secret").UndeleteSecret(context.Background(), made.Ref, etags[i], "", by, func() time.Time { return by.At })
		})
	}
	for over := false; !over; {
		over = time.Now().After(deadline.Add(1500 * time.Millisecond))
		b.cloud.SweepTTL(b.t) // at least once when the deadline is over
	}
	writers.Wait()
	restored := 0
	for i, made := range all {
		there := b.rowOf(made.Ref) != nil
		switch {
		case outcomes[i] == nil && (!there || b.versionsOf(made.Ref) != 2):
			b.t.Errorf("%s was restored, and is not whole", made.ID)
		case outcomes[i] != nil && there:
			b.t.Errorf("%s was not restored (%v), and did not expire", made.ID, outcomes[i])
		}
		if outcomes[i] == nil {
			restored++
		}
	}
	return restored
}

// expireAt has DynamoDB's expiry take a secret's row from the second at on.
func (b *bench) expireAt(ref secret.Ref, at time.Time) {
	b.t.Helper()
	_, err := b.db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: aws.String("SecretsTable"), Key: rowKey(ref, "meta"),
		UpdateExpression:          aws.String("SET #ttl = :at"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":at": number(at.Unix())},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
