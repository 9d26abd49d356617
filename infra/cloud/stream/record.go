package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"keepsake/infra/template"
)

// item is a record on its way to a function.
type item struct {
	sequence string
	created  time.Time
	json     []byte // as it stands in the function's event
}

// record is a change as GetRecords returns it and, in the same words, as Lambda's event has it. The
// images stay as they are written: no attribute value is decoded, so none can be lost.
type record struct {
	EventID      string    `json:"eventID"`
	EventName    string    `json:"eventName"`
	EventVersion string    `json:"eventVersion"`
	EventSource  string    `json:"eventSource"`
	Region       string    `json:"awsRegion"`
	Change       change    `json:"dynamodb"`
	UserIdentity *identity `json:"userIdentity,omitempty"` // who, where it was DynamoDB itself
	SourceARN    string    `json:"eventSourceARN"`
}

type change struct {
	Created  seconds         `json:"ApproximateCreationDateTime"`
	Keys     json.RawMessage `json:"Keys,omitempty"`
	NewImage json.RawMessage `json:"NewImage,omitempty"`
	OldImage json.RawMessage `json:"OldImage,omitempty"`
	Sequence string          `json:"SequenceNumber"`
	Bytes    int64           `json:"SizeBytes"`
	View     string          `json:"StreamViewType"`
}

// identity is decoded from both spellings that there are: Dynoxide's is Lambda's, the API's begins
// with capitals.
type identity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

// seconds is a time that the API writes with a fraction and Lambda's event without.
type seconds int64

// UnmarshalJSON cuts the fraction off.
func (s *seconds) UnmarshalJSON(text []byte) error {
	at, err := strconv.ParseFloat(string(text), 64)
	*s = seconds(at)
	return err
}

// toItem gives a record the form of Lambda's event. What the engine calls region and stream bears its
// own name; functions know the template's.
func (r record) toItem(streamARN string) (item, error) {
	r.Region, r.SourceARN = template.Region, streamARN
	content, err := json.Marshal(r)
	if err != nil {
		return item{}, fmt.Errorf("record %s: %w", r.Change.Sequence, err)
	}
	return item{sequence: r.Change.Sequence, created: time.Unix(int64(r.Change.Created), 0), json: content}, nil
}

const (
	eventHead = `{"Records":[`
	eventTail = `]}`
)

// event is what a function gets for a batch.
func event(batch []item) []byte {
	var all bytes.Buffer
	all.WriteString(eventHead)
	for i, it := range batch {
		if i > 0 {
			all.WriteByte(',')
		}
		all.Write(it.json)
	}
	all.WriteString(eventTail)
	return all.Bytes()
}

// fitting counts how many of the items make one batch: at most limit, in an event of at most size
// bytes, but one at least.
func fitting(items []item, limit, size int) int {
	length := len(eventHead) + len(eventTail)
	for i, it := range items {
		length += len(it.json) + 1
		if i > 0 && (i == limit || length > size) {
			return i
		}
	}
	return len(items)
}
