package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// Deletion says who soft-deleted a secret, and when.
type Deletion struct {
	By string    // the principal; empty if the row was left by code that did not keep it
	At time.Time // to the millisecond; if By is empty, to the second
}

// deletionAttributes are those that deletion reads. The index "trash" does not have the last one.
const deletionAttributes = "pk, secret_state, revision, deleted_at, purge_at, deleted_by"

// Deletions returns the deletions of up to 100 secrets that ListSecrets has shown. It leaves out those that
// are no longer what the list showed: undeleted, purged, or deleted once more since. One consistent
// BatchGetItem, of metadata rows only; none if listed is empty. Throttled if DynamoDB does not get to all.
func (s *Store) Deletions(ctx context.Context, listed []secret.Secret, now time.Time) (map[secret.Ref]Deletion, error) {
	if len(listed) == 0 {
		return nil, nil
	}
	asked := types.KeysAndAttributes{ConsistentRead: consistent, ProjectionExpression: aws.String(deletionAttributes)}
	etags := make(map[secret.Ref]secret.Etag, len(listed))
	for _, found := range listed {
		asked.Keys = append(asked.Keys, metaKey(found.Ref))
		etags[found.Ref] = found.Etag
	}
	rows, err := s.batchGet(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("read who deleted: %w", err)
	}
	deletions := make(map[secret.Ref]Deletion, len(rows))
	for _, row := range rows {
		meta, err := decode[metaItem](row)
		if err != nil {
			return nil, err
		}
		ref, found := refOf(meta.PK), meta.secret()
		if found.Etag == etags[ref] && !found.Purged(now) { // an undelete has changed the etag
			deletions[ref] = meta.deletion()
		}
	}
	return deletions, nil
}

func (m metaItem) deletion() Deletion {
	if m.DeletedBy == nil {
		return Deletion{At: at(m.DeletedAt)}
	}
	return Deletion{By: m.DeletedBy.Principal, At: time.UnixMilli(m.DeletedBy.At).UTC()}
}
