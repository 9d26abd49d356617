package store

import (
	"context"
	"time"

	"keepsake/shared/secret"
)

const (
	deleteIf = `secret_state = :active AND revision = :etag`

	deleteSet = `SET secret_state = :soft_deleted, list_pk = :list, purge_shard = :shard,
		deleted_at = :now, updated_at = :now, purge_at = :purge_at, #ttl = :expiry,
		revision = :next, stamp = :stamp, deleted_by = :stamp`
)

// DeleteSecret hides the secret and returns its new etag. Its versions are not touched: until purgeAt
// UndeleteSecret brings everything back. From purgeAt on the secret is gone. NotFound if there is no
// active secret, Conflict if etag is stale. One UpdateItem.
func (s *Store) DeleteSecret(ctx context.Context, ref secret.Ref, etag secret.Etag, purgeAt time.Time, by secret.Stamp) (secret.Etag, error) {
	row, applied, err := s.updateMeta(ctx, ref, metaUpdate{
		set:       deleteSet,
		condition: deleteIf,
		names:     ttlName,
		writer:    &writer{etag + 1, by.InvocationID},
		values: map[string]any{
			":active":       secret.Active,
			":soft_deleted": secret.SoftDeleted,
			":list":         listPartition(ref.Workspace, secret.SoftDeleted),
			":shard":        shard(ref),
			":now":          by.At.Unix(),
			":purge_at":     purgeAt.Unix(),
			":expiry":       purgeAt.Add(secret.Grace(purgeAt.Sub(by.At))).Unix(),
			":etag":         etag,
			":next":         etag + 1,
			":stamp":        newStampItem(by),
		},
	})
	switch {
	case err != nil:
		return secret.NoEtag, err
	case applied:
		return etag + 1, nil
	}
	return secret.NoEtag, row.secret().RefuseWrite(by.At)
}
