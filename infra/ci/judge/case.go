package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// group says where a case comes from.
type group string

const (
	recorded  group = "recorded calls"        // a test made it
	written   group = "calls from statements" // a statement is there for it
	nearMiss  group = "near misses"           // a call like one of these that differs in one thing
	oddPolicy group = "odd statements"        // a statement of the template that differs in one thing
)

// trial is a question with our evaluator's verdict.
type trial struct {
	group
	what    string // in a few words
	asked   iam.Question
	allowed bool
}

// trials are all cases, each question once.
type trials struct {
	all     []trial
	seen    map[string]bool
	refused map[string]bool // the odd policies that our evaluator refuses to judge
	faults  []string
}

// add asks our evaluator. It returns an error if that does not judge the question's policies.
func (t *trials) add(of group, what string, q iam.Question) error {
	text := key(q)
	if t.seen[text] {
		return nil
	}
	allowed, err := q.Answer()
	if err != nil {
		return err
	}
	t.seen[text] = true
	t.all = append(t.all, trial{of, what, q, allowed})
	return nil
}

// must adds a question whose policies are the template's, or a test's. Our evaluator must judge it.
func (t *trials) must(of group, what string, q iam.Question) {
	if err := t.add(of, what, q); err != nil {
		t.faults = append(t.faults, fmt.Sprintf("our evaluator refuses to judge: %v: %s", err, trial{of, what, q, false}.line()))
	}
}

// mustAllow adds a question that a statement is there for.
func (t *trials) mustAllow(what string, q iam.Question) {
	if allowed, _ := q.Answer(); !allowed {
		t.faults = append(t.faults, "a statement does not allow what it is there for: "+trial{written, what, q, false}.line())
	}
	t.must(written, what, q)
}

// addUnlessRefused adds calls that an odd policy decides, unless our evaluator refuses to judge that.
func (t *trials) addUnlessRefused(what string, policy []template.Statement, calls []iam.Question, put func(*iam.Question)) {
	for _, call := range calls {
		put(&call)
		if t.add(oddPolicy, what, call) != nil {
			t.refused[key(policy)] = true
			return
		}
	}
}

// key is the same for the same question, whatever it is about.
func key(q any) string {
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // it came from JSON or YAML
	}
	return string(text)
}

// line describes a trial.
func (t trial) line() string {
	var context []string
	for _, name := range slices.Sorted(maps.Keys(t.asked.Context)) {
		context = append(context, name+"="+t.asked.Context[name])
	}
	return fmt.Sprintf("%s, %s: %s may %s on %s [%s]", t.group, t.what, t.asked.Function, t.asked.Action, t.asked.Resource, strings.Join(context, " "))
}

// with returns q about another resource, whose policy is that of the template's key, if it is one.
func with(q iam.Question, resource string, keys []template.Key) iam.Question {
	q.Resource, q.Key = resource, nil
	for _, k := range keys {
		if k.ARN == resource && strings.HasPrefix(strings.ToLower(q.Action), "kms:") {
			q.Key = k.Statements
		}
	}
	return q
}
