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

// undeleteUnderKey applies c to the secret's row and remembers key, both or neither. A transaction
// returns no row, so it then reads the secret.
func (s *Store) undeleteUnderKey(ctx context.Context, ref secret.Ref, etag secret.Etag, key string, c metaUpdate, by secret.Stamp) (secret.Secret, error) {
	if !ref.Plausible() {
		return secret.Secret{}, secret.NotFoundError()
	}
	var t tries
	for {
		writes, err := s.undeletionUnderKey(ref, etag, key, c, by)
		if err != nil {
			return secret.Secret{}, err
		}
		_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes}, t.once)
		if err == nil {
			return s.restored(ctx, ref, c.clock())
		}
		if t.again(ctx, err) {
			continue
		}
		var cancelled *types.TransactionCanceledException
		if errors.As(err, &cancelled) && decided(cancelled) {
			return notUndeleted(ref, etag, key, cancelled, by, c.clock())
		}
		return secret.Secret{}, fmt.Errorf("undelete secret: %w", err)
	}
}

// restored reads a secret that has just been undeleted.
func (s *Store) restored(ctx context.Context, ref secret.Ref, now time.Time) (secret.Secret, error) {
	found, err := s.GetSecret(ctx, ref, now)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.NewUnavailable(errErasedSince)
	}
	return found, err
}

// undeletionUnderKey returns the transaction: the key's record, then the secret. Its condition holds
// the time of this call.
func (s *Store) undeletionUnderKey(ref secret.Ref, etag secret.Etag, key string, c metaUpdate, by secret.Stamp) ([]types.TransactWriteItem, error) {
	record, err := s.keepRecord(ref.Version(0), key, etag, by)
	if err != nil {
		return nil, err
	}
	c.values[":now"] = c.clock().Unix()
	meta, err := s.update(metaKey(ref), c.set, c.condition, c.values)
	if err != nil {
		return nil, err
	}
	meta.Update.ExpressionAttributeNames = c.names
	return []types.TransactWriteItem{record, meta}, nil
}

// notUndeleted returns the result of a cancelled undelete. The transaction's items are those of
// undeletionUnderKey, in that order.
func notUndeleted(ref secret.Ref, etag secret.Etag, key string, cancelled *types.TransactionCanceledException, by secret.Stamp, now time.Time) (secret.Secret, error) {
	record, meta := reason(cancelled, 0), reason(cancelled, 1)
	switch {
	case record.failed:
		return recallUndelete(ref, etag, record.row, meta, by, now)
	case meta.failed && len(meta.row) == 0:
		return secret.Secret{}, secret.NotFoundError()
	case meta.failed:
		row, err := decode[metaItem](meta.row)
		if err != nil {
			return secret.Secret{}, err
		}
		return row.undeleted(etag, key, now)
	}
	return secret.Secret{}, fault.NewUnavailable(cancelled)
}

// recallUndelete returns the result of an undelete whose key has been used before.
//
//	delete   undelete(key, 2)   delete   undelete(key, 2)   undelete(key, 4)
//	etag 2   etag 3             etag 4   a late retry:      another request under
//	                                     as it is now       the same key: refused
func recallUndelete(ref secret.Ref, etag secret.Etag, record item, meta cause, by secret.Stamp, now time.Time) (secret.Secret, error) {
	r, err := decode[recordItem](record)
	if err != nil {
		return secret.Secret{}, err
	}
	reused := &KeyReusedError{Made: r.target()}
	if !r.isBy(by) || r.target() != ref.Version(0) || !meta.failed {
		return secret.Secret{}, reused
	}
	row, err := decode[metaItem](meta.row)
	found := row.secret()
	switch {
	case err != nil:
		return secret.Secret{}, err
	case len(meta.row) == 0 || found.Purged(now):
		return secret.Secret{}, secret.NotFoundError()
	case r.IfMatch == etag, row.isUndeletedFrom(r.IfMatch):
		return found, nil
	case found.State == secret.Active:
		return secret.Secret{}, found.RefuseUndelete(now)
	}
	return secret.Secret{}, reused
}

// isUndeletedFrom reports whether the secret is active because of the undelete that came with this etag.
func (m metaItem) isUndeletedFrom(etag secret.Etag) bool {
	return m.State == secret.Active && m.UndeletedRevision == etag+1
}
