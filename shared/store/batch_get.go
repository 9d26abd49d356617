package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
)

const (
	batchDelay = 20 * time.Millisecond // before asking again; doubled while nothing comes
	batchTries = 4                     // in which nothing comes
)

// batchGet reads up to 100 rows by their keys; those that are not there are left out. What DynamoDB
// has not got to it asks for again; Throttled if nothing more comes.
func (s *Store) batchGet(ctx context.Context, asked types.KeysAndAttributes) ([]item, error) {
	var rows []item
	for idle := 0; idle < batchTries; {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: asked},
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, out.Responses[s.table]...)
		left := out.UnprocessedKeys[s.table].Keys
		if len(left) == 0 {
			return rows, nil
		}
		if len(left) == len(asked.Keys) {
			idle++
		}
		if asked.Keys = left; !sleep(ctx, batchDelay<<idle) {
			return nil, ctx.Err()
		}
	}
	return nil, fault.NewThrottled(nil)
}
