package job

import (
	"context"
	"time"

	"keepsake/shared/store"
)

// The table is looked through once a day: a part of it each quarter of an hour, told by the clock,
// so that there is nothing to remember.
const (
	orphanSegments = 96
	orphanEvery    = 15 * time.Minute
)

// PurgeOrphans destroys versions whose secret is gone: DynamoDB's expiry took the metadata, and
// the stream's record of it was lost. There should never be any, so that each one is counted.
func PurgeOrphans(s Shift, secrets *store.Store) Handler {
	run := s.accounted("purge-orphans")
	return func(ctx context.Context, event Event) error {
		return run(ctx, event.ID, func(ctx context.Context, done *account) error {
			segment := int(s.Now().Unix()/int64(orphanEvery.Seconds())) % orphanSegments
			found, versions, err := destroyOrphans(ctx, secrets, segment)
			done.note("segment", segment)
			done.note("secrets", found)
			done.sum("OrphanedVersions", versions)
			return err
		})
	}
}

// destroyOrphans returns how many secrets' versions it has destroyed, and how many those were.
func destroyOrphans(ctx context.Context, secrets *store.Store, segment int) (found, versions int, err error) {
	for orphans, err := range secrets.Orphans(ctx, segment, orphanSegments) {
		if err != nil {
			return found, versions, err
		}
		for _, ref := range orphans {
			n, err := secrets.DestroyVersions(ctx, ref)
			versions += n
			if err != nil {
				return found, versions, err
			}
			found++
		}
		if !hasTime(ctx, purgeTime) {
			break
		}
	}
	return found, versions, nil
}
