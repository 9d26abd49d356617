package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/secret"
)

// GetSecret returns the secret, even if it is soft-deleted, until its purge deadline. After that, or
// if there is no such secret, NotFound. One strongly consistent read: right after a delete it returns
// the etag that undeletes the secret.
func (s *Store) GetSecret(ctx context.Context, ref secret.Ref, now time.Time) (secret.Secret, error) {
	if !ref.Plausible() {
		return secret.Secret{}, secret.NotFoundError()
	}
	meta, err := s.meta(ctx, ref)
	if err != nil {
		return secret.Secret{}, err
	}
	found := meta.secret()
	if found.Purged(now) {
		return secret.Secret{}, secret.NotFoundError()
	}
	return found, nil
}

// meta reads a secret's metadata; NotFound if there is no row of it.
func (s *Store) meta(ctx context.Context, ref secret.Ref) (metaItem, error) {
	row, err := s.metaRow(ctx, ref)
	switch {
	case err != nil:
		return metaItem{}, err
	case len(row) == 0:
		return metaItem{}, secret.NotFoundError()
	}
	return decode[metaItem](row)
}

// metaRow reads a secret's metadata row; no row if there is none.
func (s *Store) metaRow(ctx context.Context, ref secret.Ref) (item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            metaKey(ref),
		ConsistentRead: consistent,
	})
	if err != nil {
		return nil, fmt.Errorf("get secret: %w", err)
	}
	return out.Item, nil
}
