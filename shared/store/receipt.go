package store

import (
	"time"

	"keepsake/shared/secret"
)

// rememberKeys is how long a request with an idempotency key may be retried.
const rememberKeys = 24 * time.Hour

// receiptItem remembers the idempotency key of the last undelete of a secret, or enable of a
// version, that came with one. It stands on the row itself, so that no second row has to be written.
// A key that comes after it takes its place: of two undeletes under two keys within a day, only the
// last one's can be replayed.
type receiptItem struct {
	KeyHash  string      `dynamodbav:"key_hash"`
	IfMatch  secret.Etag `dynamodbav:"if_match"`
	ForgetAt int64       `dynamodbav:"forget_at"` // Unix seconds
}

// newReceipt is the receipt of a request with this key and If-Match; nil without a key.
func newReceipt(key string, ifMatch secret.Etag, by secret.Stamp) *receiptItem {
	if key == "" {
		return nil
	}
	return &receiptItem{KeyHash: hashKey(key), IfMatch: ifMatch, ForgetAt: by.At.Add(rememberKeys).Unix()}
}

// isFor reports whether r is the receipt of a request with this key, still to be honoured at now.
func (r *receiptItem) isFor(key string, now time.Time) bool {
	return r != nil && key != "" && r.KeyHash == hashKey(key) && now.Unix() < r.ForgetAt
}
