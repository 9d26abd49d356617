package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// nearPurge is how long before its deadline others are told that a secret is near its purge.
const nearPurge = 3 * 24 * time.Hour

// nearEvery is how often a run tells of the deadlines of one hour: three runs of an hour tell the same, so that one
// that fails loses nothing. An event's id says that it is the same.
const nearEvery = 20

// mostNear is how many secrets one run tells of.
const mostNear = 5_000

var (
	errNoTime  = errors.New("the run has no time left")
	errTooMany = fmt.Errorf("more than %d deadlines are in one hour", mostNear)
)

// tellNear tells which secrets have nearPurge left. Nothing is kept of that: the hour says which deadlines it is
// about. So a secret that is kept for a shorter time is never told of: the event of its delete names its deadline. A
// failure is in the log, and is no failure of the run.
func (r Runner) tellNear(ctx context.Context, secrets *store.Store, teller secret.Teller, counts *tally) {
	now := r.now()
	if teller == nil || now.Minute()%nearEvery != 0 {
		return
	}
	from := now.Truncate(time.Hour).Add(nearPurge)
	if err := r.findNear(ctx, secrets, from, counts); err != nil {
		r.Log.LogAttrs(ctx, slog.LevelError, "not all that is near its purge was found", slog.String("error", err.Error()))
	}
	r.tell(ctx, "purge-due", teller, counts)
}

// findNear adds to the run's events those of the deadlines of one hour.
func (r Runner) findNear(ctx context.Context, secrets *store.Store, from time.Time, counts *tally) (err error) {
	defer safely(&err)
	for shard := range store.PurgeShards {
		for page, err := range secrets.NearPurge(ctx, shard, from, from.Add(time.Hour)) {
			switch {
			case err != nil:
				return err
			case !hasTime(ctx, tellTime):
				return errNoTime
			}
			for _, near := range page {
				if len(counts.events) == mostNear {
					return errTooMany
				}
				counts.events = append(counts.events, nearEvent(near))
			}
		}
	}
	return nil
}

func nearEvent(near store.DueSecret) secret.Event {
	return secret.Event{
		EventID: secret.SortableFrom(near.At, "near "+near.Ref.Workspace+" "+near.Ref.ID), Kind: secret.NearPurge, Ref: near.Ref,
		At: near.At.Add(-nearPurge), PurgeAt: near.At,
	}
}
