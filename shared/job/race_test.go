package job_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// expiring is how many secrets meet one deadline.
const expiring = 150

// TestUndeleteRacingTheExpiryHasOneOutcome runs DynamoDB's own expiry while undeletes arrive around
// the deadline, for at least as many secrets as RACE_ROUNDS says. The clock is the engine's: time is
// real here.
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

// raceExpiry runs one deadline. It returns how many secrets were restored before it.
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
			time.Sleep(time.Until(at)) // each at its own moment around the deadline
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

// expireAt makes a secret's row expire in DynamoDB at this second.
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

// TestUndeleteRacingThePurgeHasOneOutcome runs an undelete, the schedule and a hard delete around the
// deadline, each with its own clock that is up to a minute off, for as many rounds as RACE_ROUNDS says.
// Whatever wins, no secret is left in part, and the schedule erases none before its deadline by the
// true time.
func TestUndeleteRacingThePurgeHasOneOutcome(t *testing.T) {
	b := start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rounds := 400
	if n, err := strconv.Atoi(os.Getenv("RACE_ROUNDS")); err == nil { // CI asks for thousands
		rounds = n
	}
	var workers sync.WaitGroup
	for w := range 4 {
		random := rand.New(rand.NewPCG(seed, uint64(w)))
		workers.Go(func() {
			for range rounds / 4 {
				b.race(random)
			}
		})
	}
	workers.Wait()
}

// race runs one round.
func (b *bench) race(random *rand.Rand) {
	made := b.keep(2)
	deadline := b.now.Add(time.Duration(random.IntN(13)-8) * 30 * time.Second) // from before the grace to after now
	etag := b.remove(made, deadline)
	clock := func() time.Time { return b.now.Add(time.Duration(random.IntN(5)-2) * 30 * time.Second) }
	undeleteAt, purgeAt, force := clock(), clock(), random.IntN(4) == 0

	var undeleted, purged, forced error
	var all sync.WaitGroup
	ctx := context.Background()
	all.Go(func() {
		by := b.stamp("undelete-secret")
		by.At = undeleteAt
		_, undeleted = b.secretsOf("undelete-secret").UndeleteSecret(ctx, made.Ref, etag, "", by, func() time.Time { return by.At })
	})
	all.Go(func() { // as a run purges one secret if DynamoDB sends no time
		by := b.stamp("purge-due")
		by.At = purgeAt
		if _, purged = b.secretsOf("purge-due").MarkDue(ctx, made.Ref, purgeAt.Add(-secret.Grace(retention)), by); purged == nil {
			_, purged = b.secretsOf("purge-due").Purge(ctx, made.Ref)
		}
	})
	forced = errors.New("not tried")
	if force {
		all.Go(func() {
			by := b.stamp("delete-secret")
			by.At = undeleteAt
			if forced = b.secretsOf("delete-secret").MarkForce(ctx, made.Ref, etag, by, func() time.Time { return by.At }); forced == nil {
				_, forced = b.secretsOf("delete-secret").Purge(ctx, made.Ref)
			}
		})
	}
	all.Wait()
	b.judge(made, deadline, undeleted, purged, forced)
}

// judge checks what is left of a secret, by the true time.
func (b *bench) judge(made secret.Secret, deadline time.Time, undeleted, purged, forced error) {
	found, err := b.secrets.ReadLatestVersion(context.Background(), made.Ref)
	switch {
	case undeleted == nil:
		if err != nil || found.Secret.State != secret.Active || len(found.Sealed.Ciphertext) == 0 && found.Version.Number == 1 {
			b.t.Errorf("undeleted, but %+v, %v (purge: %v, force: %v)", found.Secret, err, purged, forced)
		}
		if purged == nil || forced == nil {
			b.t.Errorf("undeleted and erased (purge: %v, force: %v)", purged, forced)
		}
	case purged == nil || forced == nil:
		if err == nil {
			b.t.Errorf("erased, but still there: %+v", found.Secret)
		}
		if forced != nil && b.now.Before(deadline) {
			b.t.Errorf("erased %v before the deadline", deadline.Sub(b.now))
		}
	default:
		if err != nil || found.Secret.State != secret.SoftDeleted {
			b.t.Errorf("nobody won, and what is there is %+v, %v", found.Secret, err)
		}
	}
}
