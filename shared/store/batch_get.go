package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
)

const (
	batchDelay = 20 * time.Millisecond // before the next call; doubled by each that returns no row
	batchTries = 4                     // calls that return no row
)

// batchGet reads up to 100 rows by their keys and leaves out those that do not exist. It asks again for
// keys that DynamoDB did not process; Throttled if that makes no progress.
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
