package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/cloudtest/rows"
	"keepsake/shared/store"
)

// FuzzChange: whatever a record of the stream holds, it is read or refused; a consumer that panics
// stops its shard.
func FuzzChange(f *testing.F) {
	for _, r := range rows.Releases(f) {
		for _, row := range r.Rows["SecretsTable"] {
			image, err := rows.Text(row)
			if err != nil {
				f.Fatal(err)
			}
			key, _ := rows.Text(rows.Item{"pk": row["pk"], "sk": row["sk"]})
			f.Add([]byte(fmt.Sprintf(`{"eventName":"MODIFY","dynamodb":{"ApproximateCreationDateTime":1,"SequenceNumber":"1","Keys":%s,"OldImage":%s,"NewImage":%[2]s}}`, key, image)))
		}
	}
	f.Add([]byte(`{"eventName":"REMOVE","userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},"dynamodb":{"Keys":{"pk":{"S":"ws_a#sec_a"},"sk":{"S":"meta"}}}}`))
	f.Add([]byte(`{"dynamodb":{"Keys":{"pk":{"N":"1"},"sk":{"S":"v#"}},"NewImage":{"version_number":{"S":"x"},"stamp":{"L":[]}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var record events.DynamoDBEventRecord
		if !readable(text, &record) {
			t.Skip("Lambda's own type does not read it")
		}
		change, ok, err := store.ReadChange(record)
		if ok && err == nil && change.Version < 0 {
			t.Errorf("version %d", change.Version)
		}
	})
}

// readable reports whether the event's own type takes text: it panics at some that DynamoDB never sends.
func readable(text []byte, record *events.DynamoDBEventRecord) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return json.Unmarshal(text, record) == nil
}
