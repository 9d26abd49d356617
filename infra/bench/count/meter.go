package count

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"keepsake/infra/cloud/wire"
)

// patience is how long a call waits for the others that its budget has in the same step.
const patience = time.Second

// meter counts the calls of one invocation while they pass the proxy. Calls that overlap are one step. A
// step whose budget has several calls is performed once all have come: if they come one after the other,
// each is a step of its own.
type meter struct {
	expected []int // calls by step

	mu        sync.Mutex
	steps     [][]string
	underway  int
	all       chan struct{} // closed when all calls of the present step have come
	read      float64
	written   float64
	indexed   float64 // the part of written that index entries took
	malformed error
}

func newMeter(budget [][]string) *meter {
	m := &meter{}
	for _, step := range budget {
		m.expected = append(m.expected, len(step))
	}
	return m
}

// around implements wire.Around.
func (m *meter) around(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
	all := m.begin(call.Name())
	defer m.end()
	select {
	case <-all:
	case <-time.After(patience):
	case <-ctx.Done():
	}
	if call.Service != "dynamodb" {
		return perform(ctx, call)
	}
	counted, err := withCapacity(call)
	if err != nil {
		return wire.Response{}, err
	}
	response, err := perform(ctx, counted)
	if err == nil && response.OK() {
		m.note(call.Action, response.Body)
	}
	return response, err
}

// begin notes a call. The channel is closed when the call's step is complete.
func (m *meter) begin(name string) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.underway == 0 {
		m.steps = append(m.steps, nil)
		m.all = make(chan struct{})
	}
	m.underway++
	last := len(m.steps) - 1
	m.steps[last] = append(m.steps[last], name)
	if n := len(m.steps[last]); last >= len(m.expected) && n == 1 || last < len(m.expected) && n == m.expected[last] {
		close(m.all)
	}
	return m.all
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underway--
}

// withCapacity makes a call of DynamoDB report what it consumes.
func withCapacity(call wire.Call) (wire.Call, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(call.Body, &fields); err != nil {
		return call, err
	}
	fields["ReturnConsumedCapacity"] = json.RawMessage(`"INDEXES"`)
	var err error
	call.Body, err = json.Marshal(fields)
	return call, err
}

// capacity is what a call consumed, and how much of it the indexes did.
type capacity struct {
	CapacityUnits                                 float64
	LocalSecondaryIndexes, GlobalSecondaryIndexes map[string]struct{ CapacityUnits float64 }
}

func (c capacity) ofIndexes() float64 {
	sum := 0.0
	for _, i := range c.LocalSecondaryIndexes {
		sum += i.CapacityUnits
	}
	for _, i := range c.GlobalSecondaryIndexes {
		sum += i.CapacityUnits
	}
	return sum
}

// note adds the units that a response reports.
func (m *meter) note(action string, body []byte) {
	var response struct{ ConsumedCapacity json.RawMessage }
	err := json.Unmarshal(body, &response)
	var several []capacity
	if err == nil && response.ConsumedCapacity != nil {
		if response.ConsumedCapacity[0] == '[' {
			err = json.Unmarshal(response.ConsumedCapacity, &several)
		} else {
			several = make([]capacity, 1)
			err = json.Unmarshal(response.ConsumedCapacity, &several[0])
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.malformed = err
	}
	for _, c := range several {
		if reads(action) {
			m.read += c.CapacityUnits
		} else {
			m.written += c.CapacityUnits
			m.indexed += c.ofIndexes()
		}
	}
}

// reads reports whether an action of DynamoDB consumes read units.
func reads(action string) bool {
	return action == "Query" || action == "Scan" || strings.Contains(action, "Get")
}
