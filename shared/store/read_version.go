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
	meta, version, err := s.readRows(ctx, v)
	return newReading(meta, version), err
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
	meta, version, err := sortOut(out.Items)
	return newReading(meta, version), err
}

// readRows reads the rows of a secret and of one of its versions.
func (s *Store) readRows(ctx context.Context, v secret.VersionRef) (meta metaItem, version versionItem, err error) {
	if !v.Plausible() {
		return meta, version, secret.NotFoundError()
	}
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{s.table: {
			Keys:           []item{metaKey(v.Ref), rowKey(partition(v.Ref), versionKey(v.Number))},
			ConsistentRead: consistent,
		}},
	})
	if err != nil {
		return meta, version, fmt.Errorf("read version: %w", err)
	}
	if len(out.UnprocessedKeys) > 0 {
		return meta, version, &secret.Error{Code: secret.Throttled, Message: "Too Many Requests: try again"}
	}
	return sortOut(out.Responses[s.table])
}

// sortOut tells the metadata row and the version row apart, which come in any order; NotFound
// unless both are there.
func sortOut(rows []item) (meta metaItem, version versionItem, err error) {
	for _, row := range rows {
		if text(row, "sk") == metaSort {
			meta, err = decode[metaItem](row)
		} else {
			version, err = decode[versionItem](row)
		}
		if err != nil {
			return meta, version, err
		}
	}
	if meta.PK == "" || version.PK == "" {
		err = secret.NotFoundError()
	}
	return meta, version, err
}

func newReading(meta metaItem, version versionItem) Reading {
	found := meta.secret()
	return Reading{
		Secret:  found,
		Version: version.version(found.Ref),
		Sealed:  secret.Sealed{WrappedKey: version.WrappedKey, Ciphertext: version.Ciphertext},
	}
}
