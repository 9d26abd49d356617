package cloudtest

import (
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/template"
)

var reader = template.Function{Name: "read-things", Statements: []template.Statement{
	{Sid: "Read", Effect: "Allow", Actions: []string{"dynamodb:GetItem", "dynamodb:Query"}, Resources: []string{"table/A", "table/B"}},
	{Sid: "ReadAgain", Effect: "Allow", Actions: []string{"dynamodb:GetItem"}, Resources: []string{"table/A"}},
	{Sid: "Log", Effect: "Allow", Actions: []string{"logs:PutLogEvents"}, Resources: []string{"group"}},
}}

func TestEachActionOnEachResourceIsToBeExercised(t *testing.T) {
	var r record
	for _, used := range []iam.Right{
		{Function: "read-things", Sid: "Read", Action: "dynamodb:GetItem", Resource: "table/A"},
		{Function: "read-things", Sid: "Read", Action: "dynamodb:Query", Resource: "table/A"},
		{Function: "read-things", Sid: "Read", Action: "dynamodb:Query", Resource: "table/B"},
		{Function: "another", Sid: "Read", Action: "dynamodb:GetItem", Resource: "table/B"},
	} {
		r.note([]iam.Right{used})
	}
	var out strings.Builder
	if r.judge(&out, []template.Function{reader}) {
		t.Error("nothing is missed")
	}
	_, report, _ := strings.Cut(out.String(), "\n")
	want := "    read-things Read dynamodb:GetItem table/B\n    read-things ReadAgain dynamodb:GetItem table/A\n"
	if report != want {
		t.Errorf("missed are\n%s\nwant\n%s", report, want)
	}
}

func TestWhereAllIsExercisedNothingIsSaid(t *testing.T) {
	var r record
	var out strings.Builder
	r.note(iam.Rights(reader))
	if !r.judge(&out, []template.Function{reader}) || out.Len() > 0 {
		t.Errorf("it says %s", out.String())
	}
}
