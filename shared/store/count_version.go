package store

import (
	"context"

	"keepsake/shared/secret"
)

const (
	uncountedIf = `secret_state = :active AND version_count = :before`
	countIt     = `SET version_count = :number, enabled_version_count = enabled_version_count + :delta,
		revision = revision + :one, updated_at = :now, validate_at = :now, stamp = :stamp`
)

// countVersion makes a secret count a version that exists and that it does not count. No operation
// leaves one behind, but a table that was restored to a point in time may hold half of a transaction:
// without this, its secret could never get another version. It returns *NumberTakenError, as if another
// writer had just made the version. One UpdateItem.
func (s *Store) countVersion(ctx context.Context, v secret.VersionRef, version item, by secret.Stamp) error {
	found, err := decode[versionItem](version)
	if err != nil {
		return err
	}
	row, applied, err := s.updateMeta(ctx, v.Ref, metaUpdate{
		set:       countIt,
		condition: uncountedIf,
		values: map[string]any{
			":active": secret.Active,
			":before": v.Number - 1,
			":number": v.Number,
			":delta":  enabledDelta(secret.Destroyed, found.State),
			":one":    1,
			":now":    by.At.Unix(),
			":stamp":  newStampItem(by),
		},
	})
	if err != nil {
		return err
	}
	if now := row.secret(); !applied && now.State != secret.Active {
		return now.RefuseChange(by.At)
	}
	return &NumberTakenError{Now: row.secret()}
}
