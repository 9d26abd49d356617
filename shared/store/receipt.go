package store

import (
	"time"

	"keepsake/shared/secret"
)

// receiptItem remembers an idempotency key on the row that it changed. Releases before the records
// of recordItem kept keys so; for a day after an update such a key may still come again.
type receiptItem struct {
	KeyHash  string      `dynamodbav:"key_hash"`
	IfMatch  secret.Etag `dynamodbav:"if_match"`
	ForgetAt int64       `dynamodbav:"forget_at"` // Unix seconds
}

// isFor reports whether r is the receipt of a request with this key, still to be honoured at now.
func (r *receiptItem) isFor(key string, now time.Time) bool {
	return r != nil && key != "" && r.KeyHash == hashKey(key) && now.Unix() < r.ForgetAt
}

// undeleted answers an undelete under key that did not apply to m, and whose key has no record: the
// secret as it is now if the row's own receipt says that this request has been carried out, else
// the reason why not.
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
