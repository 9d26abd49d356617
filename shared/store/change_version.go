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
	// The state is part of it because a caller may send the current etag of a version that is already in
	// the state that it asks for: that changes nothing.
	versionIf  = `version_revision = :seen AND version_state = :from`
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
// or the key came with another request. Unavailable if the change may have been carried out.
//
// One step: a transaction that reads nothing, and beside it a read of what no change touches. If the
// transaction is refused, the old images that come with the refusal say why.
//
// A key is remembered for a day, even if there was nothing to do: that takes a second transaction. If the
// same request comes again, it returns the version as it is now, whatever happened since. To check a
// refusal under a key the rows are read.
func (s *Store) ChangeVersion(ctx context.Context, c ChangeVersion, by secret.Stamp) (secret.Version, error) {
	if !c.Version.Plausible() {
		return secret.Version{}, secret.NotFoundError()
	}
	seen := c.expected()
	for range changeTries {
		found, err := s.tryChange(ctx, c, seen, by)
		if !errors.Is(err, errLookAgain) {
			return s.unlessKnown(ctx, c, found.version(c.Version.Ref), err, by)
		}
		seen = found
	}
	return secret.Version{}, fault.NewUnavailable(errLookAgain)
}

// changeTries is how often a change is tried. The first time it guesses the version's state, and each
// time another writer of the version may be faster.
const changeTries = 5

// errLookAgain says that a change was neither made nor refused, because the version is not as it was
// expected to be. It is tried again, with the version as it was found.
var errLookAgain = errors.New("the version has changed since it was read")

// expected returns the version as it must be for the change to be carried out. It is a guess, and so it
// has no key. A new version is enabled, and its etag grows by one with each change of its state. So the
// etag says whether the version is enabled, unless it is destroyed. If the guess is wrong, the change is
// refused, and tried again.
func (c ChangeVersion) expected() versionItem {
	from := secret.Enabled
	changes := c.IfMatch - c.Version.FirstEtag()
	if c.To == secret.Enabled || c.To == secret.Destroyed && changes%2 != 0 {
		from = secret.Disabled
	}
	return versionItem{Number: c.Version.Number, Revision: c.IfMatch, State: from}
}

// isGuess reports whether i was not read.
func (i versionItem) isGuess() bool { return i.PK == "" }

// tryChange makes the change if the version is as in seen. It returns the version as it is then; with
// errLookAgain as it was found.
func (s *Store) tryChange(ctx context.Context, c ChangeVersion, seen versionItem, by secret.Stamp) (versionItem, error) {
	writes, err := s.transition(c, seen, by)
	if err != nil {
		return versionItem{}, err
	}
	read := s.beginRead(ctx, c.Version, seen)
	unsure, err := s.transact(ctx, writes)
	row, readErr := read()
	var cancelled *types.TransactionCanceledException
	switch {
	case errors.As(err, &cancelled) && decided(cancelled):
		return s.notChanged(ctx, c, seen, cancelled, unsure, by)
	case err != nil:
		return versionItem{}, fmt.Errorf("change version: %w", err)
	case readErr != nil:
		row, err = s.readChanged(ctx, c.Version, readErr)
	}
	return c.changed(row, seen, by), err
}

// transition returns the transaction: the version, the secret whose counts change, and the key's record.
func (s *Store) transition(c ChangeVersion, seen versionItem, by secret.Stamp) ([]types.TransactWriteItem, error) {
	version, err := s.versionWrite(c, seen, by)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(c.Version.Ref, enabledDelta(seen.State, c.To), by)
	if err != nil || c.Key == "" {
		return []types.TransactWriteItem{version, counts}, err
	}
	record, err := s.keepRecord(c.Version, c.Key, c.IfMatch, by)
	return []types.TransactWriteItem{version, counts, record}, err
}

// versionWrite changes the version. If it is already in its state, it only checks that it still is.
func (s *Store) versionWrite(c ChangeVersion, seen versionItem, by secret.Stamp) (types.TransactWriteItem, error) {
	key := rowKey(partition(c.Version.Ref), versionKey(c.Version.Number))
	if seen.State == c.To {
		return s.check(key, versionIs, map[string]any{":state": c.To})
	}
	values := map[string]any{
		":seen":  seen.Revision,
		":from":  seen.State,
		":next":  seen.Revision + 1,
		":state": c.To,
		":order": versionOrder(c.To, c.Version.Number),
		":stamp": newStampItem(by),
	}
	set, condition := versionSet, versionIf
	if c.To == secret.Destroyed {
		set, values[":now"] = set+versionDestroy, by.At.Unix()
	}
	if c.Key != "" {
		condition += unlessReceipt
		values[":hash"], values[":now"] = hashKey(c.Key), by.At.Unix()
	}
	return s.update(key, set, condition, values)
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

// changed returns the version as the transaction left it: row, with the state and the etag that follow
// seen.
func (c ChangeVersion) changed(row, seen versionItem, by secret.Stamp) versionItem {
	if seen.State == c.To {
		return seen
	}
	row.State, row.Revision = c.To, seen.Revision+1
	if c.To == secret.Destroyed {
		row.DestroyedAt = by.At.Unix()
	}
	return row
}
