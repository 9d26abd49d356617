package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"keepsake/shared/fault"
	"keepsake/shared/store"
)

// StreamHandler is what a function starts with that the table's stream wakes. What it could not
// do comes back as the sequence number of the record to go on from.
type StreamHandler = func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)

// recordTime is what one record may take.
const recordTime = 5 * time.Second

// reader deals with the changes of a stream, one after the other.
type reader struct {
	Shift
	operation string
	failures  string // the metric of changes that could not be dealt with; empty: none
	do        func(context.Context, store.Change, *account) error
	// setAside deals with a change of which only the record's keys are known, once it has been waited
	// for. nil: it stays a failure, until the stream itself gives it up.
	setAside func(context.Context, store.Change) error
}

// handler has each record dealt with and names the first that was not: the stream comes again with that
// one and all behind it. EventID would not do: Lambda looks for the sequence number.
func (r reader) handler() StreamHandler {
	run := r.accounted(r.operation)
	return func(ctx context.Context, event events.DynamoDBEvent) (response events.DynamoDBEventResponse, err error) {
		err = run(ctx, invocationID(ctx), func(ctx context.Context, done *account) error {
			n := r.workOff(ctx, event.Records, done)
			done.note("records", n)
			if left := event.Records[n:]; len(left) > 0 {
				done.note("left", len(left))
				response.BatchItemFailures = []events.DynamoDBBatchItemFailure{{ItemIdentifier: left[0].Change.SequenceNumber}}
			}
			return nil
		})
		return response, err
	}
}

// workOff returns how many records are dealt with before the first that is not. It ends with the first
// that a backend refuses, since it would refuse the next, too. One that cannot be read says nothing
// about the next: those behind it are dealt with, so that they need not wait for it.
func (r reader) workOff(ctx context.Context, records []events.DynamoDBEventRecord, done *account) int {
	first := len(records)
	for i, record := range records {
		if !hasTime(ctx, recordTime) {
			return min(first, i)
		}
		change, err := r.dealWith(ctx, record, done)
		if err == nil {
			continue
		}
		if r.failures != "" {
			done.sum(r.failures, 1)
		}
		unread := errors.As(err, new(unreadable))
		if unread && r.givesUp(ctx, change) {
			r.tell(ctx, "a record was set aside unread", change, record, err)
			continue
		}
		r.tell(ctx, "a record will be tried again", change, record, err)
		if first = min(first, i); !unread {
			return first
		}
	}
	return first
}

// unreadable is the error of a record that this code does not understand.
type unreadable struct{ error }

// patience is how long a record that cannot be read is kept waiting, and all behind its batch with it:
// longer than a deployment takes, whose newer code may be able to read it.
const patience = time.Hour

// givesUp reports whether a record that cannot be read has been waited for and is set aside.
func (r reader) givesUp(ctx context.Context, change store.Change) bool {
	return r.setAside != nil && r.Now().Sub(change.At) >= patience && r.setAside(ctx, change) == nil
}

func (r reader) dealWith(ctx context.Context, record events.DynamoDBEventRecord, done *account) (change store.Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable{fault.Panic(p)}
		}
	}()
	change, ok, err := store.ReadChange(record)
	switch {
	case err != nil:
		return change, unreadable{err}
	case !ok:
		return change, nil
	}
	return change, r.do(ctx, change, done)
}

func (r reader) tell(ctx context.Context, what string, change store.Change, record events.DynamoDBEventRecord, err error) {
	r.Log.LogAttrs(ctx, slog.LevelError, what, append(about(change.Ref, change.By),
		slog.String("operation", r.operation), slog.String("sequence_number", record.Change.SequenceNumber),
		slog.String("error", err.Error()))...)
}

// invocationID names this run of the function; empty outside Lambda.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
