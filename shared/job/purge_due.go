package job

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// purgeTime is what erasing one secret may take: a run begins none that it may not be there to
// finish. One that it does not finish all the same is found again by its mark.
const purgeTime = 5 * time.Second

// PurgeDue erases the secrets whose deadline has passed, and finishes hard deletes that were
// interrupted: mark first, destroy second. It keeps no state: what is due stands in the index, the
// longest overdue first, and a run goes on where the last one stopped. Two runs at a time do no harm.
func PurgeDue(s Shift, secrets *store.Store) Handler {
	return func(ctx context.Context, event Event) (err error) {
		p := &purge{Shift: s, secrets: secrets, by: s.stamp(ctx, "purge-due", event)}
		err = p.run(ctx)
		p.report(ctx, err)
		return err
	}
}

// purge is one run.
type purge struct {
	Shift
	secrets *store.Store
	by      secret.Stamp

	purged, versions, failed int
	longest                  time.Duration // between a deadline and the bytes' end
}

// run works off the shards, from a random one on, so that none is always the last.
func (p *purge) run(ctx context.Context) error {
	first := rand.N(store.PurgeShards)
	for i := range store.PurgeShards {
		for page, err := range p.secrets.DueForPurge(ctx, (first+i)%store.PurgeShards, p.now()) {
			if err != nil {
				return err
			}
			for _, due := range page {
				if !hasTime(ctx, purgeTime) {
					return nil
				}
				p.erase(ctx, due)
			}
		}
	}
	return nil
}

// erase deals with one secret. What is wrong with it stops no other.
func (p *purge) erase(ctx context.Context, due store.Due) {
	by := p.by
	by.At = p.Now()
	versions, lag, err := p.markAndErase(ctx, due.Ref, by)
	switch {
	case errors.Is(err, store.ErrNotDue), isNotFound(err): // the index was a moment behind its table
		return
	case err != nil:
		p.failed++
		p.Log.LogAttrs(ctx, slog.LevelError, "not purged", slog.String("workspace_id", due.Ref.Workspace),
			slog.String("secret_id", due.Ref.ID), slog.String("error", err.Error()))
		return
	}
	p.purged++
	p.versions += versions
	p.longest = max(p.longest, lag)
	p.Log.LogAttrs(ctx, slog.LevelInfo, "purged", slog.String("workspace_id", due.Ref.Workspace),
		slog.String("secret_id", due.Ref.ID), slog.Int("versions", versions), slog.Float64("lag_seconds", lag.Seconds()))
}

func (p *purge) markAndErase(ctx context.Context, ref secret.Ref, by secret.Stamp) (versions int, lag time.Duration, err error) {
	defer safely(&err)
	marked, err := p.secrets.MarkDue(ctx, ref, by)
	if err != nil {
		return 0, 0, err
	}
	versions, err = p.secrets.Purge(ctx, ref)
	return versions, p.Now().Sub(marked.PurgeAt), err
}

func (p *purge) report(ctx context.Context, err error) {
	attrs := []slog.Attr{
		slog.String("operation", p.by.Operation), slog.String("request_id", p.by.RequestID),
		slog.Int("versions", p.versions),
	}
	level := slog.LevelInfo
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.String("error", err.Error()))
	}
	attrs = append(attrs, metrics(p.Now(), p.by.Operation,
		metric{"Purged", "Count", float64(p.purged)},
		metric{"PurgeFailures", "Count", float64(p.failed)},
		metric{"PurgeLag", "Seconds", p.longest.Seconds()})...)
	p.Log.LogAttrs(ctx, level, "job", attrs...)
}
