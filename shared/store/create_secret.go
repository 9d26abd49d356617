package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const createIf = `attribute_not_exists(pk)`

// CreateSecret stores new and its first version in one transaction, and returns it. key may be nil. If
// the same request came with this key before, CreateSecret returns the secret that it made, as it is
// now, or NotFound if that is gone. *KeyReusedError if the key came with another request.
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
		return s.notCreated(ctx, new, cancelled, key, by)
	}
	return secret.Secret{}, fmt.Errorf("create secret: %w", err)
}

// creation returns the transaction: the metadata, version 1 and, if there is a key, its record.
func (s *Store) creation(new secret.Secret, sealed secret.Sealed, key *Key, by secret.Stamp) ([]types.TransactWriteItem, error) {
	ref := new.Version(1)
	first := secret.Version{
		VersionRef: ref, State: secret.Enabled, CreatedAt: new.CreatedAt, Etag: ref.FirstEtag(),
	}
	meta, err := s.put(newMetaItem(new, by), createIf, nil)
	if err != nil {
		return nil, err
	}
	version, err := s.put(newVersionItem(first, sealed, by), createIf, nil)
	if err != nil || key == nil {
		return []types.TransactWriteItem{meta, version}, err
	}
	record, err := s.putRecord(first.VersionRef, *key, by)
	return []types.TransactWriteItem{meta, version, record}, err
}

// notCreated turns a cancelled create into its result. The items are those of creation, in that
// order.
func (s *Store) notCreated(ctx context.Context, new secret.Secret, cancelled *types.TransactionCanceledException, key *Key, by secret.Stamp) (secret.Secret, error) {
	meta, record := reason(cancelled, 0), reason(cancelled, 2)
	if meta.failed { // only this call knows the id: an earlier try made the row
		row, err := decode[metaItem](meta.row)
		if err != nil {
			return secret.Secret{}, err
		}
		found := row.secret()
		return found, erasedSince(found)
	}
	if record.failed {
		known, err := recall(record.row, *key, by)
		if err != nil {
			return secret.Secret{}, err
		}
		return s.GetSecret(ctx, known.Ref, by.At)
	}
	return secret.Secret{}, fault.NewUnavailable(cancelled) // a row was busy at each try
}
