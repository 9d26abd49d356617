// Package bustest plays EventBridge for tests: one event bus, over the wire protocol that its clients speak.
package bustest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// ARN is the bus's.
const ARN = "arn:aws:events:us-east-1:000000000000:event-bus/keepsake"

// Entry is an event as it came.
type Entry struct {
	EventBusName string
	Source       string
	DetailType   string
	Detail       string
	Time         float64 // Unix seconds
}

// Field returns a field of the detail; nil if it has none.
func (e Entry) Field(name string) any {
	var all map[string]any
	_ = json.Unmarshal([]byte(e.Detail), &all) // Bus has checked it
	return all[name]
}

// Bus is the event bus. Many goroutines may use it at once.
type Bus struct {
	URL string

	t      testing.TB
	mu     sync.Mutex
	calls  [][]Entry
	taken  []Entry
	refuse func(Entry) bool
	status int
}

// Start starts a bus that takes everything.
func Start(t testing.TB) *Bus {
	t.Helper()
	b := &Bus{t: t, refuse: func(Entry) bool { return false }}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

// Refuse makes the bus refuse those events, one by one, from now on.
func (b *Bus) Refuse(which func(Entry) bool) { b.mu.Lock(); defer b.mu.Unlock(); b.refuse = which }

// Fail makes it answer each call with this status; 0: as it should.
func (b *Bus) Fail(status int) { b.mu.Lock(); defer b.mu.Unlock(); b.status = status }

// Taken returns the events that it has taken so far.
func (b *Bus) Taken() []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Entry(nil), b.taken...)
}

// Calls returns the calls so far, each with its events.
func (b *Bus) Calls() [][]Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([][]Entry(nil), b.calls...)
}

type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// ServeHTTP is PutEvents. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (b *Bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var call struct{ Entries []Entry }
	err := json.NewDecoder(r.Body).Decode(&call)
	switch target, form := r.Header.Get("X-Amz-Target"), r.Header.Get("Content-Type"); {
	case err != nil || target != "AWSEvents.PutEvents" || form != "application/x-amz-json-1.1":
		b.t.Errorf("the bus was sent %s of %s: %v", target, form, err)
	case len(call.Entries) < 1 || len(call.Entries) > 10:
		b.t.Errorf("a call has %d events, 1 to 10 may be", len(call.Entries))
	}
	b.calls = append(b.calls, call.Entries)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if b.status != 0 {
		w.WriteHeader(b.status)
		_, _ = w.Write([]byte(`{"__type":"InternalException","message":"no"}`))
		return
	}
	answer := struct {
		FailedEntryCount int
		Entries          []result
	}{}
	for _, e := range call.Entries {
		if e.EventBusName != ARN || e.Source == "" || e.DetailType == "" || !json.Valid([]byte(e.Detail)) {
			b.t.Errorf("not an event of this bus: %+v", e)
		}
		if b.refuse(e) {
			answer.FailedEntryCount++
			answer.Entries = append(answer.Entries, result{ErrorCode: "ThrottlingException", ErrorMessage: "later"})
			continue
		}
		b.taken = append(b.taken, e)
		answer.Entries = append(answer.Entries, result{EventID: "id"})
	}
	_ = json.NewEncoder(w).Encode(answer)
}
