package job

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/shared/store"
)

// PurgeExpired destroys the versions of a secret whose metadata row DynamoDB's expiry has removed.
// It believes neither the event's filter nor the row's last image alone: the secret must have been
// past its deadline, and its row must really be gone.
func PurgeExpired(s Shift, secrets *store.Store) StreamHandler {
	return func(ctx context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		return s.inOrder(ctx, "purge-expired", event, func(ctx context.Context, record events.DynamoDBEventRecord) error {
			return s.expired(ctx, secrets, record)
		}), nil
	}
}

// errEarly keeps a record waiting: our clock is behind DynamoDB's.
var errEarly = errors.New("the deadline has not passed by this clock")

func (s Shift) expired(ctx context.Context, secrets *store.Store, record events.DynamoDBEventRecord) error {
	change, ok, err := store.ReadChange(record)
	if err != nil || !ok || !change.Expired || change.Old == nil {
		return err
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
	attrs := []slog.Attr{slog.String("operation", "purge-expired"), slog.String("workspace_id", change.Ref.Workspace),
		slog.String("secret_id", change.Ref.ID), slog.Int("versions", versions)}
	s.Log.LogAttrs(ctx, slog.LevelInfo, "purged", append(attrs, metrics(s.Now(), "purge-expired",
		metric{"Purged", "Count", 1}, metric{"PurgeLag", "Seconds", lag.Seconds()})...)...)
	return nil
}
