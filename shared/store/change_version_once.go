package store

import "keepsake/shared/secret"

// recall answers a change whose key has been used before. known: by this very request, so that it
// has been carried out.
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

// recallReceipt is recall for a key that stands on the version's row.
func (c ChangeVersion) recallReceipt(row versionItem, by secret.Stamp) (known bool, err error) {
	switch {
	case !row.Receipt.isFor(c.Key, by.At), row.State == c.To:
		return false, nil
	case row.Receipt.IfMatch != c.IfMatch:
		return false, secret.KeyReusedError()
	}
	return true, nil
}
