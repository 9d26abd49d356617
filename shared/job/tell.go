package job

import (
	"context"
	"log/slog"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// tellTime is how long a run may take to tell its events.
const tellTime = 5 * time.Second

// tell tells the run's events, in at most tellTime. What cannot be told is in the log, whole, and is counted: it
// neither fails the run nor has records delivered again, because the lines of later changes would wait.
func (r Runner) tell(ctx context.Context, operation string, teller secret.Teller, counts *tally) {
	if teller == nil || len(counts.events) == 0 {
		return
	}
	counts.note("events", len(counts.events))
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	untold, err := tellSafely(ctx, teller, counts.events)
	for _, e := range untold {
		attrs := append(secretAttrs(e.Ref, secret.Stamp{}),
			slog.String("operation", operation), slog.String("event", string(e.Kind)), slog.String("event_id", e.EventID),
			slog.Time("event_at", e.At), slog.String("principal", e.Principal))
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		r.Log.LogAttrs(ctx, slog.LevelError, "an event was not told", attrs...)
	}
	if len(untold) > 0 {
		counts.sum(telemetry.EventFailures, len(untold))
	}
}

// tellSafely counts an event as untold if the teller panics.
func tellSafely(ctx context.Context, teller secret.Teller, events []secret.Event) (untold []secret.Event, err error) {
	untold = events
	defer safely(&err)
	return teller.Tell(ctx, events)
}

// kinds maps the operation of an audit line to what others are told.
var kinds = map[string]secret.EventKind{
	"create-secret": secret.Created, "create-secret-version": secret.VersionCreated, "delete-secret": secret.Deleted,
	"undelete-secret": secret.Undeleted, "purge": secret.Purged,
}

// eventOf returns what others are told of a change; false for a change that they are not told of. The event has the
// id of the change's line in the trail, so it is the same if the change is delivered again.
func eventOf(c store.Change, line audit.Line) (secret.Event, bool) {
	kind, ok := kinds[line.By.Operation]
	e := secret.Event{
		EventID: secret.SortableFrom(line.By.At, line.Seed), Kind: kind, Ref: c.Ref, Version: c.Version,
		Principal: line.By.Principal, At: line.By.At, PurgeAt: c.PurgeAt,
	}
	switch {
	case line.Purge != nil:
		e.Mechanism = line.Purge.Mechanism
	case c.Marked == secret.ByForce:
		e.Mechanism, e.PurgeAt = secret.ByForce, time.Time{}
	}
	return e, ok
}
