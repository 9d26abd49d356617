package trace

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// change is a row before and after a write; nil if it was not there.
type change struct{ old, now row }

// streamed is the table that has a stream.
const streamed = "SecretsTable"

// rowChanges returns what the stream would tell of a write, in the order of the keys.
func rowChanges(before, after images) (all []change) {
	keys := map[string]bool{}
	for key := range before[streamed] {
		keys[key] = true
	}
	for key := range after[streamed] {
		keys[key] = true
	}
	var sorted []string
	for key := range keys {
		sorted = append(sorted, key)
	}
	sort.Strings(sorted)
	for _, key := range sorted {
		c := change{before[streamed][key], after[streamed][key]}
		if fmt.Sprint(plain(c.old)) != fmt.Sprint(plain(c.now)) {
			all = append(all, c)
		}
	}
	return all
}

// recordChanges runs record-changes on the changes. What it does is added to the recorder's touches, as of later.
func (r *recorder) recordChanges(ctx context.Context, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	event, err := streamEvent(changes, time.Now())
	if err != nil {
		return err
	}
	p, err := r.stage.Process("record-changes")
	if err != nil {
		return err
	}
	later := &recorder{stage: r.stage, words: r.words}
	r.stage.Around(later.around)
	result, err := p.Invoke(event)
	if err == nil && strings.Contains(string(result), "itemIdentifier") {
		err = fmt.Errorf("record-changes did not take the changes: %s", result)
	}
	if err == nil {
		err = later.fault
	}
	for _, t := range later.touches {
		t.Later = true
		r.touches = merge(r.touches, t)
	}
	return err
}

// streamEvent returns the event by which Lambda would tell a function of the changes.
func streamEvent(changes []change, now time.Time) ([]byte, error) {
	var records []map[string]any
	for i, c := range changes {
		kind, of := "MODIFY", c.now
		switch {
		case c.old == nil:
			kind = "INSERT"
		case c.now == nil:
			kind, of = "REMOVE", c.old
		}
		inner := map[string]any{
			"ApproximateCreationDateTime": now.Unix(), "StreamViewType": "NEW_AND_OLD_IMAGES",
			"SequenceNumber": fmt.Sprintf("1%020d", i), "Keys": plain(row{"pk": of["pk"], "sk": of["sk"]}),
		}
		if c.old != nil {
			inner["OldImage"] = plain(c.old)
		}
		if c.now != nil {
			inner["NewImage"] = plain(c.now)
		}
		records = append(records, map[string]any{
			"eventID": fmt.Sprint(i), "eventName": kind, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": inner,
			"eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/" + streamed + "/stream/2026-11-23T00:00:00.000",
		})
	}
	return json.Marshal(map[string]any{"Records": records})
}

// plain returns a row as DynamoDB's JSON has it.
func plain(item row) map[string]any {
	out := map[string]any{}
	for name, value := range item {
		out[name] = plainValue(value)
	}
	return out
}

func plainValue(value types.AttributeValue) map[string]any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": base64.StdEncoding.EncodeToString(v.Value)}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": plain(v.Value)}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, one := range v.Value {
			list = append(list, plainValue(one))
		}
		return map[string]any{"L": list}
	}
	panic(fmt.Sprintf("no row has an attribute of type %T", value))
}
