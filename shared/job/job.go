// Package job is what runs without a request: jobs that a schedule starts, and consumers of the
// secrets table's stream. Each works in steps that fit into its function's time limit. A run that is
// killed loses nothing: the next run or the redelivered record finishes what it began.
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

// Handler is the handler of a scheduled function. It returns an error if the job could not go on. If
// a single item fails, only the log says so.
type Handler = func(context.Context, Event) error

// Runner is what the jobs share.
type Runner struct {
	Now     func() time.Time
	Log     *slog.Logger
	Metrics telemetry.Metrics
}

// now returns the time, cut to the second.
func (r Runner) now() time.Time { return r.Now().UTC().Truncate(time.Second) }

// earlier returns the earlier of our clock's time and DynamoDB's; ours if serverTime is zero. So a
// clock of ours that is fast, by however much, makes nothing happen early.
func (r Runner) earlier(serverTime time.Time) time.Time {
	now := r.Now()
	if serverTime.IsZero() || now.Before(serverTime) {
		return now
	}
	return serverTime
}

// stamp returns the stamp of a change that this run of job makes now.
func (r Runner) stamp(ctx context.Context, job string, event Event) secret.Stamp {
	return secret.Stamp{
		Operation: job, Principal: "service:" + job, RequestID: event.ID, InvocationID: invocationID(ctx), At: r.now(),
	}
}

// hasTime reports whether the function may still run for need before it is killed.
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
