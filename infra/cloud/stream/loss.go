package stream

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// Why records were given up, in AWS's words.
const (
	retriesExhausted = "RetryAttemptsExhausted"
	ageExceeded      = "RecordAgeExceeded"
)

// loss is a group of records that were given up together.
type loss struct {
	items         []item
	condition     string
	invocations   int
	functionError bool // the last invocation returned an error
}

// message is what AWS sends to an OnFailure destination: where the records are, not their content.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type message struct {
	Request struct {
		ID          string `json:"requestId"` // made for the message: the pool does not return those of its requests
		Function    string `json:"functionArn"`
		Condition   string `json:"condition"`
		Invocations int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	Response *response `json:"responseContext,omitempty"` // of the last invocation, if there was one
	Version  string    `json:"version"`
	Time     string    `json:"timestamp"`
	Batch    struct {
		Shard  string `json:"shardId"`
		Start  string `json:"startSequenceNumber"`
		End    string `json:"endSequenceNumber"`
		First  string `json:"approximateArrivalOfFirstRecord"`
		Last   string `json:"approximateArrivalOfLastRecord"`
		Size   int    `json:"batchSize"`
		Stream string `json:"streamArn"` // the engine's own ARN, by which it finds the records
	} `json:"DDBStreamBatchInfo"`
}

type response struct {
	Status  int    `json:"statusCode"`
	Version string `json:"executedVersion"`
	Error   string `json:"functionError,omitempty"`
}

func (l loss) message(function string, at position, now time.Time) message {
	first, last := l.items[0], l.items[len(l.items)-1]
	var m message
	m.Request.ID = lambda.NewRequestID()
	m.Request.Function = template.FunctionARN(function)
	m.Request.Condition = l.condition
	m.Request.Invocations = l.invocations
	if l.invocations > 0 {
		m.Response = &response{Status: 200, Version: "$LATEST"}
		if l.functionError {
			m.Response.Error = "Unhandled"
		}
	}
	m.Version = "1.0"
	m.Time = now.UTC().Format("2006-01-02T15:04:05.000Z")
	m.Batch.Shard, m.Batch.Stream = at.Shard, at.Stream
	m.Batch.Start, m.Batch.End = first.sequence, last.sequence
	m.Batch.First = first.created.UTC().Format(time.RFC3339)
	m.Batch.Last = last.created.UTC().Format(time.RFC3339)
	m.Batch.Size = len(l.items)
	return m
}

// send appends a message to a queue's file as one line.
func send(file string, m message) error {
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	queue, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open a queue: %w", err)
	}
	if _, err := queue.Write(append(content, '\n')); err != nil {
		_ = queue.Close()
		return fmt.Errorf("write to a queue: %w", err)
	}
	return queue.Close()
}
