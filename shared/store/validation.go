package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// ValidationShards is the number of shards of the index of secrets to validate.
const ValidationShards = shards

const (
	validateIndex = "validate"

	// A later change of the secret wins over a late result. Of two runs at the same time one wins.
	validationIf  = `secret_state = :state AND revision = :etag AND validate_at = :due`
	validationSet = `SET validate_at = :next, validate_failures = :failures`
	verdictSet    = `, validation = :validation`
)

// DueForValidation returns pages of up to size secrets of one shard that are to be validated at now.
// See due. The index may be behind: a secret may come that is not due any more.
func (s *Store) DueForValidation(ctx context.Context, shard int, now time.Time, size int) iter.Seq2[[]DueSecret, error] {
	return s.due(ctx, validateIndex, shard, now, size, func(row metaItem) int64 { return row.ValidateAt })
}

// ValidationFailures returns how often in a row asking the provider about the secret has failed.
// NotFound if there is no such secret. One read.
func (s *Store) ValidationFailures(ctx context.Context, ref secret.Ref) (int, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: metaKey(ref), ConsistentRead: consistent,
	})
	if err != nil {
		return 0, fmt.Errorf("validation failures: %w", err)
	}
	if len(out.Item) == 0 {
		return 0, secret.NotFoundError()
	}
	row, err := decode[metaItem](out.Item)
	return row.ValidateFailures, err
}

// ValidationResult is the result of validating a secret, and when to do it next.
type ValidationResult struct {
	Verdict  *secret.Validation // nil: the last one stays
	Failures int                // in a row, until now
	Next     time.Time          // when to validate the secret again
}

// RecordValidation writes the result for due, if the secret still is as found. It reports whether it
// was written: not if the secret has changed since, or another run was faster. It is telemetry, not a
// change: neither the etag nor updated_at moves. One UpdateItem.
func (s *Store) RecordValidation(ctx context.Context, due DueSecret, found secret.Secret, v ValidationResult) (bool, error) {
	c := metaUpdate{
		set:       validationSet,
		condition: validationIf,
		values: map[string]any{
			":state":    found.State,
			":etag":     found.Etag,
			":due":      due.At.Unix(),
			":next":     v.Next.Unix(),
			":failures": v.Failures,
		},
	}
	if v.Verdict != nil {
		c.set += verdictSet
		c.values[":validation"] = validationItem{
			State: v.Verdict.State, ValidatedAt: v.Verdict.ValidatedAt.Unix(), Error: v.Verdict.Error,
		}
	}
	_, applied, err := s.updateMeta(ctx, due.Ref, c)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return applied, err
}
