package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// Clock returns the time. A write whose condition depends on the time calls it before each try.
type Clock = func() time.Time

// metaUpdate is one conditional UpdateItem of a secret's metadata row.
type metaUpdate struct {
	set       string // the update expression's SET, and what follows it
	condition string
	values    map[string]any    // of both, in Go's types
	names     map[string]string // of both, for reserved words

	clock  Clock   // the condition's :now, told anew to each try; nil: the values hold it, or none
	writer *writer // leaves a mark; nil: it makes no revision that it could name
}

// ttlName spells the one attribute whose name is a reserved word.
var ttlName = map[string]string{"#ttl": "ttl"}

// errUnknown says that a write was sent more than once, and nothing on the row says any more whether
// the first time counted.
var errUnknown = errors.New("whether the write was carried out cannot be told any more")

// updateMeta applies c to the row of ref and returns the changed row. If the condition does not hold,
// it returns the row that it found, and false: the caller decides what that means. If a write was
// carried out and only its response was lost, that is a success, whatever others have done to the row
// since. Unavailable if that cannot be known any more.
func (s *Store) updateMeta(ctx context.Context, ref secret.Ref, c metaUpdate) (row metaItem, applied bool, err error) {
	if !ref.Plausible() {
		return metaItem{}, false, secret.NotFoundError()
	}
	input, err := c.input(s.table, ref)
	if err != nil {
		return metaItem{}, false, err
	}
	var t tries
	for {
		c.setNow(input)
		out, err := s.db.UpdateItem(ctx, input, t.once)
		if err == nil {
			row, err = decode[metaItem](out.Attributes)
			return row, true, err
		}
		if !t.again(ctx, err) {
			return c.refused(err, t.unsure)
		}
	}
}

// input returns the request, without the time.
func (c metaUpdate) input(table string, ref secret.Ref) (*dynamodb.UpdateItemInput, error) {
	if c.writer != nil {
		c.values[":mark"] = c.writer.mark()
		c.set = `SET ` + c.writer.attribute() + ` = :mark, ` + c.set[len(`SET `):]
	}
	values, err := encode(c.values)
	return &dynamodb.UpdateItemInput{
		TableName:                           &table,
		Key:                                 metaKey(ref),
		UpdateExpression:                    &c.set,
		ConditionExpression:                 &c.condition,
		ExpressionAttributeNames:            c.names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, err
}

// setNow puts the time into a request whose condition is about it.
func (c metaUpdate) setNow(input *dynamodb.UpdateItemInput) {
	if c.clock != nil {
		input.ExpressionAttributeValues[":now"] = number(c.clock().Unix())
	}
}

// refused decides what a refused write means. unsure: an earlier try of it may have been carried
// out.
func (c metaUpdate) refused(err error, unsure bool) (row metaItem, applied bool, _ error) {
	var failed *types.ConditionalCheckFailedException
	switch {
	case !errors.As(err, &failed):
		return row, false, fmt.Errorf("update secret: %w", err)
	case len(failed.Item) == 0 && unsure && c.writer != nil:
		return row, false, fault.NewUnavailable(errUnknown)
	case len(failed.Item) == 0:
		return row, false, secret.NotFoundError()
	}
	if unsure && c.writer != nil {
		switch c.writer.verdict(failed.Item) {
		case mine:
			applied = true
		case forgotten:
			return row, false, fault.NewUnavailable(errUnknown)
		}
	}
	row, err = decode[metaItem](failed.Item)
	return row, applied, err
}

// errErasedSince is the cause of an answer that cannot be shown any more.
var errErasedSince = errors.New("the write was carried out, and the secret deleted for good since")

// erasedSince returns an error if a hard delete has marked the secret after the change was carried out
// and before its response arrived. nil: found is not marked.
func erasedSince(found secret.Secret) error {
	if found.State == secret.Purging {
		return fault.NewUnavailable(errErasedSince)
	}
	return nil
}
