package store

import (
	"context"
	"time"

	"keepsake/shared/secret"
)

const (
	undeleteIf = `secret_state = :soft_deleted AND purge_at > :now AND revision = :etag`

	// With a key, one more: that the last undelete was not already done under the same key.
	// Otherwise a late retry would undo a delete that came after it.
	undeleteOnceIf = undeleteIf + ` AND (attribute_not_exists(undelete_receipt)
		OR undelete_receipt.key_hash <> :key OR undelete_receipt.forget_at <= :now)`

	undeleteSet = `SET secret_state = :active, list_pk = :list, updated_at = :now,
		revision = :next, undeleted_revision = :next, validate_at = :now, stamp = :stamp`
	undeleteReceipt = `, undelete_receipt = :receipt`
	undeleteRemove  = ` REMOVE deleted_at, deleted_by, purge_at, purge_shard, #ttl`
)

// UndeleteSecret brings a soft-deleted secret back whole, and returns it. key is the request's
// idempotency key, or empty. NotFound past the purge deadline and where there is no secret,
// Conflict where etag is stale, the secret is active already (unless by this very key), or key
// came with another etag. One UpdateItem, with or without a key.
func (s *Store) UndeleteSecret(ctx context.Context, ref secret.Ref, etag secret.Etag, key string, by secret.Stamp) (secret.Secret, error) {
	c := metaUpdate{
		set:       undeleteSet + undeleteRemove,
		condition: undeleteIf,
		names:     ttlName,
		values: map[string]any{
			":active":       secret.Active,
			":soft_deleted": secret.SoftDeleted,
			":list":         listPartition(ref.Workspace, secret.Active),
			":now":          by.At.Unix(),
			":etag":         etag,
			":next":         etag + 1,
			":stamp":        newStampItem(by),
		},
	}
	if key != "" {
		c.set, c.condition = undeleteSet+undeleteReceipt+undeleteRemove, undeleteOnceIf
		c.values[":key"] = hashKey(key)
		c.values[":receipt"] = newReceipt(key, etag, by)
	}
	row, applied, err := s.updateMeta(ctx, ref, c)
	if err != nil {
		return secret.Secret{}, err
	}
	if applied || sameRun(row.Stamp, by) {
		return row.secret(), nil
	}
	return row.undeleted(etag, key, by.At)
}

// undeleted says what an undelete is due that did not apply to m: the secret as it is now if the
// same request has been carried out before, else the reason why not.
//
//	delete   undelete(key, 2)   delete   undelete(key, 2)   undelete(key, 4)
//	etag 2   etag 3             etag 4   a late retry:      another request under
//	                                     as it is now       the same key: refused
func (m metaItem) undeleted(etag secret.Etag, key string, now time.Time) (secret.Secret, error) {
	found := m.secret()
	if found.Purged(now) || !m.Receipt.isFor(key, now) {
		return secret.Secret{}, found.RefuseUndelete(now)
	}
	madeItSo := found.State == secret.Active && m.UndeletedRevision == m.Receipt.IfMatch+1
	if madeItSo || m.Receipt.IfMatch == etag {
		return found, nil
	}
	return secret.Secret{}, secret.KeyReusedError()
}
