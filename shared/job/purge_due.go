package job

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// purgeTime is how long erasing one secret may take: a run starts none that it may have no time to
// finish. If it does not finish one anyway, the next run finds it by its mark.
const purgeTime = 5 * time.Second

// purgesAtOnce is how many secrets a run erases at a time. Each of them deletes up to 25 rows with one
// call, which may be 64 KiB each, and callers write to the same table.
const purgesAtOnce = 4

// PurgeDue erases the secrets whose deadline has passed, and finishes hard deletes that were
// interrupted: mark first, destroy second. It keeps no state: the index lists what to purge, the
// longest overdue first, and a run goes on where the last one stopped. Two runs at a time do no harm.
//
// It also tells the teller, if there is one, which secrets are near their deadline.
//
// A deadline counts as passed once the grace that belongs to retention is over too, by our clock and
// by DynamoDB's.
func PurgeDue(r Runner, secrets *store.Store, retention time.Duration, teller secret.Teller) Handler {
	run := r.logged("purge-due")
	grace := secret.Grace(retention)
	return func(ctx context.Context, event Event) error {
		return run(ctx, event.ID, func(ctx context.Context, counts *tally) error {
			p := &purge{Runner: r, secrets: secrets, grace: grace, by: r.stamp(ctx, "purge-due", event)}
			defer p.report(counts)
			near := &tally{}
			defer counts.take(near)
			var telling sync.WaitGroup
			defer telling.Wait()
			telling.Go(func() { r.tellNear(ctx, secrets, teller, near) }) // neither waits for the other
			return p.run(ctx)
		})
	}
}

// purge is one run.
type purge struct {
	Runner
	secrets *store.Store
	grace   time.Duration
	by      secret.Stamp

	mu                       sync.Mutex // of the figures
	purged, versions, failed int
	longest                  time.Duration // from a deadline until the bytes are gone, or until now if they are not
}

// run asks the shards side by side and erases what is due.
func (p *purge) run(ctx context.Context) error {
	return sweep{
		shards: store.PurgeShards, atOnce: purgesAtOnce, need: purgeTime,
		due: func(shard int) iter.Seq2[[]store.DueSecret, error] {
			return p.secrets.DueForPurge(ctx, shard, p.now().Add(-p.grace))
		},
		handle: func(due store.DueSecret) { p.erase(ctx, due) },
	}.run(ctx)
}

// erase purges one secret. If that fails, the run goes on with the others.
func (p *purge) erase(ctx context.Context, due store.DueSecret) {
	by := p.by
	by.At = p.earlier(due.ServerTime)
	passed := by.At.Add(-p.grace)
	if due.At.After(passed) { // our clock is ahead of DynamoDB's
		return
	}
	marked, versions, err := p.markAndErase(ctx, due.Ref, passed, by)
	if errors.Is(err, store.ErrNotDue) || isNotFound(err) { // the index was a moment behind its table
		return
	}
	lag := p.Now().Sub(due.At)
	p.count(lag, versions, err)
	attrs := append(secretAttrs(due.Ref, marked.DeletedBy), slog.String("operation", p.by.Operation))
	if err != nil {
		p.Log.LogAttrs(ctx, slog.LevelError, "not purged", append(attrs, slog.String("error", err.Error()))...)
		return
	}
	p.Log.LogAttrs(ctx, slog.LevelInfo, "purged", append(attrs,
		slog.Int("versions", versions), slog.Float64("lag_seconds", lag.Seconds()))...)
}

// count adds the outcome of one secret to the run's figures.
func (p *purge) count(lag time.Duration, versions int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.longest = max(p.longest, lag)
	if err != nil {
		p.failed++
		return
	}
	p.purged++
	p.versions += versions
}

func (p *purge) markAndErase(ctx context.Context, ref secret.Ref, passed time.Time, by secret.Stamp) (marked store.Marked, versions int, err error) {
	defer safely(&err)
	if marked, err = p.secrets.MarkDue(ctx, ref, passed, by); err != nil {
		return marked, 0, err
	}
	versions, err = p.secrets.Purge(ctx, ref)
	return marked, versions, err
}

func (p *purge) report(counts *tally) {
	counts.note("versions", p.versions)
	counts.note("failed", p.failed)
	counts.sum(telemetry.Purged, p.purged)
	counts.longest(telemetry.PurgeLag, p.longest.Seconds())
}
