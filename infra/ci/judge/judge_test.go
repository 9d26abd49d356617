package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

// TestTheJudgesAgree is a whole run. infra/ci/judge/run faults has the second judge and a record, `make test` does not.
func TestTheJudgesAgree(t *testing.T) {
	s := settings{record: os.Getenv("JUDGE_RECORD"), tools: os.Getenv("JUDGE_TOOLS")}
	if s.record == "" || s.tools == "" {
		t.Skip("infra/ci/judge/run faults runs it")
	}
	var out strings.Builder
	if err := run(t.Context(), s, &out); err != nil {
		first, _, _ := strings.Cut(out.String(), "\n")
		t.Errorf("%v: %s", err, first)
	}
}

func TestAnExceptionNeedsAReasonAndAFinding(t *testing.T) {
	all, err := readExceptions(exceptionsText)
	if err != nil || len(all) == 0 {
		t.Errorf("exceptions.txt: %v, %v", all, err)
	}
	if _, err := readExceptions("# because\none finding\n\nanother\n"); err == nil || !strings.Contains(err.Error(), `"another" has no reason`) {
		t.Errorf("error %v", err)
	}
	left, unneeded := except([]string{"old", "known"}, []string{"known", "new"})
	if !slices.Equal(left, []string{"new"}) || len(unneeded) != 1 || !strings.HasSuffix(unneeded[0], ": old") {
		t.Errorf("left %v, not needed %v", left, unneeded)
	}
}

func TestAStatementThatNoRecordedCallNeedsIsFound(t *testing.T) {
	table := template.TableARN("Things")
	reads := template.Statement{Sid: "Read", Effect: "Allow", Actions: []string{"dynamodb:GetItem"}, Resources: []string{table}}
	writes := template.Statement{Sid: "Write", Effect: "Allow", Actions: []string{"dynamodb:PutItem"}, Resources: []string{table}}
	logs := template.Statement{Sid: "Log", Effect: "Allow", Actions: []string{"logs:PutLogEvents"}, Resources: []string{table}}
	a := actor{"f", true, template.RoleARN("f"), []template.Statement{reads, writes, logs}}
	call := func(action string, allowed bool) iam.Decision {
		return iam.Decision{Question: iam.Question{Function: "f", Role: a.role, Statements: a.statements, Action: action, Resource: table}, Allowed: allowed}
	}
	w := world{actors: []actor{a}}
	for name, c := range map[string]struct {
		decisions []iam.Decision
		want      []string
	}{
		"both":        {[]iam.Decision{call("dynamodb:GetItem", true), call("dynamodb:PutItem", true)}, nil},
		"one":         {[]iam.Decision{call("dynamodb:GetItem", true)}, []string{"no recorded call needs a statement: f Write"}},
		"one refused": {[]iam.Decision{call("dynamodb:GetItem", true), call("dynamodb:PutItem", false)}, []string{"no recorded call needs a statement: f Write"}},
	} {
		if got := w.unused(c.decisions); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestADisagreementIsALineAndSoIsAPolicyThatAWSDoesNotTake(t *testing.T) {
	q := iam.Question{Function: "f", Action: "dynamodb:GetItem", Resource: "r", Context: map[string]string{"b": "2", "a": "1"}}
	all := []trial{{nearMiss, "another role", q, true}, {nearMiss, "another role", q, false}, {nearMiss, "another role", q, true}}
	got := compare(all, []opinion{{Allowed: true}, {Allowed: true}, {Errors: []string{"no such thing"}}})
	want := []string{
		"we deny, they allow: near misses, another role: f may dynamodb:GetItem on r [a=1 b=2]",
		"we allow, AWS does not know this (no such thing): near misses, another role: f may dynamodb:GetItem on r [a=1 b=2]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestARecordOfNothingIsAnError(t *testing.T) {
	if _, err := readRecord(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no test has recorded a call") {
		t.Errorf("error %v", err)
	}
}
