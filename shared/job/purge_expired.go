package job

import (
	"context"
	"errors"
	"log/slog"

	"keepsake/shared/store"
)

// PurgeExpired destroys the versions of a secret whose metadata row DynamoDB's expiry has removed.
// It believes neither the event's filter nor the row's last image alone: the secret must have been
// past its deadline, and its row must really be gone.
func PurgeExpired(s Shift, secrets *store.Store) StreamHandler {
	return reader{Shift: s, operation: "purge-expired", do: func(ctx context.Context, change store.Change, done *account) error {
		return s.expired(ctx, secrets, change, done)
	}}.handler()
}

// errEarly keeps a record waiting: our clock is behind DynamoDB's.
var errEarly = errors.New("the deadline has not passed by this clock")

func (s Shift) expired(ctx context.Context, secrets *store.Store, change store.Change, done *account) error {
	if !change.Expired || change.Old == nil {
		return nil
	}
	if !change.Old.Purged(s.Now()) {
		return errEarly
	}
	there, err := secrets.Exists(ctx, change.Ref)
	if err != nil || there {
		return err
	}
	versions, err := secrets.DestroyVersions(ctx, change.Ref)
	if err != nil {
		return err
	}
	lag := s.Now().Sub(change.Old.PurgeAt)
	done.sum("Purged", 1)
	done.longest("PurgeLag", lag.Seconds())
	s.Log.LogAttrs(ctx, slog.LevelInfo, "purged", append(about(change.Ref, change.Deleter),
		slog.String("operation", "purge-expired"), slog.Int("versions", versions), slog.Float64("lag_seconds", lag.Seconds()))...)
	return nil
}
