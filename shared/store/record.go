package store

import (
	"context"
	"crypto/hmac"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// recordIf takes an expired record for none: DynamoDB deletes it some time after its expiry.
const recordIf = `attribute_not_exists(pk) OR #ttl <= :now`

// Key is the idempotency key of a request that carries a value, with a fingerprint of that
// request. The fingerprint is keyed, so that no stored byte allows to guess the value offline.
type Key struct {
	Text        string // 1 to 64 characters
	Fingerprint []byte
}

// recordItem remembers which version of which secret a request made under an idempotency key.
type recordItem struct {
	PK          string    `dynamodbav:"pk"`
	SK          string    `dynamodbav:"sk"`
	Workspace   string    `dynamodbav:"workspace_id"`
	SecretID    string    `dynamodbav:"id"`
	Number      int       `dynamodbav:"number"`
	Fingerprint []byte    `dynamodbav:"fingerprint"`
	TTL         int64     `dynamodbav:"ttl"`
	Stamp       stampItem `dynamodbav:"stamp"`
}

// putRecord remembers for a day that made was made under key.
func (s *Store) putRecord(made secret.VersionRef, key Key, by secret.Stamp) (types.TransactWriteItem, error) {
	return s.put(recordItem{
		PK: recordPartition(made.Workspace, key.Text), SK: recordSort,
		Workspace: made.Workspace, SecretID: made.Ref.ID, Number: made.Number,
		Fingerprint: key.Fingerprint, TTL: by.At.Add(rememberKeys).Unix(), Stamp: newStampItem(by),
	}, recordIf, map[string]any{":now": by.At.Unix()})
}

// recall returns what was made under key, given its record; KeyReused if that was by another
// request.
func (s *Store) recall(row item, key Key) (secret.VersionRef, error) {
	r, err := decode[recordItem](row)
	switch {
	case err != nil:
		return secret.VersionRef{}, err
	case !hmac.Equal(r.Fingerprint, key.Fingerprint):
		return secret.VersionRef{}, secret.KeyReusedError()
	}
	return secret.Ref{Workspace: r.Workspace, ID: r.SecretID}.Version(r.Number), nil
}

// recallVersion returns the version that was made under key; NotFound if none was in the last day.
// One or two reads.
func (s *Store) recallVersion(ctx context.Context, workspace string, key Key, by secret.Stamp) (secret.Version, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            rowKey(recordPartition(workspace, key.Text), recordSort),
		ConsistentRead: consistent,
	})
	if err != nil {
		return secret.Version{}, fmt.Errorf("recall a key: %w", err)
	}
	r, err := decode[recordItem](out.Item)
	if err != nil {
		return secret.Version{}, err
	}
	if r.TTL <= by.At.Unix() { // or there is none
		return secret.Version{}, secret.NotFoundError()
	}
	made, err := s.recall(out.Item, key)
	if err != nil {
		return secret.Version{}, err
	}
	return s.GetVersion(ctx, made)
}
