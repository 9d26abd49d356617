package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

const (
	versionIf      = `version_revision = :seen`
	versionSet     = `SET version_state = :state, version_order = :order, version_revision = :next, stamp = :stamp`
	versionReceipt = `, enable_receipt = :receipt`
	// The payload and the key that it is sealed under are gone for good; the metadata stays.
	versionDestroy = `, version_destroyed_at = :now REMOVE wrapped_key, ciphertext`

	countsIf  = `secret_state = :active`
	countsSet = `SET enabled_version_count = enabled_version_count + :delta,
		revision = revision + :one, updated_at = :now, validate_at = :now, stamp = :stamp`
)

// ChangeVersion brings a version into another state.
type ChangeVersion struct {
	Version secret.VersionRef
	To      secret.VersionState
	IfMatch secret.Etag
	Key     string // an idempotency key; empty: none
}

// ChangeVersion enables, disables or destroys a version of an active secret, and returns it. A
// version that is in that state already is returned as it is, whatever the etag. NotFound where
// there is no such version or its secret is not active; Conflict where the etag is stale, the
// version is destroyed, or the key came with another request. One read and one transaction.
func (s *Store) ChangeVersion(ctx context.Context, c ChangeVersion, by secret.Stamp) (secret.Version, error) {
	meta, row, err := s.readRows(ctx, c.Version)
	if err != nil {
		return secret.Version{}, err
	}
	if meta.State != secret.Active {
		return secret.Version{}, secret.NotFoundError()
	}
	if done, err := c.decide(row, by); done || err != nil {
		return row.version(c.Version.Ref), err
	}
	writes, err := s.transition(c, row, by)
	if err != nil {
		return secret.Version{}, err
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	var cancelled *types.TransactionCanceledException
	switch {
	case err == nil:
		return c.changed(row, by), nil
	case errors.As(err, &cancelled):
		return s.notChanged(c, row, cancelled, by)
	}
	return secret.Version{}, fmt.Errorf("change version: %w", err)
}

// decide says what c is due that finds the version as row: done where there is nothing to do, an
// error where it must not be done, neither where it is to be done.
func (c ChangeVersion) decide(row versionItem, by secret.Stamp) (done bool, err error) {
	v := row.version(c.Version.Ref)
	if v.State == c.To {
		return true, nil
	}
	if row.Receipt.isFor(c.Key, by.At) {
		if row.Receipt.IfMatch != c.IfMatch {
			return false, secret.KeyReusedError()
		}
		return true, nil
	}
	return false, v.RefuseChange(c.IfMatch)
}

// transition is the transaction: the version, and the secret whose counts it moves.
func (s *Store) transition(c ChangeVersion, row versionItem, by secret.Stamp) ([]types.TransactWriteItem, error) {
	values := map[string]any{
		":seen":  row.Revision,
		":next":  row.Revision + 1,
		":state": c.To,
		":order": versionOrder(c.To, row.Number),
		":stamp": newStampItem(by),
	}
	set := versionSet
	if receipt := newReceipt(c.Key, c.IfMatch, by); receipt != nil {
		set, values[":receipt"] = set+versionReceipt, receipt
	}
	if c.To == secret.Destroyed {
		set, values[":now"] = set+versionDestroy, by.At.Unix()
	}
	version, err := s.update(rowKey(partition(c.Version.Ref), versionKey(row.Number)), set, versionIf, values)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(c.Version.Ref, enabledDelta(row.State, c.To), by)
	return []types.TransactWriteItem{version, counts}, err
}

// counts moves the secret's count of enabled versions, and with that its etag. Where it does not
// move, the secret must be active all the same.
func (s *Store) counts(ref secret.Ref, delta int, by secret.Stamp) (types.TransactWriteItem, error) {
	if delta == 0 {
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName:           &s.table,
			Key:                 metaKey(ref),
			ConditionExpression: aws.String(countsIf),
			ExpressionAttributeValues: item{
				":active": &types.AttributeValueMemberS{Value: string(secret.Active)},
			},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}, nil
	}
	return s.update(metaKey(ref), countsSet, countsIf, map[string]any{
		":active": secret.Active,
		":delta":  delta,
		":one":    1,
		":now":    by.At.Unix(),
		":stamp":  newStampItem(by),
	})
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

func enabledDelta(from, to secret.VersionState) int {
	delta := 0
	if from == secret.Enabled {
		delta--
	}
	if to == secret.Enabled {
		delta++
	}
	return delta
}

// changed is the version as the transaction left it.
func (c ChangeVersion) changed(row versionItem, by secret.Stamp) secret.Version {
	v := row.version(c.Version.Ref)
	v.State, v.Etag = c.To, row.Revision+1
	if c.To == secret.Destroyed {
		v.DestroyedAt = by.At
	}
	return v
}

// notChanged says what c is due whose transaction was cancelled: a row has changed since it was
// read.
func (s *Store) notChanged(c ChangeVersion, seen versionItem, cancelled *types.TransactionCanceledException, by secret.Stamp) (secret.Version, error) {
	version, meta := reason(cancelled, 0), reason(cancelled, 1)
	switch {
	case version.failed:
		row, err := decode[versionItem](version.row)
		if err != nil {
			return secret.Version{}, err
		}
		if sameRun(row.Stamp, by) {
			return row.version(c.Version.Ref), nil
		}
		done, err := c.decide(row, by)
		if !done && err == nil { // the etag is right again: it never is, for it only grows
			err = secret.StaleEtagError(row.Revision)
		}
		return row.version(c.Version.Ref), err
	case meta.failed:
		return secret.Version{}, secret.NotFoundError()
	}
	return secret.Version{}, fmt.Errorf("change version: %w", cancelled)
}
