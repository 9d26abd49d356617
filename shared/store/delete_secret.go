package store

import (
	"context"
	"time"

	"keepsake/shared/secret"
)

const (
	deleteIf = `secret_state = :active AND revision = :etag`

	// :trash and :place begin with the kind.
	deleteOnly = ` AND kind = :kind`

	deleteSet = `SET secret_state = :soft_deleted, list_sk = :trash, active_sk = :place, list_pk = :list, purge_shard = :shard,
		deleted_at = :now, updated_at = :now, purge_at = :purge_at, #ttl = :expiry,
		revision = :next, stamp = :stamp, deleted_by = :stamp`
)

// DeleteSecret hides the secret and returns its new etag. Its versions are not touched: until purgeAt
// UndeleteSecret brings everything back. From purgeAt on the secret is gone. NotFound if there is no
// active secret, Conflict if etag is stale.
//
// One UpdateItem for a generic secret. The new sort key begins with the kind, which the caller need not
// know, so the first write is for a generic one. The row of a refusal has the kind, and for another kind
// there is a second write. A kind never changes: a write with the wrong one is never carried out.
func (s *Store) DeleteSecret(ctx context.Context, ref secret.Ref, etag secret.Etag, purgeAt time.Time, by secret.Stamp) (secret.Etag, error) {
	for kind := secret.Generic; ; {
		row, applied, err := s.updateMeta(ctx, ref, deletion(ref, kind, etag, purgeAt, by))
		switch {
		case err != nil:
			return secret.NoEtag, err
		case applied:
			return etag + 1, nil
		case row.Kind == kind || row.State != secret.Active || row.Revision != etag:
			return secret.NoEtag, row.secret().RefuseWrite(by.At)
		}
		kind = row.Kind
	}
}

func deletion(ref secret.Ref, kind secret.Kind, etag secret.Etag, purgeAt time.Time, by secret.Stamp) metaUpdate {
	return metaUpdate{
		set:       deleteSet,
		condition: deleteIf + deleteOnly,
		names:     ttlName,
		writer:    &writer{etag + 1, by.InvocationID},
		values: map[string]any{
			":active":       secret.Active,
			":soft_deleted": secret.SoftDeleted,
			":kind":         kind,
			":list":         listPartition(ref.Workspace, secret.SoftDeleted),
			":trash":        trashSort(kind, purgeAt, ref.ID),
			":place":        listSort(kind, ref.ID),
			":shard":        shard(ref),
			":now":          by.At.Unix(),
			":purge_at":     purgeAt.Unix(),
			":expiry":       purgeAt.Add(secret.Grace(purgeAt.Sub(by.At))).Unix(),
			":etag":         etag,
			":next":         etag + 1,
			":stamp":        newStampItem(by),
		},
	}
}
