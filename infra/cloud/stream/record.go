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
	json     []byte // its part of the function's event
}

// record is a change as GetRecords returns it. Lambda's event has the same fields. The images stay as
// they are: no attribute value is decoded, so none can be lost.
type record struct {
	EventID      string    `json:"eventID"`
	EventName    string    `json:"eventName"`
	EventVersion string    `json:"eventVersion"`
	EventSource  string    `json:"eventSource"`
	Region       string    `json:"awsRegion"`
	Change       change    `json:"dynamodb"`
	UserIdentity *identity `json:"userIdentity,omitempty"` // if DynamoDB made the change
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

// identity is decoded from two spellings: Dynoxide's, which is Lambda's, and the API's, which begins with
// capitals.
type identity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

// seconds is a time. The API writes it with a fraction, Lambda's event without.
type seconds int64

// UnmarshalJSON drops the fraction.
func (s *seconds) UnmarshalJSON(text []byte) error {
	at, err := strconv.ParseFloat(string(text), 64)
	*s = seconds(at)
	return err
}

// toItem writes a record as in Lambda's event. It replaces the engine's own names of the region and the
// stream by the template's, which functions know.
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

// event returns what a function gets for a batch.
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

// fitting returns how many of the items go into one batch: at most limit, in an event of at most size
// bytes, but at least one.
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
