package job

import (
	"context"
	"log/slog"

	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// PurgeExpired destroys the versions of a secret whose metadata row DynamoDB's expiry has removed.
// It trusts neither the event's filter nor the row's last image alone: the secret must have been
// deleted and past its deadline, and its row must really be gone.
//
// It compares the deadline with the time of the removal in the record. That is DynamoDB's clock, by
// which the row expired. If our clock is fast, nothing happens early; if it is slow, no record
// waits.
func PurgeExpired(r Runner, secrets *store.Store) StreamHandler {
	return consumer{Runner: r, operation: "purge-expired", do: func(ctx context.Context, change store.Change, counts *tally) error {
		return r.expired(ctx, secrets, change, counts)
	}}.handler()
}

func (r Runner) expired(ctx context.Context, secrets *store.Store, change store.Change, counts *tally) error {
	if !change.Expired || change.Old == nil {
		return nil
	}
	if !change.Old.Purged(change.At) {
		r.refuseExpiry(ctx, change, counts)
		return nil
	}
	there, err := secrets.Exists(ctx, change.Ref)
	if err != nil || there {
		return err
	}
	versions, err := secrets.DestroyVersions(ctx, change.Ref)
	if err != nil || versions == 0 { // it was delivered before
		return err
	}
	lag := r.Now().Sub(change.Old.PurgeAt)
	counts.sum(telemetry.Purged, 1)
	counts.longest(telemetry.PurgeLag, lag.Seconds())
	r.Log.LogAttrs(ctx, slog.LevelInfo, "purged", append(secretAttrs(change.Ref, change.Deleter),
		slog.String("operation", "purge-expired"), slog.Int("versions", versions), slog.Float64("lag_seconds", lag.Seconds()))...)
	return nil
}

// refuseExpiry reports a row that expired while its secret was active, or before its deadline. No
// operation writes such an expiry, and waiting does not help.
func (r Runner) refuseExpiry(ctx context.Context, change store.Change, counts *tally) {
	counts.sum(telemetry.UnexplainedVersions, max(1, change.Old.VersionCount))
	r.Log.LogAttrs(ctx, slog.LevelError, "expired before its deadline: its versions are left alone", append(secretAttrs(change.Ref, secret.Stamp{}),
		slog.String("operation", "purge-expired"), slog.String("state", string(change.Old.State)), slog.Int("versions", change.Old.VersionCount))...)
}
