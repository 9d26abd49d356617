package store

import (
	"context"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// unlessKnown checks a refusal under a key: if the request has been carried out before, it returns the
// version as it is now instead. A batch reads its rows one by one. It may have read the record before
// the same request was carried out elsewhere, and the version after another request had changed it
// again. A second read of the record sees whatever existed when the version was read.
func (s *Store) unlessKnown(ctx context.Context, c ChangeVersion, changed secret.Version, refusal error, by secret.Stamp) (secret.Version, error) {
	kind := fault.KindOf(refusal)
	if c.Key == "" || kind != fault.Conflict && kind != fault.NotFound {
		return changed, refusal
	}
	rows, err := s.readRows(ctx, c.Version, c.Key)
	if err != nil {
		return secret.Version{}, err
	}
	if known, err := c.recall(rows, by); known || err != nil {
		return rows.version.version(c.Version.Ref), err
	}
	return changed, refusal
}

// recall checks whether the key has been used before. known: by this same request, which has been
// carried out. err: by another request.
func (c ChangeVersion) recall(rows versionRows, by secret.Stamp) (known bool, err error) {
	r := rows.record
	if !r.isFresh(by.At) {
		return c.recallReceipt(rows.version, by)
	}
	switch sameTarget := r.isBy(by) && r.target() == c.Version; {
	case sameTarget && rows.meta.secret().Purged(by.At):
		return false, secret.NotFoundError()
	case sameTarget && (r.IfMatch == c.IfMatch || rows.version.State == c.To):
		return true, nil
	}
	return false, &KeyReusedError{Made: r.target()}
}

// recallReceipt is recall for a key on the version's row, where earlier releases kept it.
func (c ChangeVersion) recallReceipt(row versionItem, by secret.Stamp) (known bool, err error) {
	switch {
	case !row.Receipt.isFor(c.Key, by.At), row.State == c.To:
		return false, nil
	case row.Receipt.IfMatch != c.IfMatch:
		return false, &KeyReusedError{Made: c.Version}
	}
	return true, nil
}
