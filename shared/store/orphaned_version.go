package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// OrphanedVersion is a version whose secret seemed to have no metadata.
type OrphanedVersion struct {
	ChangedAt time.Time // by its last stamp; zero if it bears none
	FoundAt   time.Time // by its last mark; zero if it bears none

	key, found item // of the row; what the mark says
}

// orphanItem is the part of a version's row that OrphanedVersions reads.
type orphanItem struct {
	PK      string    `dynamodbav:"pk"`
	SK      string    `dynamodbav:"sk"`
	Stamp   stampItem `dynamodbav:"stamp"`
	FoundAt int64     `dynamodbav:"orphan_found_at"` // Unix seconds
}

// OrphanedVersions returns pages of a secret's versions, with their last change and the last time that
// they were found orphaned. After an error there are no more pages. One consistent Query a page.
func (s *Store) OrphanedVersions(ctx context.Context, ref secret.Ref) iter.Seq2[[]OrphanedVersion, error] {
	query := &dynamodb.QueryInput{
		TableName:              &s.table,
		ConsistentRead:         consistent,
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :version)"),
		ExpressionAttributeValues: item{
			":pk":      &types.AttributeValueMemberS{Value: partition(ref)},
			":version": &types.AttributeValueMemberS{Value: versionPrefix},
		},
		ProjectionExpression: aws.String("pk, sk, stamp, orphan_found_at"), // which no index holds
		Limit:                aws.Int32(batch),
	}
	return func(yield func([]OrphanedVersion, error) bool) {
		for {
			out, err := s.db.Query(ctx, query)
			if err != nil {
				yield(nil, fmt.Errorf("look at orphaned versions: %w", err))
				return
			}
			page, err := orphanedVersions(out.Items)
			if !yield(page, err) || err != nil {
				return
			}
			if query.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
				return
			}
		}
	}
}

func orphanedVersions(rows []item) ([]OrphanedVersion, error) {
	var page []OrphanedVersion
	for _, raw := range rows {
		row, err := decode[orphanItem](raw)
		if err != nil {
			return nil, err
		}
		v := OrphanedVersion{FoundAt: at(row.FoundAt), key: rowKey(row.PK, row.SK), found: item{":found": raw["orphan_found_at"]}}
		if row.Stamp.At != 0 {
			v.ChangedAt = time.UnixMilli(row.Stamp.At).UTC()
		}
		page = append(page, v)
	}
	return page, nil
}

// MarkOrphaned notes on a version's row that it was found without its secret's metadata at now. Neither
// etag nor stamp changes. One UpdateItem, which does nothing if the row is gone.
func (s *Store) MarkOrphaned(ctx context.Context, v OrphanedVersion, now time.Time) error {
	values, err := encode(map[string]any{":now": now.Unix()})
	if err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &s.table,
		Key:                       v.key,
		UpdateExpression:          aws.String("SET orphan_found_at = :now"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: values,
	})
	var gone *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("mark an orphaned version: %w", err)
	}
	return nil
}

// DestroyOrphaned erases up to a page of a secret's versions, all or none: only if the secret still has
// no metadata and each version still has the mark that was read. It returns how many it erased, 0 if
// a condition failed. One transaction.
func (s *Store) DestroyOrphaned(ctx context.Context, ref secret.Ref, versions []OrphanedVersion) (int, error) {
	parts := []types.TransactWriteItem{{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: metaKey(ref), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}}
	for _, v := range versions {
		parts = append(parts, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: v.key,
			ConditionExpression:       aws.String("orphan_found_at = :found"),
			ExpressionAttributeValues: v.found,
		}})
	}
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: parts})
	var cancelled *types.TransactionCanceledException
	switch {
	case errors.As(err, &cancelled) && overtaken(cancelled):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("destroy orphaned versions: %w", err)
	}
	return len(versions), nil
}

// overtaken reports whether a transaction was cancelled only because somebody else has written its
// rows, or is writing them.
func overtaken(cancelled *types.TransactionCanceledException) bool {
	return !slices.ContainsFunc(cancelled.CancellationReasons, func(r types.CancellationReason) bool {
		code := aws.ToString(r.Code)
		return code != "None" && code != "ConditionalCheckFailed" && code != "TransactionConflict"
	})
}
