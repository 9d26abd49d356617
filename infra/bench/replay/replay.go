// Package replay records one invocation of a function against the real engine, and then plays AWS for any
// number of invocations like it: each is a success, and nothing but the function works for it.
package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/stage"
	"keepsake/infra/bench/tape"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
)

// Recording is one invocation that can be repeated.
type Recording struct {
	Case  count.Case
	Event []byte
	Tape  string // the path of the file for bare

	responses map[string]wire.Response // by call, see kind
}

// Record prepares a case, runs its function once, and keeps the invocation's calls and their responses.
func Record(s *stage.Stage, c count.Case) (*Recording, error) {
	r := &Recording{Case: c, responses: map[string]wire.Response{}}
	if err := r.record(s); err != nil {
		return nil, fmt.Errorf("record %s: %w", c.Name, err)
	}
	return r, nil
}

func (r *Recording) record(s *stage.Stage) error {
	var mu sync.Mutex
	var calls []tape.Call
	s.Around(func(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
		response, err := perform(ctx, call)
		if call.AccessKey == lambda.AccessKey(r.Case.Function) && !isToken(s, call) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, tape.Call{Name: call.Name(), Body: call.Body})
			r.responses[kind(call)] = response
		}
		return response, err
	})
	defer s.Around(nil)
	request, err := r.Case.Prepare(s)
	if err != nil {
		return err
	}
	if r.Event, err = s.Event(r.Case.Function, request); err != nil {
		return err
	}
	calls = nil // those of the preparation leave their responses: a new container makes them, too
	answer, err := s.Call(r.Case.Function, request)
	if err != nil {
		return err
	}
	if answer.Status != r.Case.Status {
		return fmt.Errorf("the status is %d: %s", answer.Status, answer.Body)
	}
	return r.write(s, calls, answer)
}

// write writes the tape. The steps are those of the case's budget.
func (r *Recording) write(s *stage.Stage, calls []tape.Call, answer stage.Answer) error {
	var t tape.Tape
	for _, step := range r.Case.Steps {
		if len(step) > len(calls) {
			return fmt.Errorf("it made other calls than its budget %v", r.Case.Steps)
		}
		t.Steps, calls = append(t.Steps, calls[:len(step)]), calls[len(step):]
	}
	if r.Case.Function == "validate-token" {
		t.Get = "/locations?per_page=1"
	}
	t.Response.StatusCode, t.Response.Headers, t.Response.Body = answer.Status, answer.Headers, answer.Body
	content, err := json.Marshal(t)
	if err != nil {
		return err
	}
	r.Tape = filepath.Join(s.Folder, r.Case.Function+".tape.json")
	return os.WriteFile(r.Tape, content, 0o600)
}

// kind is what calls have in common that get the same response: name, table and index.
func kind(call wire.Call) string {
	var in struct{ TableName, IndexName string }
	_ = json.Unmarshal(call.Body, &in) // a call without them has empty ones
	return call.Name() + " " + in.TableName + " " + in.IndexName
}

// isToken reports whether a call looks up a token. A function does that once a minute, so it does not count
// as part of an invocation.
func isToken(s *stage.Stage, call wire.Call) bool {
	f, _ := s.Template.Function("get-secret")
	return call.Service == "dynamodb" && bytes.Contains(call.Body, []byte(f.Environment["TOKENS_TABLE"]))
}

// Play makes the stage answer from the recordings, each to its function and to bare in its place. Look-ups
// of tokens still reach the engine.
func Play(s *stage.Stage, all []*Recording) {
	byKey := map[string]*Recording{}
	for _, r := range all {
		byKey[lambda.AccessKey(r.Case.Function)] = r
		byKey[lambda.AccessKey(stage.Name(stage.Bare, r.Case.Function))] = r
	}
	s.Around(func(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
		if r := byKey[call.AccessKey]; r != nil && !isToken(s, call) {
			if response, ok := r.responses[kind(call)]; ok {
				return response, nil
			}
			return wire.Response{}, fmt.Errorf("%s made another call: %s", r.Case.Function, call.Name())
		}
		return perform(ctx, call)
	})
}
