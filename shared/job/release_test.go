package job_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloudtest/rows"
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

// TestTheJobsDealWithTheRowsOfEveryRelease runs every job on rows that earlier releases wrote an hour
// before, and on rows that a newer one may have written.
func TestTheJobsDealWithTheRowsOfEveryRelease(t *testing.T) {
	all := rows.Releases(t)
	newer := all[len(all)-1].Newer()
	newer.Name += " and newer"
	for _, r := range append(all, newer) {
		t.Run(r.Name, func(t *testing.T) {
			b := startOn(t, r)
			b.orphansAreOnlyWhatIsOrphaned()
			b.onlyWhatIsOverIsPurged(r)
			b.credentialsAreValidated()
		})
	}
}

// TestTheStreamOfEveryReleasesRowsIsRead runs both consumers on stream records of rows that earlier
// releases wrote.
func TestTheStreamOfEveryReleasesRowsIsRead(t *testing.T) {
	for _, r := range rows.Releases(t) {
		t.Run(r.Name, func(t *testing.T) { startOn(t, r).theStreamIsRead(r) })
	}
}

// startOn is start with the rows of a release, and the keys that its values are sealed under.
func startOn(t *testing.T, r *rows.Release) *bench {
	t.Helper()
	b := start(t)
	if err := r.Put(t.Context(), b.db); err != nil {
		t.Fatal(err)
	}
	b.now = r.Clock.Add(time.Hour)
	t.Setenv("AWS_ENDPOINT_URL_KMS", rows.StartKMS(t, os.Getenv("ENCRYPTION_KEY"), "arn:aws:kms:us-east-1:000000000000:key/none"))
	t.Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey(b.cloud.Function("validate-credentials").Name))
	validator := boot.Environment()
	b.job = job.ValidateCredentials(b.runner(), validator.Secrets(), validator.Trail(), keys.Opener(validator), b)
	return b
}

// table returns the table of secrets: each row's text by its keys.
func (b *bench) table() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	for _, r := range b.rows("SecretsTable") {
		text, err := rows.Text(r)
		if err != nil {
			b.t.Fatal(err)
		}
		out[r["pk"].(*types.AttributeValueMemberS).Value+" "+r["sk"].(*types.AttributeValueMemberS).Value] = text
	}
	return out
}

// orphansAreOnlyWhatIsOrphaned: a whole day of the job that looks for orphans changes nothing, because
// no row is an orphan.
func (b *bench) orphansAreOnlyWhatIsOrphaned() {
	b.t.Helper()
	before, now := b.table(), b.now
	for range 96 {
		if err := job.PurgeOrphans(b.runner(), b.secretsOf("purge-orphans"), b.trailReader())(context.Background(), job.Event{ID: "tick"}); err != nil {
			b.t.Fatal(err)
		}
		b.now = b.now.Add(15 * time.Minute)
	}
	if b.now = now; !maps.Equal(before, b.table()) {
		b.t.Error("rows have changed though none was orphaned")
	}
}

// onlyWhatIsOverIsPurged: secrets that are marked, or past their deadline, are erased whole; no byte of
// the others changes.
func (b *bench) onlyWhatIsOverIsPurged(r *rows.Release) {
	b.t.Helper()
	want := b.table()
	for _, part := range []string{"forced", "due", "scheduled"} {
		stem := workspace + "#" + r.Secrets[part].ID + " "
		maps.DeleteFunc(want, func(key, _ string) bool { return strings.HasPrefix(key, stem) })
	}
	if err := b.purgeDue(); err != nil {
		b.t.Fatal(err)
	}
	got := b.table()
	for key := range want {
		if got[key] != want[key] {
			b.t.Errorf("%s was %s, is %s", key, want[key], got[key])
		}
	}
	for key := range got {
		if want[key] == "" {
			b.t.Errorf("%s is still there", key)
		}
	}
}

// credentialsAreValidated: the provider is asked only about the credentials whose time has come, and
// sees their values.
func (b *bench) credentialsAreValidated() {
	b.t.Helper()
	now := b.now
	if asked := b.run(); !slices.Equal(asked, []string{"of unanswered, version 1"}) {
		b.t.Errorf("an hour later the provider is asked about %d, not about one", len(asked))
	}
	b.now = b.now.Add(24 * time.Hour)
	if asked := b.run(); len(asked) != 3 {
		b.t.Errorf("a day later the provider is asked about %d, not about all three", len(asked))
	}
	b.now = now
}

// theStreamIsRead: each row is reported as made, changed and removed, by DynamoDB's expiry if it has
// one. Rows that are reported as removed but still exist must not be destroyed.
func (b *bench) theStreamIsRead(r *rows.Release) {
	b.t.Helper()
	var records []events.DynamoDBEventRecord
	for _, row := range r.Rows["SecretsTable"] {
		text, err := rows.Text(row)
		if err != nil {
			b.t.Fatal(err)
		}
		made := strings.Replace(text, `"invocation_id":{"S":"`, `"invocation_id":{"S":"another-`, 1)
		records = append(records,
			b.record(row, "INSERT", "", text), b.record(row, "MODIFY", made, text), b.record(row, "REMOVE", text, ""))
	}
	before := b.table()
	b.log.Reset()
	if failed := b.recordChanges(records); len(failed) > 0 {
		b.t.Errorf("record-changes stops at %v: %s", failed, b.log.String())
	}
	b.now = b.now.Add(365 * 24 * time.Hour)
	if failed := b.purgeExpired(records); len(failed) > 0 {
		b.t.Errorf("purge-expired stops at %v: %s", failed, b.log.String())
	}
	if !maps.Equal(before, b.table()) {
		b.t.Error("rows have changed though all of their secrets are still there")
	}
	for part, m := range r.Secrets {
		lines := b.trail(secret.Ref{Workspace: workspace, ID: m.ID})
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "purge ") }) {
			b.t.Errorf("of the end of %s the trail has no line: %v", part, lines)
		}
	}
}

func (b *bench) record(row rows.Item, name, before, after string) events.DynamoDBEventRecord {
	b.t.Helper()
	key, err := rows.Text(rows.Item{"pk": row["pk"], "sk": row["sk"]})
	if err != nil {
		b.t.Fatal(err)
	}

	images := ""
	if before != "" {
		images += `,"OldImage":` + before
	}
	if after != "" {
		images += `,"NewImage":` + after
	}
	text := fmt.Sprintf(`{"eventName":%q,"dynamodb":{"ApproximateCreationDateTime":%d,"SequenceNumber":"%d","Keys":%s%s}}`,
		name, b.now.Unix(), sequence.Add(1), key, images)
	var record events.DynamoDBEventRecord
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		b.t.Fatal(err)
	}
	if name == "REMOVE" && row["ttl"] != nil {
		record.UserIdentity = expiry
	}
	return record
}

// sequence is the number of the last record.
var sequence atomic.Int64
