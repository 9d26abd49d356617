package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const (
	versionIf  = `version_revision = :seen`
	versionIs  = `version_state = :state`
	versionSet = `SET version_state = :state, version_order = :order, version_revision = :next, stamp = :stamp`
	// The payload and the key that it is sealed under are gone for good; the metadata stays.
	versionDestroy = `, version_destroyed_at = :now REMOVE wrapped_key, ciphertext`

	countsIf  = `secret_state = :active`
	countsSet = `SET enabled_version_count = enabled_version_count + :delta,
		revision = revision + :one, updated_at = :now, validate_at = :now, stamp = :stamp`
)

// ChangeVersion asks for another state of a version.
type ChangeVersion struct {
	Version secret.VersionRef
	To      secret.VersionState
	IfMatch secret.Etag
	Key     string // an idempotency key; empty: none
}

// ChangeVersion enables, disables or destroys a version of an active secret, and returns it. If the
// version is already in that state, it is returned as it is, whatever the etag. NotFound if there is
// no such version or its secret is not active. Conflict if the etag is stale, the version is destroyed,
// or the key came with another request. One read and one transaction.
//
// A key is remembered for a day, even if there was nothing to do. If the same request comes again, it
// returns the version as it is now, whatever happened since. To check a refusal under a key the rows
// are read once more.
func (s *Store) ChangeVersion(ctx context.Context, c ChangeVersion, by secret.Stamp) (secret.Version, error) {
	for range changeTries {
		changed, err := s.tryChange(ctx, c, by)
		if !errors.Is(err, errLookAgain) {
			return s.unlessKnown(ctx, c, changed, err, by)
		}
	}
	return secret.Version{}, fault.NewUnavailable(errLookAgain)
}

// tryChange reads the rows and, unless they forbid it, makes the change.
func (s *Store) tryChange(ctx context.Context, c ChangeVersion, by secret.Stamp) (secret.Version, error) {
	rows, err := s.readRows(ctx, c.Version, c.Key)
	if err != nil {
		return secret.Version{}, err
	}
	if c.Key != "" {
		if known, err := c.recall(rows, by); known || err != nil {
			return rows.version.version(c.Version.Ref), err
		}
	}
	return s.changeVersion(ctx, c, rows, by)
}

// changeTries is how often a change is tried. Each time another writer of the version was faster.
const changeTries = 5

// errLookAgain says that a change was neither made nor refused, because the version has changed since
// it was read. It is tried again, so that its key is remembered with its result.
var errLookAgain = errors.New("the version has changed since it was read")

func (s *Store) changeVersion(ctx context.Context, c ChangeVersion, rows versionRows, by secret.Stamp) (secret.Version, error) {
	if rows.meta.State != secret.Active {
		return secret.Version{}, rows.meta.secret().RefuseChange(by.At)
	}
	row := rows.version
	done, err := c.decide(row)
	if err != nil || done && c.Key == "" {
		return row.version(c.Version.Ref), err
	}
	writes, err := s.transition(c, row, by)
	if err != nil {
		return secret.Version{}, err
	}
	unsure, err := s.transact(ctx, writes)
	var cancelled *types.TransactionCanceledException
	switch {
	case err == nil && done:
		return row.version(c.Version.Ref), nil
	case err == nil:
		return c.changed(row, by), nil
	case errors.As(err, &cancelled):
		return c.notChanged(rows, cancelled, unsure, by)
	}
	return secret.Version{}, fmt.Errorf("change version: %w", err)
}

// decide checks the change against the row. done: there is nothing to do. err: it is refused.
// Neither: go ahead.
func (c ChangeVersion) decide(row versionItem) (done bool, err error) {
	v := row.version(c.Version.Ref)
	if v.State == c.To {
		return true, nil
	}
	return false, v.RefuseChange(c.IfMatch)
}

// transition returns the transaction: the version, the secret whose counts change, and the key's record.
func (s *Store) transition(c ChangeVersion, row versionItem, by secret.Stamp) ([]types.TransactWriteItem, error) {
	version, err := s.versionWrite(c, row, by)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(c.Version.Ref, enabledDelta(row.State, c.To), by)
	if err != nil || c.Key == "" {
		return []types.TransactWriteItem{version, counts}, err
	}
	record, err := s.keepRecord(c.Version, c.Key, c.IfMatch, by)
	return []types.TransactWriteItem{version, counts, record}, err
}

// versionWrite changes the version. If it is already in its state, it only checks that it still is.
func (s *Store) versionWrite(c ChangeVersion, row versionItem, by secret.Stamp) (types.TransactWriteItem, error) {
	key := rowKey(partition(c.Version.Ref), versionKey(row.Number))
	if row.State == c.To {
		return s.check(key, versionIs, map[string]any{":state": c.To})
	}
	values := map[string]any{
		":seen":  row.Revision,
		":next":  row.Revision + 1,
		":state": c.To,
		":order": versionOrder(c.To, row.Number),
		":stamp": newStampItem(by),
	}
	set := versionSet
	if c.To == secret.Destroyed {
		set, values[":now"] = set+versionDestroy, by.At.Unix()
	}
	return s.update(key, set, versionIf, values)
}

// counts changes the secret's count of enabled versions, and its etag. If the count does not change, it
// only checks that the secret is active.
func (s *Store) counts(ref secret.Ref, delta int, by secret.Stamp) (types.TransactWriteItem, error) {
	if delta == 0 {
		return s.check(metaKey(ref), countsIf, map[string]any{":active": secret.Active})
	}
	return s.update(metaKey(ref), countsSet, countsIf, map[string]any{
		":active": secret.Active,
		":delta":  delta,
		":one":    1,
		":now":    by.At.Unix(),
		":stamp":  newStampItem(by),
	})
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

// changed returns the version as the transaction left it.
func (c ChangeVersion) changed(row versionItem, by secret.Stamp) secret.Version {
	v := row.version(c.Version.Ref)
	v.State, v.Etag = c.To, row.Revision+1
	if c.To == secret.Destroyed {
		v.DestroyedAt = by.At
	}
	return v
}

// notChanged turns a cancelled change into its result: a row has changed since it was read. The items
// are those of transition, in that order.
func (c ChangeVersion) notChanged(seen versionRows, cancelled *types.TransactionCanceledException, unsure bool, by secret.Stamp) (secret.Version, error) {
	version, meta, record := reason(cancelled, 0), reason(cancelled, 1), reason(cancelled, 2)
	now, err := seen.after(version, meta, record)
	if err != nil {
		return secret.Version{}, err
	}
	row := now.version
	if record.failed {
		_, err := c.recall(now, by)
		return row.version(c.Version.Ref), err
	}
	switch {
	case meta.failed && now.meta.State != secret.Active:
		return secret.Version{}, refuseDeleted(now.meta.secret(), by.At, unsure)
	case version.failed && row.PK == "":
		return secret.Version{}, secret.NotFoundError()
	case version.failed && sameRun(row.Stamp, by):
		return row.version(c.Version.Ref), nil
	case version.failed:
		return c.overtaken(row)
	}
	return secret.Version{}, fmt.Errorf("change version: %w", cancelled)
}

// overtaken returns the result of a change if another writer of the version was faster.
func (c ChangeVersion) overtaken(row versionItem) (secret.Version, error) {
	done, err := c.decide(row)
	if err == nil && (c.Key != "" || !done) {
		err = errLookAgain
	}
	return row.version(c.Version.Ref), err
}
