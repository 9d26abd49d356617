package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// notChanged turns a cancelled change into its result. The items are those of transition, in that order.
// An item without an image is as the condition wants it: the version is as in seen, the secret is active,
// the key has no record.
func (s *Store) notChanged(ctx context.Context, c ChangeVersion, seen versionItem, cancelled *types.TransactionCanceledException, unsure bool, by secret.Stamp) (versionItem, error) {
	version, meta, record := reason(cancelled, 0), reason(cancelled, 1), reason(cancelled, 2)
	now, err := versionRows{version: seen}.after(version, meta, record)
	if err != nil {
		return versionItem{}, err
	}
	missing := version.failed && now.version.PK == ""
	if meta.failed && (missing || now.meta.PK == "") {
		return versionItem{}, secret.NotFoundError()
	}
	if c.Key != "" && !missing {
		known, err := c.recall(now, by)
		if known && now.version.isGuess() {
			return s.readKnown(ctx, c, by)
		}
		if known || err != nil {
			return now.version, err
		}
	}
	switch {
	case meta.failed && now.meta.State != secret.Active:
		return versionItem{}, refuseDeleted(now.meta.secret(), by.At, unsure)
	case version.failed:
		return c.refuse(now.version, unsure)
	}
	return versionItem{}, fault.NewUnavailable(cancelled)
}

// refuse returns the result of a change that found the version of an active secret to be row; no row if
// it is missing.
func (c ChangeVersion) refuse(row versionItem, unsure bool) (versionItem, error) {
	switch {
	case unsure && row.mayReach(c.IfMatch):
		return versionItem{}, fault.NewUnavailable(errUnknown)
	case row.PK == "":
		return versionItem{}, secret.NoVersionError()
	}
	done, err := c.decide(row)
	if err == nil && (c.Key != "" || !done) {
		err = errLookAgain
	}
	return row, err
}

// mayReach reports whether the version may have this etag one day. Then a try of a change that is still
// on its way may be carried out.
func (i versionItem) mayReach(etag secret.Etag) bool {
	return i.State != secret.Destroyed && i.Revision < etag
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
