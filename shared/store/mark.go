package store

import (
	"context"
	"errors"
	"time"

	"keepsake/shared/secret"
)

const (
	forceIf = `(secret_state = :active OR secret_state = :soft_deleted AND purge_at > :now) AND revision = :etag`
	// The deadline is part of the condition, because the index may lag behind its table: a restored
	// secret must not be marked. Here :now is the latest deadline that counts as passed.
	dueIf = `secret_state = :soft_deleted AND purge_at <= :now`

	markSet    = `SET secret_state = :purging, purged_by = :mechanism, revision = revision + :one, stamp = :stamp`
	markForced = `, purge_shard = :shard, purge_at = :now, #ttl = :now,
		deleted_at = if_not_exists(deleted_at, :now), deleted_by = :stamp`
	markRemove = ` REMOVE list_pk, list_sk, validate_shard`
)

// ErrNotDue says that a secret must not be purged now: it has been restored, or deleted again.
var ErrNotDue = errors.New("the secret is not due to be purged")

// MarkForce begins a hard delete: from now on nobody can read the secret, and Purge erases it.
// NotFound if there is no such secret, or the clock says that its deadline has passed. Conflict if
// etag is stale. One UpdateItem.
func (s *Store) MarkForce(ctx context.Context, ref secret.Ref, etag secret.Etag, by secret.Stamp, clock Clock) error {
	c := marking(forceIf, markSet+markForced+markRemove, secret.ByForce, by)
	c.names, c.clock, c.writer = ttlName, clock, &writer{etag + 1, by.InvocationID}
	c.values[":active"] = secret.Active
	c.values[":etag"] = etag
	c.values[":shard"] = shard(ref)
	row, applied, err := s.updateMeta(ctx, ref, c)
	if err != nil || applied {
		return err
	}
	return row.secret().RefuseHardDelete(clock())
}

// Marked is a secret whose purge has begun.
type Marked struct {
	secret.Secret
	DeletedBy secret.Stamp
}

// MarkDue begins the purge of a secret whose deadline is the time passed or earlier. If it is already
// marked, that is a success. ErrNotDue if its deadline is later, NotFound if its row is gone.
func (s *Store) MarkDue(ctx context.Context, ref secret.Ref, passed time.Time, by secret.Stamp) (Marked, error) {
	c := marking(dueIf, markSet+markRemove, secret.BySchedule, by)
	c.values[":now"] = passed.Unix()
	row, applied, err := s.updateMeta(ctx, ref, c)
	switch {
	case err != nil:
		return Marked{}, err
	case !applied && row.State != secret.Purging:
		return Marked{}, ErrNotDue
	case row.DeletedBy == nil: // by code that did not keep it
		return Marked{Secret: row.secret()}, nil
	}
	return Marked{row.secret(), row.DeletedBy.stamp()}, nil
}

func marking(condition, set string, mechanism secret.Mechanism, by secret.Stamp) metaUpdate {
	return metaUpdate{set: set, condition: condition, values: map[string]any{
		":soft_deleted": secret.SoftDeleted,
		":purging":      secret.Purging,
		":mechanism":    mechanism,
		":now":          by.At.Unix(),
		":one":          1,
		":stamp":        newStampItem(by),
	}}
}
