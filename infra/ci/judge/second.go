package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"keepsake/infra/template"
)

// second is the second judge: a program for Node, whose packages are in tools.
type second struct{ root, tools string }

// opinion is what it says of a question or a document.
type opinion struct {
	ID      int      `json:"id"`
	Allowed bool     `json:"allowed"`
	Errors  []string `json:"errors"` // why AWS would not take the policy
}

// statement is one as AWS writes it.
type statement struct {
	Sid       string                    `json:",omitempty"`
	Effect    string                    `json:",omitempty"`
	Principal map[string][]string       `json:",omitempty"`
	Action    []string                  `json:",omitempty"`
	Resource  []string                  `json:",omitempty"`
	Condition map[string]map[string]any `json:",omitempty"`
}

func asOnAWS(all []template.Statement) []statement {
	out := make([]statement, 0, len(all))
	for _, s := range all {
		out = append(out, statement{s.Sid, s.Effect, s.Principals, s.Actions, s.Resources, s.Condition})
	}
	return out
}

// questions are lines for the second judge. A policy is written once, before the first question about it.
type questions struct {
	lines bytes.Buffer
	names map[string]string
	asked int
}

func (q *questions) write(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // it came from JSON or YAML
	}
	q.lines.Write(append(text, '\n'))
}

// policy returns a policy's name.
func (q *questions) policy(kind string, statements []template.Statement) string {
	text := kind + key(statements)
	if q.names[text] == "" {
		q.names[text] = fmt.Sprint("policy ", len(q.names))
		q.write(map[string]any{"policy": q.names[text], "kind": kind, "statements": asOnAWS(statements)})
	}
	return q.names[text]
}

func (q *questions) ask(t trial) {
	about := t.asked
	context := changed(about.Context, principalARN, &about.Role)
	line := map[string]any{
		"id": q.asked, "role": q.policy("role", about.Statements), "principal": about.Session(),
		"action": about.Action, "resource": about.Resource, "context": context,
		"known": t.allowed && (t.group == recorded || t.group == written), // AWS knows this action of this resource
	}
	if about.Key != nil {
		line["key"] = q.policy("key", about.Key)
	}
	q.write(line)
	q.asked++
}

// lint asks what is wrong with a document.
func (q *questions) lint(d document) {
	q.write(map[string]any{"id": q.asked, "lint": d.content, "kind": d.kind})
	q.asked++
}

// opinions returns what the second judge says of the trials, and then of the documents.
func (s second) opinions(ctx context.Context, all []trial, documents []document) ([]opinion, error) {
	q := &questions{names: map[string]string{}}
	for _, each := range all {
		q.ask(each)
	}
	for _, d := range documents {
		q.lint(d)
	}
	return s.answers(ctx, q)
}

// answers returns the opinions, in the order of the questions.
func (s second) answers(ctx context.Context, q *questions) ([]opinion, error) {
	node := exec.CommandContext(ctx, "node", filepath.Join(s.root, "infra/ci/judge/judge.mjs"), s.tools)
	node.Stdin, node.Stderr = &q.lines, os.Stderr
	out, err := node.Output()
	if err != nil {
		return nil, fmt.Errorf("the second judge: %w", err)
	}
	all := make([]opinion, 0, q.asked)
	lines := bufio.NewReader(bytes.NewReader(out))
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && strings.TrimSpace(line) == "" {
			break
		}
		var o opinion
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return nil, fmt.Errorf("the second judge: %q: %w", line, err)
		}
		if o.ID != len(all) {
			return nil, fmt.Errorf("the second judge answered question %d instead of question %d", o.ID, len(all))
		}
		all = append(all, o)
	}
	if len(all) != q.asked {
		return nil, fmt.Errorf("the second judge answered %d of %d questions", len(all), q.asked)
	}
	return all, nil
}
