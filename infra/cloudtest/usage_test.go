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

func TestEachActionOnEachResourceHasToBeUsed(t *testing.T) {
	var u usage
	for _, used := range []iam.Right{
		{Function: "read-things", Sid: "Read", Action: "dynamodb:GetItem", Resource: "table/A"},
		{Function: "read-things", Sid: "Read", Action: "dynamodb:Query", Resource: "table/A"},
		{Function: "read-things", Sid: "Read", Action: "dynamodb:Query", Resource: "table/B"},
		{Function: "another", Sid: "Read", Action: "dynamodb:GetItem", Resource: "table/B"},
	} {
		u.note([]iam.Right{used})
	}
	var out strings.Builder
	if u.complete(&out, []template.Function{reader}) {
		t.Error("it says that all rights were used")
	}
	_, report, _ := strings.Cut(out.String(), "\n")
	want := "    read-things Read dynamodb:GetItem table/B\n    read-things ReadAgain dynamodb:GetItem table/A\n"
	if report != want {
		t.Errorf("the unused rights are\n%s\nwant\n%s", report, want)
	}
}

func TestIfAllRightsAreUsedNothingIsPrinted(t *testing.T) {
	var u usage
	var out strings.Builder
	u.note(iam.Rights(reader))
	if !u.complete(&out, []template.Function{reader}) || out.Len() > 0 {
		t.Errorf("it prints %s", out.String())
	}
}
