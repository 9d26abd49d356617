package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// metaUpdate is one conditional UpdateItem of a secret's metadata row.
type metaUpdate struct {
	set       string // the update expression
	condition string
	values    map[string]any    // of both, in Go's types
	names     map[string]string // of both, for reserved words
}

// ttlName spells the one attribute whose name is a reserved word.
var ttlName = map[string]string{"#ttl": "ttl"}

// updateMeta applies c to the row of ref. Where the condition does not hold it returns the row as
// it was found, and false: what that means is the caller's to say.
func (s *Store) updateMeta(ctx context.Context, ref secret.Ref, c metaUpdate) (row metaItem, applied bool, err error) {
	if !ref.Plausible() {
		return metaItem{}, false, secret.NotFoundError()
	}
	values, err := encode(c.values)
	if err != nil {
		return metaItem{}, false, err
	}
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           &s.table,
		Key:                                 metaKey(ref),
		UpdateExpression:                    &c.set,
		ConditionExpression:                 &c.condition,
		ExpressionAttributeNames:            c.names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &failed) && len(failed.Item) == 0:
		return metaItem{}, false, secret.NotFoundError()
	case errors.As(err, &failed):
		row, err = decode[metaItem](failed.Item)
		return row, false, err
	case err != nil:
		return metaItem{}, false, fmt.Errorf("update secret: %w", err)
	}
	row, err = decode[metaItem](out.Attributes)
	return row, true, err
}
