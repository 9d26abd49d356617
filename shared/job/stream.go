package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

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
}

// handler has each record dealt with, up to the first that fails: the stream comes again with that
// one and those behind it. EventID would not do: Lambda looks for the sequence number.
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

// workOff returns how many records are dealt with.
func (r reader) workOff(ctx context.Context, records []events.DynamoDBEventRecord, done *account) int {
	for i, record := range records {
		if !hasTime(ctx, recordTime) {
			return i
		}
		change, err := r.dealWith(ctx, record, done)
		if err == nil {
			continue
		}
		if r.failures != "" {
			done.sum(r.failures, 1)
		}
		r.Log.LogAttrs(ctx, slog.LevelError, "a record will be tried again", append(about(change.Ref, change.By),
			slog.String("operation", r.operation), slog.String("sequence_number", record.Change.SequenceNumber),
			slog.String("error", err.Error()))...)
		return i
	}
	return len(records)
}

func (r reader) dealWith(ctx context.Context, record events.DynamoDBEventRecord, done *account) (change store.Change, err error) {
	defer safely(&err)
	change, ok, err := store.ReadChange(record)
	if err != nil || !ok {
		return change, err
	}
	return change, r.do(ctx, change, done)
}

// invocationID names this run of the function; empty outside Lambda.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
