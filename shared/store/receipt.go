package store

import (
	"time"

	"keepsake/shared/secret"
)

// receiptItem remembers an idempotency key on the row that it changed. Releases before recordItem
// stored keys this way. For a day after an update, a request with such a key may still be retried.
type receiptItem struct {
	KeyHash  string      `dynamodbav:"key_hash"`
	IfMatch  secret.Etag `dynamodbav:"if_match"`
	ForgetAt int64       `dynamodbav:"forget_at"` // Unix seconds
}

// isFor reports whether r is the receipt of a request with this key and has not expired at now.
func (r *receiptItem) isFor(key string, now time.Time) bool {
	return r != nil && key != "" && r.KeyHash == hashKey(key) && now.Unix() < r.ForgetAt
}

// undeleted returns the result of an undelete that m's row refused and whose key has no record: the
// secret as it is now if the row's own receipt says that this request was carried out before, else
// an error that says why it was refused.
func (m metaItem) undeleted(etag secret.Etag, key string, now time.Time) (secret.Secret, error) {
	found := m.secret()
	if found.Purged(now) || !m.Receipt.isFor(key, now) {
		return secret.Secret{}, found.RefuseUndelete(now)
	}
	if m.Receipt.IfMatch == etag || m.isUndeletedFrom(m.Receipt.IfMatch) {
		return found, nil
	}
	return secret.Secret{}, &KeyReusedError{Made: found.Version(0)}
}
