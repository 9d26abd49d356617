package job

import (
	"context"
	"strconv"
	"strings"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

// RecordChanges writes the audit line of every change, from the table's stream: no change is missed
// there, and the caller does not wait for it. A line's key comes from its change, so that a record
// that is delivered again writes the same line. Once a batch has its lines, the teller, if there is one, is told
// of its changes.
func RecordChanges(r Runner, trail *audit.Trail, teller secret.Teller) StreamHandler {
	record := func(ctx context.Context, change store.Change, counts *tally) error {
		line, ok := lineOf(change)
		if !ok {
			return nil
		}
		if err := trail.Append(ctx, line); err != nil {
			return err
		}
		if event, ok := eventOf(change, line); ok {
			counts.events = append(counts.events, event)
		}
		return nil
	}
	setAside := func(ctx context.Context, change store.Change) error {
		if !change.Ref.Plausible() { // no trail for the line
			return nil
		}
		return trail.Append(ctx, unreadLine(change))
	}
	return consumer{Runner: r, operation: "record-changes", failures: telemetry.AuditFailures, do: record, setAside: setAside, teller: teller}.handler()
}

// unreadLine returns the line of a change that could not be read: when it was, and of what.
func unreadLine(c store.Change) audit.Line {
	line := audit.Line{Ref: c.Ref, Outcome: audit.Allowed, Seed: c.Sequence, By: secret.Stamp{
		Operation: "unreadable-change", Principal: "service:record-changes", At: c.At,
	}}
	if c.Version != 0 {
		line.Version = strconv.Itoa(c.Version)
	}
	return line
}

// lineOf returns the audit line of a change. An operation that writes two rows, a version's and its
// secret's, leaves one line, the version's; a secret's first version is part of its creation.
func lineOf(c store.Change) (audit.Line, bool) {
	line := audit.Line{Ref: c.Ref, Outcome: audit.Allowed, By: c.By, Seed: c.Sequence}
	ofVersion := strings.HasSuffix(c.By.Operation, "-secret-version")
	switch {
	case c.Version == 0 && c.Removed:
		return purgeLine(c), true
	case !c.Stamped, c.Version == 0 && ofVersion, c.Version != 0 && !ofVersion:
		return line, false
	case c.Marked == secret.BySchedule: // the line follows when nothing is left
		return line, false
	case c.Marked == secret.ByForce:
		line.Reason = string(secret.ByForce)
	}
	if c.Version != 0 {
		line.Version = strconv.Itoa(c.Version)
	}
	return line, true
}

// purgeLine returns the last line of every secret. It names a mechanism only if the secret was deleted:
// a person must look at a row that was removed by hand, or expired without a delete. The stream reports
// the removal's second only: if the last change was in that second, the line's time is 1 ms after it.
func purgeLine(c store.Change) audit.Line {
	by, at := c.By, c.At
	if last := c.By.At.Add(time.Millisecond); last.After(at) {
		at = last
	}
	mechanism := c.Marked
	if c.Expired && mechanism == "" {
		by = secret.Stamp{Principal: "service:dynamodb"}
		if c.Old.Purged(c.At) { // else the purge is not ours
			mechanism = secret.ByTTL
		}
	}
	by.Operation, by.At = "purge", at
	return audit.Line{Ref: c.Ref, Outcome: audit.Allowed, By: by, Seed: c.Sequence, Purge: &audit.Purge{
		Mechanism: mechanism, Versions: c.Old.VersionCount,
		DeletedBy: c.Deleter.Principal, DeletedAt: c.Old.DeletedAt,
	}}
}
