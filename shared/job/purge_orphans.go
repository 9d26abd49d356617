package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// The job scans the table once a day: one segment each quarter of an hour. The clock says which, so
// that the job keeps no state.
const (
	orphanSegments = 96
	orphanEvery    = 15 * time.Minute
)

const (
	// orphanAge is how long a version must have been unchanged. A scan may see what a transaction or a
	// restore has just written before it sees its metadata.
	orphanAge = 24 * time.Hour
	// orphanApart is how long a version must have been known as an orphan before it is destroyed.
	orphanApart = 6 * time.Hour
)

// PurgeOrphans destroys versions whose secret was purged: DynamoDB's expiry took the metadata, and
// purge-expired did not destroy them. There should never be any, so each one is counted.
//
// It destroys nothing on a guess. It destroys a version only if its secret's trail ends with a purge
// after a delete, if the version is older than that and unchanged for a day, if it was found as an orphan
// hours ago too, and if the metadata is still missing at that very moment. A version without such a trail
// is counted and left to a person: its metadata may have been removed by hand.
func PurgeOrphans(r Runner, secrets *store.Store, trail *audit.Reader) Handler {
	run := r.logged("purge-orphans")
	return func(ctx context.Context, event Event) error {
		return run(ctx, event.ID, func(ctx context.Context, counts *tally) error {
			o := &orphans{Runner: r, secrets: secrets, trail: trail}
			segment := int(r.Now().Unix()/int64(orphanEvery.Seconds())) % orphanSegments
			counts.note("segment", segment)
			defer o.report(counts)
			return o.run(ctx, segment)
		})
	}
}

// orphans is one run.
type orphans struct {
	Runner
	secrets *store.Store
	trail   *audit.Reader

	found                           int // secrets
	waiting, destroyed, unexplained int // versions
}

// run handles one segment. If one orphan fails, it goes on with the others.
func (o *orphans) run(ctx context.Context, segment int) (failed error) {
	for page, err := range o.secrets.Orphans(ctx, segment, orphanSegments) {
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, orphan := range page {
			if !hasTime(ctx, purgeTime) {
				return failed
			}
			o.found++
			if err := o.handle(ctx, orphan); err != nil && failed == nil {
				failed = err
			}
		}
	}
	return failed
}

// handle handles the versions of one orphan.
func (o *orphans) handle(ctx context.Context, orphan store.Orphan) (err error) {
	defer safely(&err)
	now := o.earlier(orphan.ServerTime)
	purged, err := o.trail.Purged(ctx, orphan.Ref)
	if err != nil {
		return err
	}
	unexplained := 0
	for page, err := range o.secrets.OrphanedVersions(ctx, orphan.Ref) {
		if err != nil {
			return err
		}
		n, err := o.handleVersions(ctx, orphan.Ref, page, purged, now)
		if unexplained += n; err != nil {
			return err
		}
	}
	if unexplained > 0 {
		o.unexplained += unexplained
		o.Log.LogAttrs(ctx, slog.LevelError, "versions without metadata, and no purge in the trail: they are left alone",
			append(secretAttrs(orphan.Ref, secret.Stamp{}), slog.String("operation", "purge-orphans"), slog.Int("versions", unexplained))...)
	}
	return nil
}

// handleVersions leaves, marks or destroys each version, and counts those that only a person can explain.
func (o *orphans) handleVersions(ctx context.Context, ref secret.Ref, page []store.OrphanedVersion, purged, now time.Time) (unexplained int, err error) {
	var doomed []store.OrphanedVersion
	for _, v := range page {
		switch {
		case !v.ChangedAt.IsZero() && now.Sub(v.ChangedAt) < orphanAge:
			o.waiting++
		case v.ChangedAt.IsZero() || v.ChangedAt.Truncate(time.Second).After(purged):
			unexplained++
		case v.FoundAt.Before(purged): // or zero: never found
			o.waiting++
			if err := o.secrets.MarkOrphaned(ctx, v, now); err != nil {
				return unexplained, err
			}
		case now.Sub(v.FoundAt) < orphanApart:
			o.waiting++
		default:
			doomed = append(doomed, v)
		}
	}
	if len(doomed) == 0 {
		return unexplained, nil
	}
	n, err := o.secrets.DestroyOrphaned(ctx, ref, doomed)
	o.destroyed += n
	return unexplained, err
}

func (o *orphans) report(counts *tally) {
	counts.note("secrets", o.found)
	counts.note("waiting", o.waiting)
	counts.sum(telemetry.OrphanedVersions, o.destroyed)
	if o.unexplained > 0 {
		counts.sum(telemetry.UnexplainedVersions, o.unexplained)
	}
}
