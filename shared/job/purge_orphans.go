package job

import (
	"context"
	"log/slog"
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
	return func(ctx context.Context, event Event) (err error) {
		segment := int(s.Now().Unix()/int64(orphanEvery.Seconds())) % orphanSegments
		secretsFound, versions := 0, 0
		for orphans, err := range secrets.Orphans(ctx, segment, orphanSegments) {
			if err != nil {
				return err
			}
			for _, ref := range orphans {
				n, err := secrets.DestroyVersions(ctx, ref)
				if err != nil {
					return err
				}
				secretsFound, versions = secretsFound+1, versions+n
			}
			if !hasTime(ctx, purgeTime) {
				break
			}
		}
		attrs := []slog.Attr{slog.String("operation", "purge-orphans"), slog.String("request_id", event.ID),
			slog.Int("segment", segment), slog.Int("secrets", secretsFound)}
		s.Log.LogAttrs(ctx, slog.LevelInfo, "job", append(attrs,
			metrics(s.Now(), "purge-orphans", metric{"OrphanedVersions", "Count", float64(versions)})...)...)
		return nil
	}
}
