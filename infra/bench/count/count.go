// Package count counts what one invocation of each function asks of AWS: the calls, in how many steps, the
// capacity units as the DynamoDB engine reports them, and the bytes of its log. Each count has a budget,
// which a test holds.
package count

import (
	"context"
	"fmt"
	"slices"
	"time"

	"keepsake/infra/bench/stage"
	"keepsake/infra/cloud/host"
)

// Count is what one warm invocation of a function asked of AWS, with its token in the cache. A value has
// 22 bytes, a secret one version, unless the case says otherwise.
type Count struct {
	Case          string     // its name in Cases
	Function      string     // such as "get-secret"
	Steps         [][]string // the calls, such as "dynamodb:GetItem", in alphabetical order within a step; those of a step overlap
	ReadUnits     float64    // of DynamoDB
	WriteUnits    float64    // of DynamoDB; the engine doubles a transaction's rows, but not its index entries
	IndexUnits    float64    // the part of WriteUnits that index entries took
	LogBytes      int        // what the function wrote to its log
	ResponseBytes int        // what the function handed to Lambda
}

// Calls is the number of calls of a service, "dynamodb" or "kms".
func (c Count) Calls(service string) int {
	n := 0
	for _, step := range c.Steps {
		for _, call := range step {
			if len(call) > len(service) && call[:len(service)+1] == service+":" {
				n++
			}
		}
	}
	return n
}

// All counts each of Cases. It takes some seconds.
func All(ctx context.Context, s *stage.Stage) ([]Count, error) {
	all := make([]Count, 0, len(Cases))
	for _, c := range Cases {
		n, err := c.Count(ctx, s)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// Prepare makes what the case needs, and returns its request.
func (c Case) Prepare(s *stage.Stage) (stage.Request, error) {
	if c.prepare == nil {
		return stage.Request{}, nil
	}
	return c.prepare(secrets{s})
}

// Count prepares the case and counts its one invocation.
func (c Case) Count(ctx context.Context, s *stage.Stage) (Count, error) {
	request, err := c.Prepare(s)
	if err != nil {
		return Count{}, fmt.Errorf("prepare %s: %w", c.Name, err)
	}
	return c.CountOf(ctx, s, request)
}

// CountOf counts one invocation on a request. It is an error if the answer has another status than the
// case's.
func (c Case) CountOf(ctx context.Context, s *stage.Stage, request stage.Request) (Count, error) {
	n, err := c.count(ctx, s, request)
	if err != nil {
		return n, fmt.Errorf("count %s: %w", c.Name, err)
	}
	return n, nil
}

func (c Case) count(ctx context.Context, s *stage.Stage, request stage.Request) (Count, error) {
	n := Count{Case: c.Name, Function: c.Function}
	p, err := warm(ctx, s, c.Function)
	if err != nil {
		return n, err
	}
	before := p.LogBytes()
	m := newMeter(c.Steps)
	s.Around(m.around)
	defer s.Around(nil)
	answer, err := p.Call(request)
	if err != nil {
		return n, err
	}
	if answer.Status != c.Status {
		return n, fmt.Errorf("the status is %d, not %d: %s", answer.Status, c.Status, answer.Body)
	}
	if n.LogBytes, err = logged(ctx, p, before); err != nil {
		return n, err
	}
	for _, step := range m.steps {
		slices.Sort(step)
	}
	n.Steps, n.ResponseBytes = m.steps, answer.Bytes
	n.ReadUnits, n.WriteUnits, n.IndexUnits = m.read, m.written, m.indexed
	return n, m.malformed
}

// warm returns the function's process once it has had an invocation: its token is in the cache.
func warm(ctx context.Context, s *stage.Stage, function string) (*stage.Process, error) {
	p, err := s.Process(function)
	if err != nil {
		return nil, err
	}
	before := p.LogBytes()
	if _, err := p.Call(stage.Request{ID: "sec_none", Vid: "latest"}); err != nil {
		return nil, err
	}
	_, err = logged(ctx, p, before)
	return p, err
}

// logged returns how much the process has logged since before, once that has come through its pipe. Each
// invocation logs one line at its end.
func logged(ctx context.Context, p *stage.Process, before int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := host.Poll(ctx, time.Millisecond, func() (bool, error) { return p.LogBytes() > before, nil })
	return p.LogBytes() - before, err
}
