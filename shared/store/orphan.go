package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// scanPage is how many versions are looked at together: DynamoDB reads at most as many metadata rows
// with one call.
const scanPage = 100

// Orphan is a secret that has versions but no metadata.
type Orphan struct {
	Ref        secret.Ref
	ServerTime time.Time // DynamoDB's clock when it said so, to the second; zero if its response had no time
}

// Orphans returns pages of secrets that seem to have versions but no metadata. It scans one of total
// segments of an index without payloads. After an error there are no more pages.
//
// One look proves nothing: it reads single rows, while a transaction or a restore may be writing them.
// OrphanedVersions and a second look decide whether the versions may be destroyed.
func (s *Store) Orphans(ctx context.Context, segment, total int) iter.Seq2[[]Orphan, error] {
	scan := &dynamodb.ScanInput{
		TableName:            &s.table,
		IndexName:            aws.String(versionsIndex),
		ProjectionExpression: aws.String("pk"),
		Segment:              aws.Int32(int32(segment)),
		TotalSegments:        aws.Int32(int32(total)),
		Limit:                aws.Int32(scanPage),
	}
	return func(yield func([]Orphan, error) bool) {
		for {
			out, err := s.db.Scan(ctx, scan)
			if err != nil {
				yield(nil, fmt.Errorf("look for orphans: %w", err))
				return
			}
			refs, err := s.withoutMeta(ctx, out.Items)
			var page []Orphan
			for _, ref := range refs {
				page = append(page, Orphan{Ref: ref, ServerTime: serverTime(out.ResultMetadata)})
			}
			if !yield(page, err) || err != nil {
				return
			}
			if scan.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
				return
			}
		}
	}
}

// withoutMeta returns those secrets of the versions that have no metadata.
func (s *Store) withoutMeta(ctx context.Context, versions []item) ([]secret.Ref, error) {
	missing := map[string]bool{}
	for _, version := range versions {
		missing[text(version, "pk")] = true
	}
	if len(missing) == 0 {
		return nil, nil
	}
	var keys []item
	for pk := range missing {
		keys = append(keys, rowKey(pk, metaSort))
	}
	// A key that DynamoDB did not get to is not missing: batchGet has them all, or fails.
	there, err := s.batchGet(ctx, types.KeysAndAttributes{
		Keys: keys, ConsistentRead: consistent, ProjectionExpression: aws.String("pk"),
	})
	if err != nil {
		return nil, fmt.Errorf("look for orphans: %w", err)
	}
	for _, row := range there {
		delete(missing, text(row, "pk"))
	}
	var orphans []secret.Ref
	for pk := range missing {
		orphans = append(orphans, refOf(pk))
	}
	return orphans, nil
}

// text is a row's attribute of type string; empty if there is none.
func text(row item, name string) string {
	if value, ok := row[name].(*types.AttributeValueMemberS); ok {
		return value.Value
	}
	return ""
}
