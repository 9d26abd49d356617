package trace

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"keepsake/infra/bench/stage"
	"keepsake/infra/cloud/wire"
)

// recorder notes the keys of an invocation's calls, and the changes that the table's stream would tell of.
type recorder struct {
	stage *stage.Stage
	words words

	write   sync.Mutex // held while a write changes rows, so that what differs afterwards is what it did
	mu      sync.Mutex
	touches []Touch
	changes []change
	kms     int
	fault   error
}

func newRecorder(s *stage.Stage, w words) *recorder {
	w.workspace, w.others = stage.Workspace, map[string]string{}
	return &recorder{stage: s, words: w}
}

// around implements wire.Around.
func (r *recorder) around(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	if call.Service != "dynamodb" {
		r.mu.Lock()
		r.kms++
		r.mu.Unlock()
		return perform(ctx, call)
	}
	asked, err := readRequest(call)
	if err != nil {
		return wire.Response{}, err
	}
	var before images
	if asked.writes() {
		r.write.Lock()
		defer r.write.Unlock()
		if before, err = r.images(ctx, asked.tables()); err != nil {
			return wire.Response{}, err
		}
	}
	response, err := perform(ctx, asked.counted)
	if err != nil || !response.OK() {
		return response, err
	}
	if err := r.note(ctx, asked, before, response.Body); err != nil {
		r.mu.Lock()
		r.fault = fmt.Errorf("%s: %w", call.Action, err)
		r.mu.Unlock()
	}
	return response, nil
}

// note adds what a call consumed to its keys.
func (r *recorder) note(ctx context.Context, asked request, before images, body []byte) error {
	used, err := readCapacity(body)
	if err != nil {
		return err
	}
	var touches []Touch
	for table, c := range used {
		base, err := asked.ofTable(table, c)
		if err != nil {
			return err
		}
		touches = append(touches, base...)
	}
	var changes []change
	if asked.writes() {
		after, err := r.images(ctx, asked.tables())
		if err != nil {
			return err
		}
		entries, err := r.indexEntries(before, after, used, asked.action == "TransactWriteItems")
		if err != nil {
			return err
		}
		touches, changes = append(touches, entries...), rowChanges(before, after)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range touches {
		r.touches = merge(r.touches, r.words.touch(t))
	}
	r.changes = append(r.changes, changes...)
	return nil
}

// capacity is what a call consumed in one table.
type capacity struct {
	TableName                                     string
	CapacityUnits                                 float64
	LocalSecondaryIndexes, GlobalSecondaryIndexes map[string]struct{ CapacityUnits float64 }
}

// ofTable is what the table's own partitions took: its rows and the entries of its local indexes.
func (c capacity) ofTable() float64 { return c.CapacityUnits - c.ofGlobal() }

func (c capacity) ofGlobal() float64 {
	sum := 0.0
	for _, i := range c.GlobalSecondaryIndexes {
		sum += i.CapacityUnits
	}
	return sum
}

func (c capacity) ofLocal() float64 {
	sum := 0.0
	for _, i := range c.LocalSecondaryIndexes {
		sum += i.CapacityUnits
	}
	return sum
}

// readCapacity returns what a response reports, by table.
func readCapacity(body []byte) (map[string]capacity, error) {
	var response struct{ ConsumedCapacity json.RawMessage }
	if err := json.Unmarshal(body, &response); err != nil {
		return nil, err
	}
	text := string(response.ConsumedCapacity)
	if text == "" {
		return nil, fmt.Errorf("the engine reports no capacity")
	}
	if !strings.HasPrefix(text, "[") {
		text = "[" + text + "]"
	}
	var all []capacity
	err := json.Unmarshal([]byte(text), &all)
	used := map[string]capacity{}
	for _, c := range all {
		used[c.TableName] = c
	}
	return used, err
}
