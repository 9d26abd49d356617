package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const (
	purgeIndex = "purge"
	// batch is the most rows that DynamoDB deletes with one call.
	batch = 25
	// PurgeShards is the number of shards of the index of deleted secrets.
	PurgeShards = shards
)

// DueForPurge returns pages of secrets of one shard whose deadline is the time passed or earlier, as due
// does. The index may be behind its table: MarkDue checks the deadline once more.
func (s *Store) DueForPurge(ctx context.Context, shard int, passed time.Time) iter.Seq2[[]DueSecret, error] {
	return s.due(ctx, purgeIndex, shard, passed, batch, func(row metaItem) int64 { return row.PurgeAt })
}

// NearPurge returns pages of secrets of one shard whose deadline is one of these, to the second, the last one left out. A
// secret that was undeleted a moment ago may be among them. One Query a page.
func (s *Store) NearPurge(ctx context.Context, shard int, from, until time.Time) iter.Seq2[[]DueSecret, error] {
	return s.duePages(ctx, &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(purgeIndex),
		KeyConditionExpression: aws.String("purge_shard = :shard AND purge_at BETWEEN :from AND :last"),
		ExpressionAttributeValues: item{
			":shard": &types.AttributeValueMemberS{Value: strconv.Itoa(shard)},
			":from":  number(from.Unix()),
			":last":  number(until.Unix() - 1),
		},
	}, func(row metaItem) int64 { return row.PurgeAt })
}

// Purge erases a marked secret: first its versions, then its metadata, so that an interrupted purge is
// found again by its mark. It returns how many versions it erased. Two purges of one secret, one after
// the other or at the same time, do no harm.
func (s *Store) Purge(ctx context.Context, ref secret.Ref) (int, error) {
	versions, err := s.DestroyVersions(ctx, ref)
	if err != nil {
		return versions, err
	}
	_, err = s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:           &s.table,
		Key:                 metaKey(ref),
		ConditionExpression: aws.String("secret_state = :purging"),
		ExpressionAttributeValues: item{
			":purging": &types.AttributeValueMemberS{Value: string(secret.Purging)},
		},
	})
	var gone *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &gone) { // another purge was first
		return versions, fmt.Errorf("purge: %w", err)
	}
	return versions, nil
}

// DestroyVersions erases all version rows of a secret and returns how many there were. It checks
// nothing: the caller must know that the secret is gone for good.
func (s *Store) DestroyVersions(ctx context.Context, ref secret.Ref) (int, error) {
	total := 0
	for {
		query := s.versionQuery(ref, "")
		query.Limit = aws.Int32(batch)
		out, err := s.db.Query(ctx, query)
		if err != nil {
			return total, fmt.Errorf("list versions to destroy: %w", err)
		}
		if len(out.Items) == 0 {
			return total, nil
		}
		erased, err := s.deleteRows(ctx, out.Items)
		if total += erased; err != nil {
			return total, err
		}
	}
}

// deleteRows deletes up to a batch of rows and returns how many. The caller's next query finds those
// that DynamoDB did not get to.
func (s *Store) deleteRows(ctx context.Context, rows []item) (int, error) {
	var deletes []types.WriteRequest
	for _, row := range rows {
		deletes = append(deletes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{
			Key: item{"pk": row["pk"], "sk": row["sk"]},
		}})
	}
	out, err := s.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{s.table: deletes},
	})
	if err != nil {
		return 0, fmt.Errorf("destroy versions: %w", err)
	}
	left := len(out.UnprocessedItems[s.table])
	if left == len(deletes) {
		return 0, fault.NewThrottled(nil)
	}
	return len(deletes) - left, nil
}

// Exists reports whether the secret's metadata row exists, in any state.
func (s *Store) Exists(ctx context.Context, ref secret.Ref) (bool, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:            &s.table,
		Key:                  metaKey(ref),
		ConsistentRead:       consistent,
		ProjectionExpression: aws.String("pk"),
	})
	if err != nil {
		return false, fmt.Errorf("look for a secret: %w", err)
	}
	return len(out.Item) > 0, nil
}
