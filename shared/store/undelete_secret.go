package store

import (
	"context"

	"keepsake/shared/secret"
)

const (
	undeleteIf = `secret_state = :soft_deleted AND purge_at > :now AND revision = :etag`

	undeleteSet = `SET secret_state = :active, list_pk = :list, updated_at = :moment,
		revision = :next, undeleted_revision = :next, validate_at = :moment, stamp = :stamp
		REMOVE deleted_at, deleted_by, purge_at, purge_shard, #ttl`
)

// UndeleteSecret brings a soft-deleted secret back whole and returns it. NotFound if the clock says
// that the purge deadline has passed, or if there is no such secret. Conflict if etag is stale or the
// secret is already active. One UpdateItem.
//
// With a key it is one transaction, and one read. The key is remembered for a day: if the same request
// comes again, it returns the secret as it is now, whatever happened since. Conflict if the key came
// with another request.
func (s *Store) UndeleteSecret(ctx context.Context, ref secret.Ref, etag secret.Etag, key string, by secret.Stamp, clock Clock) (secret.Secret, error) {
	c := undeletion(ref, etag, by, clock)
	if key != "" {
		return s.undeleteUnderKey(ctx, ref, etag, key, c, by)
	}
	row, applied, err := s.updateMeta(ctx, ref, c)
	if err != nil {
		return secret.Secret{}, err
	}
	found := row.secret()
	if applied {
		return found, erasedSince(found)
	}
	return secret.Secret{}, found.RefuseUndelete(clock())
}

func undeletion(ref secret.Ref, etag secret.Etag, by secret.Stamp, clock Clock) metaUpdate {
	return metaUpdate{
		set:       undeleteSet,
		condition: undeleteIf,
		names:     ttlName,
		clock:     clock,
		writer:    &writer{etag + 1, by.InvocationID},
		values: map[string]any{
			":active":       secret.Active,
			":soft_deleted": secret.SoftDeleted,
			":list":         listPartition(ref.Workspace, secret.Active),
			":moment":       by.At.Unix(),
			":etag":         etag,
			":next":         etag + 1,
			":stamp":        newStampItem(by),
		},
	}
}
