package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// StreamHandler is the handler of a function that consumes the table's stream. If it could not handle
// all records, it returns the sequence number of the record to go on from.
type StreamHandler = func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)

// recordTime is how long one record may take.
const recordTime = 5 * time.Second

// consumer handles the changes of a stream, one after the other.
type consumer struct {
	Runner
	operation string
	failures  string // the metric that counts failed changes; empty: none
	do        func(context.Context, store.Change, *tally) error
	// setAside handles a change that could not be read for an hour. It knows only the record's keys. nil:
	// the change stays a failure until the stream itself gives up.
	setAside func(context.Context, store.Change) error
	teller   secret.Teller // is told of the changes at the end; nil: nobody is
}

// handler returns a handler that names the first record that failed: the stream delivers that record
// and all after it again. Lambda expects its sequence number, not its EventID.
func (c consumer) handler() StreamHandler {
	run := c.logged(c.operation)
	return func(ctx context.Context, event events.DynamoDBEvent) (response events.DynamoDBEventResponse, err error) {
		err = run(ctx, invocationID(ctx), func(ctx context.Context, counts *tally) error {
			n := c.handleBatch(ctx, event.Records, counts)
			counts.note("records", n)
			c.tell(ctx, c.operation, c.teller, counts)
			if left := event.Records[n:]; len(left) > 0 {
				counts.note("left", len(left))
				response.BatchItemFailures = []events.DynamoDBBatchItemFailure{{ItemIdentifier: left[0].Change.SequenceNumber}}
			}
			return nil
		})
		return response, err
	}
}

// handleBatch returns how many records it handled before the first that failed. It stops at a record
// that a backend refuses, which would refuse the next too. A record that cannot be read does not stop
// it: the records after it need not wait.
func (c consumer) handleBatch(ctx context.Context, records []events.DynamoDBEventRecord, counts *tally) int {
	first := len(records)
	for i, record := range records {
		if !hasTime(ctx, recordTime) {
			return min(first, i)
		}
		change, err := c.handleRecord(ctx, record, counts)
		if err == nil {
			continue
		}
		if c.failures != "" {
			counts.sum(c.failures, 1)
		}
		unread := errors.As(err, new(unreadable))
		if unread && c.trySetAside(ctx, change) {
			c.logFailure(ctx, "a record was set aside unread", change, record, err)
			continue
		}
		c.logFailure(ctx, "a record will be tried again", change, record, err)
		if first = min(first, i); !unread {
			return first
		}
	}
	return first
}

// unreadable is the error of a record that this code does not understand.
type unreadable struct{ error }

// unreadableWait is how long a record that cannot be read is retried, while all after its batch wait:
// longer than a deployment takes, because newer code may be able to read it.
const unreadableWait = time.Hour

// trySetAside sets an unreadable record aside if it has been retried for long enough. It reports
// whether it did.
func (c consumer) trySetAside(ctx context.Context, change store.Change) bool {
	return c.setAside != nil && c.Now().Sub(change.At) >= unreadableWait && c.setAside(ctx, change) == nil
}

func (c consumer) handleRecord(ctx context.Context, record events.DynamoDBEventRecord, counts *tally) (change store.Change, err error) {
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
	return change, c.do(ctx, change, counts)
}

func (c consumer) logFailure(ctx context.Context, what string, change store.Change, record events.DynamoDBEventRecord, err error) {
	c.Log.LogAttrs(ctx, slog.LevelError, what, append(secretAttrs(change.Ref, change.By),
		slog.String("operation", c.operation), slog.String("sequence_number", record.Change.SequenceNumber),
		slog.String("error", err.Error()))...)
}

// invocationID returns the id of this run of the function. Outside Lambda it is empty, unlike in
// shared/api: no write of a job is recognised by it.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
