package store

import (
	"context"
	"crypto/hmac"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// rememberKeys is how long a request with an idempotency key may be retried.
const rememberKeys = 24 * time.Hour

const (
	// recordIf treats an expired record as absent: DynamoDB deletes it some time after its expiry.
	recordIf = `attribute_not_exists(pk) OR #ttl <= :now`
	// A new record must not keep the fingerprint of an expired one.
	recordSet = `SET workspace_id = :workspace, id = :id, #number = :number, if_match = :if_match,
		#ttl = :ttl, stamp = :stamp REMOVE fingerprint`
)

var recordNames = map[string]string{"#ttl": "ttl", "#number": "number"}

// Key is the idempotency key of a request that carries a value, with a fingerprint of that
// request. The fingerprint is keyed, so that nobody can guess the value offline from stored bytes.
type Key struct {
	Text        string // 1 to 64 characters
	Fingerprint []byte
}

// KeyReusedError says that an idempotency key was used before, by a different request or a different
// principal. It unwraps to a *fault.Error.
type KeyReusedError struct {
	Made secret.VersionRef // what the first request was about; its number is 0 if that was a secret
}

func (e *KeyReusedError) Error() string { return e.Unwrap().Error() }

func (e *KeyReusedError) Unwrap() error {
	return &fault.Error{
		Kind: fault.Conflict, Message: "the idempotency key has already been used with another request",
		Metadata: map[string]string{"reason": ReasonKeyReused},
	}
}

// ReasonKeyReused identifies this conflict, in its metadata under "reason".
const ReasonKeyReused = "IDEMPOTENCY_KEY_REUSED"

// recordItem remembers what a request under an idempotency key has made or changed. Its stamp holds
// the caller and the operation.
type recordItem struct {
	PK          string      `dynamodbav:"pk"`
	SK          string      `dynamodbav:"sk"`
	Workspace   string      `dynamodbav:"workspace_id"`
	SecretID    string      `dynamodbav:"id"`
	Number      int         `dynamodbav:"number"`                // the version's; 0: the secret itself
	IfMatch     secret.Etag `dynamodbav:"if_match,omitempty"`    // if the request had one
	Fingerprint []byte      `dynamodbav:"fingerprint,omitempty"` // if the request had a body
	TTL         int64       `dynamodbav:"ttl"`
	Stamp       stampItem   `dynamodbav:"stamp"`
}

// target returns what the record's request made or changed.
func (r recordItem) target() secret.VersionRef {
	return secret.Ref{Workspace: r.Workspace, ID: r.SecretID}.Version(r.Number)
}

// isFresh reports whether r exists and has not expired at now.
func (r recordItem) isFresh(now time.Time) bool { return r.TTL > now.Unix() }

// putRecord remembers for a day that made was made under key.
func (s *Store) putRecord(made secret.VersionRef, key Key, by secret.Stamp) (types.TransactWriteItem, error) {
	return s.put(recordItem{
		PK: recordPartition(made.Workspace, key.Text), SK: recordSort,
		Workspace: made.Workspace, SecretID: made.Ref.ID, Number: made.Number,
		Fingerprint: key.Fingerprint, TTL: by.At.Add(rememberKeys).Unix(), Stamp: newStampItem(by),
	}, recordIf, map[string]any{":now": by.At.Unix()})
}

// keepRecord is putRecord for a change of an existing row. It is an update, so that a function which
// only changes rows needs no right to replace them.
func (s *Store) keepRecord(changed secret.VersionRef, key string, ifMatch secret.Etag, by secret.Stamp) (types.TransactWriteItem, error) {
	record, err := s.update(recordKey(changed.Workspace, key), recordSet, recordIf, map[string]any{
		":workspace": changed.Workspace,
		":id":        changed.Ref.ID,
		":number":    changed.Number,
		":if_match":  ifMatch,
		":ttl":       by.At.Add(rememberKeys).Unix(),
		":now":       by.At.Unix(),
		":stamp":     newStampItem(by),
	})
	if err == nil {
		record.Update.ExpressionAttributeNames = recordNames
	}
	return record, err
}

func recordKey(workspace, key string) item {
	return rowKey(recordPartition(workspace, key), recordSort)
}

// recall returns what was made under key, given its record; *KeyReusedError if another request or
// another principal made it: otherwise a guesser would learn whether the guess was right.
func recall(row item, key Key, by secret.Stamp) (secret.VersionRef, error) {
	r, err := decode[recordItem](row)
	switch {
	case err != nil:
		return secret.VersionRef{}, err
	case !r.isBy(by) || !hmac.Equal(r.Fingerprint, key.Fingerprint):
		return secret.VersionRef{}, &KeyReusedError{Made: r.target()}
	}
	return r.target(), nil
}

// isBy reports whether the record's request had the same operation and the same principal.
func (r recordItem) isBy(by secret.Stamp) bool {
	return r.Stamp.Operation == by.Operation && r.Stamp.Principal == by.Principal
}

// recallVersion returns the version that was made under key in the last day, else NotFound. One or two
// reads.
func (s *Store) recallVersion(ctx context.Context, workspace string, key Key, by secret.Stamp) (secret.Version, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            recordKey(workspace, key.Text),
		ConsistentRead: consistent,
	})
	if err != nil {
		return secret.Version{}, fmt.Errorf("recall a key: %w", err)
	}
	r, err := decode[recordItem](out.Item)
	if err != nil {
		return secret.Version{}, err
	}
	if !r.isFresh(by.At) {
		return secret.Version{}, secret.NotFoundError()
	}
	made, err := recall(out.Item, key, by)
	if err != nil {
		return secret.Version{}, err
	}
	return s.GetVersion(ctx, made)
}
