package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// readRecord returns the decisions that tests have recorded in a folder, each once, in an order that does not depend
// on which test was first.
func readRecord(folder string) ([]iam.Decision, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, file := range files {
		read, err := linesOf(file)
		if err != nil {
			return nil, err
		}
		lines = append(lines, read...)
	}
	var all []iam.Decision
	for _, line := range unique(lines) {
		var d iam.Decision
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		if d.Role == "" {
			d.Role = template.RoleARN("of-a-test") // nobody asks AWS without one
		}
		all = append(all, d)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no test has recorded a call in %s", folder)
	}
	return all, nil
}

func linesOf(file string) (lines []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines, scanner.Err()
}

// unused lists the statements of functions' roles that no recorded call needed. Only calls to DynamoDB and KMS by a
// function's own code are recorded: Lambda makes the others, or they go to services that the laptop does not have.
func (w world) unused(decisions []iam.Decision) (all []string) {
	for _, a := range w.actors {
		for _, s := range a.statements {
			if a.acts && slices.ContainsFunc(s.Actions, isRecorded) && !slices.ContainsFunc(decisions, a.needs(s)) {
				all = append(all, "no recorded call needs a statement: "+a.name+" "+s.Sid)
			}
		}
	}
	return all
}

func isRecorded(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return (service == "dynamodb" || service == "kms") && !iam.Right{Action: action}.IsForLambda()
}

// needs reports whether a call of the actor's function was allowed, and is allowed by the statement alone.
func (a actor) needs(s template.Statement) func(iam.Decision) bool {
	return func(d iam.Decision) bool {
		alone := d.Question
		alone.Statements = []template.Statement{s}
		allowed, err := alone.Answer()
		return d.Allowed && d.Role == a.role && allowed && err == nil
	}
}
