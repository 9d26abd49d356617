package store

import (
	"context"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// unlessKnown checks a refusal under a key: if the request has been carried out before, it returns the
// version as it is now instead. A refused transaction need not have seen its rows at one moment: the
// record before the same request was carried out elsewhere, and the version after another request had
// changed it again. A read of the record afterwards sees whatever existed when the version was seen.
func (s *Store) unlessKnown(ctx context.Context, c ChangeVersion, changed secret.Version, refusal error, by secret.Stamp) (secret.Version, error) {
	kind := fault.KindOf(refusal)
	if c.Key == "" || kind != fault.Conflict && kind != fault.NotFound {
		return changed, refusal
	}
	row, known, err := s.lookUp(ctx, c, by)
	if known || err != nil {
		return row.version(c.Version.Ref), err
	}
	return changed, refusal
}

// readKnown returns the version as it is now, given that the request has been carried out before.
func (s *Store) readKnown(ctx context.Context, c ChangeVersion, by secret.Stamp) (versionItem, error) {
	row, known, err := s.lookUp(ctx, c, by)
	if err == nil && !known {
		err = fault.NewUnavailable(errUnknown)
	}
	return row, err
}

// lookUp reads the version and the key's record, and checks as recall does whether the key has been used
// before.
func (s *Store) lookUp(ctx context.Context, c ChangeVersion, by secret.Stamp) (row versionItem, known bool, err error) {
	rows, err := s.readRows(ctx, c.Version, c.Key)
	if err != nil {
		return versionItem{}, false, err
	}
	known, err = c.recall(rows, by)
	return rows.version, known, err
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

// unlessReceipt adds to versionIf that the version's row has no receipt of the key, where earlier releases
// kept it: then the row is needed, and a refusal returns it.
const unlessReceipt = ` AND (attribute_not_exists(enable_receipt)
	OR enable_receipt.key_hash <> :hash OR enable_receipt.forget_at <= :now)`

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
