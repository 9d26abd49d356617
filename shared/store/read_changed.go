package store

import (
	"context"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// A transaction returns no row, and a response shows the whole version. What a change leaves as it is,
// when the version was made and its comment, never changes: it is read while the transaction is under
// way, and it does not matter which of the two is first.

// beginRead starts to read v's metadata and returns a function that waits for it. If seen was read
// before, that is it.
func (s *Store) beginRead(ctx context.Context, v secret.VersionRef, seen versionItem) func() (versionItem, error) {
	if !seen.isGuess() {
		return func() (versionItem, error) { return seen, nil }
	}
	return begin(func() (versionItem, error) { return s.versionRow(ctx, v) })
}

// readChanged reads the metadata of a version that has just been changed, if beginRead failed with err:
// it may have looked before the version was made. Unavailable if it is erased by now or cannot be read,
// never an error that says that nothing was changed.
func (s *Store) readChanged(ctx context.Context, v secret.VersionRef, err error) (versionItem, error) {
	if fault.KindOf(err) != fault.NotFound {
		return versionItem{}, fault.NewUnavailable(err)
	}
	row, err := s.versionRow(ctx, v)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		err = fault.NewUnavailable(errErasedSince)
	case err != nil:
		err = fault.NewUnavailable(err)
	}
	return row, err
}
