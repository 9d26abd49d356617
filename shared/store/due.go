package store

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"keepsake/shared/secret"
)

// DueSecret is a secret to purge, or to ask its provider about.
type DueSecret struct {
	Ref        secret.Ref
	At         time.Time // since when
	ServerTime time.Time // DynamoDB's clock when it said so, to the second; zero if its response had no time
}

// due returns the secrets that an index of work holds in one shard, 0 to shards-1, and that are due at
// now: in pages of up to size, the longest overdue first. What the caller writes meanwhile does not
// make a secret come twice. After an error there are no more pages. One Query a page.
//
// The index's name begins the names of its attributes, like purge_shard and purge_at. It holds only
// keys, and may lag behind its table.
func (s *Store) due(ctx context.Context, index string, shard int, now time.Time, size int, at func(metaItem) int64) iter.Seq2[[]DueSecret, error] {
	query := &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              &index,
		KeyConditionExpression: aws.String(fmt.Sprintf("%s_shard = :shard AND %[1]s_at <= :now", index)),
		ExpressionAttributeValues: item{
			":shard": &types.AttributeValueMemberS{Value: strconv.Itoa(shard)},
			":now":   &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)},
		},
		Limit: aws.Int32(int32(size)),
	}
	return s.duePages(ctx, query, at)
}

// duePages returns what query finds, until it has found all.
func (s *Store) duePages(ctx context.Context, query *dynamodb.QueryInput, at func(metaItem) int64) iter.Seq2[[]DueSecret, error] {
	return func(yield func([]DueSecret, error) bool) {
		for {
			out, err := s.db.Query(ctx, query)
			if err != nil {
				yield(nil, fmt.Errorf("look for what is due: %w", err))
				return
			}
			page, err := dueOf(out, at)
			if err != nil || len(page) > 0 {
				if !yield(page, err) {
					return
				}
			}
			if query.ExclusiveStartKey = out.LastEvaluatedKey; err != nil || len(out.LastEvaluatedKey) == 0 {
				return
			}
		}
	}
}

func dueOf(out *dynamodb.QueryOutput, since func(metaItem) int64) ([]DueSecret, error) {
	var page []DueSecret
	date := serverTime(out.ResultMetadata)
	for _, entry := range out.Items {
		row, err := decode[metaItem](entry)
		if err != nil {
			return nil, err
		}
		page = append(page, DueSecret{Ref: refOf(row.PK), At: at(since(row)), ServerTime: date})
	}
	return page, nil
}

// serverTime returns DynamoDB's own time of a response; zero if the response has none.
func serverTime(response middleware.Metadata) time.Time {
	date, _ := awsmiddleware.GetServerTime(response)
	return date.UTC()
}

// refOf reads a partition key back.
func refOf(partition string) secret.Ref {
	workspace, id, _ := strings.Cut(partition, "#")
	return secret.Ref{Workspace: workspace, ID: id}
}
