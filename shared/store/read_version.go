package store

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// Reading is a version with its sealed payload, and the secret that it is of, read together.
// Whether it may be opened is secret.RefuseAccess's to say.
type Reading struct {
	Secret  secret.Secret
	Version secret.Version
	Sealed  secret.Sealed // empty if the version is destroyed
}

// ReadVersion reads a version by its number; NotFound where there is none. One BatchGetItem.
func (s *Store) ReadVersion(ctx context.Context, v secret.VersionRef) (Reading, error) {
	if !v.Plausible() {
		return Reading{}, secret.NotFoundError()
	}
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{s.table: {
			Keys:           []item{metaKey(v.Ref), rowKey(partition(v.Ref), versionKey(v.Number))},
			ConsistentRead: consistent,
		}},
	})
	if err != nil {
		return Reading{}, fmt.Errorf("read version: %w", err)
	}
	if len(out.UnprocessedKeys) > 0 {
		return Reading{}, &secret.Error{Code: secret.Throttled, Message: "Too Many Requests"}
	}
	return newReading(v.Ref, out.Responses[s.table])
}

// ReadLatestVersion reads the newest enabled version; NotFound where there is none. One Query of
// the index "states", whose entries name the two rows that DynamoDB then fetches from the table.
func (s *Store) ReadLatestVersion(ctx context.Context, ref secret.Ref) (Reading, error) {
	if !ref.Plausible() {
		return Reading{}, secret.NotFoundError()
	}
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(statesIndex),
		KeyConditionExpression: aws.String("pk = :pk AND version_order BETWEEN :enabled AND :meta"),
		ExpressionAttributeValues: item{
			":pk":      &types.AttributeValueMemberS{Value: partition(ref)},
			":enabled": &types.AttributeValueMemberS{Value: string(secret.Enabled)},
			":meta":    &types.AttributeValueMemberS{Value: metaOrder},
		},
		Select:           types.SelectAllAttributes,
		ScanIndexForward: aws.Bool(false),
		Limit:            aws.Int32(2),
		ConsistentRead:   consistent,
	})
	if err != nil {
		return Reading{}, fmt.Errorf("read latest version: %w", err)
	}
	return newReading(ref, out.Items)
}

// newReading sorts out the metadata row and the version row, which come in any order.
func newReading(ref secret.Ref, rows []item) (Reading, error) {
	var r Reading
	var meta, version bool
	for _, row := range rows {
		sk, _ := row["sk"].(*types.AttributeValueMemberS)
		if sk != nil && sk.Value == metaSort {
			m, err := decode[metaItem](row)
			if err != nil {
				return Reading{}, err
			}
			r.Secret, meta = m.secret(), true
			continue
		}
		v, err := decode[versionItem](row)
		if err != nil {
			return Reading{}, err
		}
		r.Version, version = v.version(ref), true
		r.Sealed = secret.Sealed{WrappedKey: v.WrappedKey, Ciphertext: v.Ciphertext}
	}
	if !meta || !version {
		return Reading{}, secret.NotFoundError()
	}
	return r, nil
}
