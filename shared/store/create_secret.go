package store

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

const (
	createIf = `attribute_not_exists(pk)`
	// DynamoDB deletes an expired record some time after its expiry: until then it counts for
	// nothing.
	recordIf = `attribute_not_exists(pk) OR #ttl <= :now`
)

// Key is the idempotency key of a request that carries a value, with a fingerprint of that
// request. The fingerprint is keyed, so that no stored byte allows to guess the value offline.
type Key struct {
	Text        string // 1 to 64 characters
	Fingerprint []byte
}

// recordItem remembers which secret a create made under an idempotency key.
type recordItem struct {
	PK          string    `dynamodbav:"pk"`
	SK          string    `dynamodbav:"sk"`
	SecretID    string    `dynamodbav:"secret_id"`
	Fingerprint []byte    `dynamodbav:"fingerprint"`
	TTL         int64     `dynamodbav:"ttl"`
	Stamp       stampItem `dynamodbav:"stamp"`
}

// CreateSecret stores new, with its first version, in one transaction, and returns it. With a key
// that the same request has come with before, it returns what that request made, as it is now;
// Conflict if the key came with another request. key is nil for none.
func (s *Store) CreateSecret(ctx context.Context, new secret.Secret, sealed secret.Sealed, key *Key, by secret.Stamp) (secret.Secret, error) {
	puts, err := s.creation(new, sealed, key, by)
	if err != nil {
		return secret.Secret{}, err
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: puts})
	var cancelled *types.TransactionCanceledException
	if err == nil {
		return new, nil
	}
	if errors.As(err, &cancelled) {
		return s.created(ctx, new, cancelled.CancellationReasons, key, by, err)
	}
	return secret.Secret{}, fmt.Errorf("create secret: %w", err)
}

// creation is the transaction: the metadata, version 1 and, with a key, the record of it.
func (s *Store) creation(new secret.Secret, sealed secret.Sealed, key *Key, by secret.Stamp) ([]types.TransactWriteItem, error) {
	first := secret.Version{
		VersionRef: new.Version(1), State: secret.Enabled, CreatedAt: new.CreatedAt, Etag: secret.FirstEtag,
	}
	meta, err := s.put(newMetaItem(new, by), createIf, nil)
	if err != nil {
		return nil, err
	}
	version, err := s.put(newVersionItem(first, sealed, by), createIf, nil)
	if err != nil || key == nil {
		return []types.TransactWriteItem{meta, version}, err
	}
	record, err := s.put(recordItem{
		PK: recordPartition(new.Workspace, key.Text), SK: recordSort,
		SecretID: new.ID, Fingerprint: key.Fingerprint,
		TTL: by.At.Add(rememberKeys).Unix(), Stamp: newStampItem(by),
	}, recordIf, map[string]any{":now": by.At.Unix()})
	return []types.TransactWriteItem{meta, version, record}, err
}

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
		put.ExpressionAttributeNames = map[string]string{"#ttl": "ttl"}
		put.ExpressionAttributeValues, err = encode(values)
	}
	return types.TransactWriteItem{Put: put}, err
}

// created says what a create is due whose transaction was cancelled for these reasons, which come
// in the order of creation's items.
func (s *Store) created(ctx context.Context, new secret.Secret, reasons []types.CancellationReason, key *Key, by secret.Stamp, cause error) (secret.Secret, error) {
	for _, reason := range reasons {
		if aws.ToString(reason.Code) != "ConditionalCheckFailed" {
			continue
		}
		// Read as a record, a row of any sort gives its stamp.
		row, err := decode[recordItem](reason.Item)
		switch {
		case err != nil:
			return secret.Secret{}, err
		case sameRun(row.Stamp, by):
			return new, nil
		case key == nil || row.SK != recordSort:
			return secret.Secret{}, fmt.Errorf("create secret: an id is taken: %w", cause)
		case !hmac.Equal(row.Fingerprint, key.Fingerprint):
			return secret.Secret{}, secret.KeyReusedError()
		}
		return s.GetSecret(ctx, secret.Ref{Workspace: new.Workspace, ID: row.SecretID}, by.At)
	}
	return secret.Secret{}, fmt.Errorf("create secret: %w", cause)
}
