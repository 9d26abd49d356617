// Package job is what a schedule starts: work that nobody waits for, in steps that fit into the
// time that a function has. A job that is killed is a job that goes on a minute later: no step
// leaves anything half done.
package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/telemetry"
)

// Event is what EventBridge Scheduler sends.
type Event = events.EventBridgeEvent

// Handler is what a scheduled function starts with. It returns an error if the job could not go on;
// what is wrong with a single item is in the log.
type Handler = func(context.Context, Event) error

// Runner is what the jobs share.
type Runner struct {
	Now     func() time.Time
	Log     *slog.Logger
	Metrics telemetry.Metrics
}

// now is the second that something happens in.
func (r Runner) now() time.Time { return r.Now().UTC().Truncate(time.Second) }

// earlier is the earlier of our clock's time and the time that DynamoDB told; ours if it told none.
// So a clock of ours that is fast, by however much, makes nothing happen early.
func (r Runner) earlier(serverTime time.Time) time.Time {
	now := r.Now()
	if serverTime.IsZero() || now.Before(serverTime) {
		return now
	}
	return serverTime
}

// stamp says that this run of a job does something, now.
func (r Runner) stamp(ctx context.Context, job string, event Event) secret.Stamp {
	return secret.Stamp{
		Operation: job, Principal: "service:" + job, RequestID: event.ID, InvocationID: invocationID(ctx), At: r.now(),
	}
}

// hasTime reports whether a run has need left before its function is killed.
func hasTime(ctx context.Context, need time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(deadline) >= need)
}

// safely turns a panic into an error.
func safely(err *error) {
	if r := recover(); r != nil {
		*err = fault.Panic(r)
	}
}
