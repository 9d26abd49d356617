package store

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// transact carries writes out, all or none. DynamoDB recognises a retry by the token that all tries
// share. unsure means that an earlier try got no response: if err is a refusal, that try may still
// arrive, and be carried out once the condition holds.
func (s *Store) transact(ctx context.Context, writes []types.TransactWriteItem) (unsure bool, err error) {
	token := secret.Sortable(time.Now())
	input := &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: &token}
	var t tries
	for {
		if _, err = s.db.TransactWriteItems(ctx, input, t.once); err == nil || !t.again(ctx, err) {
			return t.unsure, err
		}
	}
}

// refuseDeleted refuses a transaction that found the secret not active. A deleted secret can be
// undeleted: if the transaction is unsure, it may be carried out then.
func refuseDeleted(found secret.Secret, now time.Time, unsure bool) error {
	if unsure && found.State == secret.SoftDeleted && !found.Purged(now) {
		return fault.NewUnavailable(errUnknown)
	}
	return found.RefuseChange(now)
}

// The items of a transaction. Each returns the row as it was if its condition does not hold.

func (s *Store) put(row any, condition string, values map[string]any) (types.TransactWriteItem, error) {
	encoded, err := encode(row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	put := &types.Put{
		TableName:                           &s.table,
		Item:                                encoded,
		ConditionExpression:                 &condition,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if values != nil {
		put.ExpressionAttributeNames = ttlName
		put.ExpressionAttributeValues, err = encode(values)
	}
	return types.TransactWriteItem{Put: put}, err
}

func (s *Store) check(key item, condition string, values map[string]any) (types.TransactWriteItem, error) {
	encoded, err := encode(values)
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName:                           &s.table,
		Key:                                 key,
		ConditionExpression:                 &condition,
		ExpressionAttributeValues:           encoded,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

func (s *Store) update(key item, set, condition string, values map[string]any) (types.TransactWriteItem, error) {
	encoded, err := encode(values)
	return types.TransactWriteItem{Update: &types.Update{
		TableName:                           &s.table,
		Key:                                 key,
		UpdateExpression:                    &set,
		ConditionExpression:                 &condition,
		ExpressionAttributeValues:           encoded,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

// cause says why one item of a transaction was not written.
type cause struct {
	failed bool // its condition did not hold
	row    item // the row as it was; nil if there was none
}

// reason returns why the i-th item of a cancelled transaction was not written.
func reason(cancelled *types.TransactionCanceledException, i int) cause {
	if i >= len(cancelled.CancellationReasons) {
		return cause{}
	}
	r := cancelled.CancellationReasons[i]
	return cause{failed: aws.ToString(r.Code) == "ConditionalCheckFailed", row: r.Item}
}

// decided reports whether every condition of a cancelled transaction was evaluated. It was not if a row
// was busy with another transaction, or DynamoDB throttled it.
func decided(cancelled *types.TransactionCanceledException) bool {
	return !slices.ContainsFunc(cancelled.CancellationReasons, func(r types.CancellationReason) bool {
		code := aws.ToString(r.Code)
		return code != "None" && code != "ConditionalCheckFailed"
	})
}
