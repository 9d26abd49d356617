package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// StreamHandler is what a function starts with that the table's stream wakes. What it could not
// do comes back as the sequence number of the record to go on from.
type StreamHandler = func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)

// recordTime is what one record may take.
const recordTime = 5 * time.Second

// inOrder has each record dealt with by do, up to the first that fails: the stream comes again
// with that one and those behind it. EventID would not do: Lambda looks for the sequence number.
func (s Shift) inOrder(ctx context.Context, operation string, event events.DynamoDBEvent, do func(context.Context, events.DynamoDBEventRecord) error) events.DynamoDBEventResponse {
	for _, record := range event.Records {
		err := context.DeadlineExceeded
		if hasTime(ctx, recordTime) {
			err = s.dealWith(ctx, record, do)
		}
		if err == nil {
			continue
		}
		s.Log.LogAttrs(ctx, slog.LevelError, "a record will be tried again", slog.String("operation", operation),
			slog.String("sequence_number", record.Change.SequenceNumber), slog.String("error", err.Error()))
		return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{
			{ItemIdentifier: record.Change.SequenceNumber},
		}}
	}
	return events.DynamoDBEventResponse{}
}

func (s Shift) dealWith(ctx context.Context, record events.DynamoDBEventRecord, do func(context.Context, events.DynamoDBEventRecord) error) (err error) {
	defer safely(&err)
	return do(ctx, record)
}
