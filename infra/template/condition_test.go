package template_test

import (
	"reflect"
	"strings"
	"testing"

	"keepsake/infra/template"
)

// conditional is small with conditions, of which Yes is fulfilled, and a rule, which the laptop
// leaves to AWS.
const conditional = `
Rules:
  HostIsGiven: {Assertions: [{Assert: {"Fn::Contains": [[a], !Ref Host]}}]}
Conditions:
  Yes: !Equals [!Ref Host, example.com]
  No: !Not [!Condition Yes]
  Number: !Equals [!Ref Days, 30]
  Both: !And [!Condition Yes, !Condition No]
  Either: !Or [{Condition: No}, {"Fn::Equals": [a, a]}]
  Circle: !Not [!Condition Circle]
  Strange: !Contains [a, b]
  Bare: true
` + small

func TestAConditionDecidesWhichValueAPropertyHas(t *testing.T) {
	for written, want := range map[string]string{
		"!If [Yes, then, else]":                              "then",
		"!If [No, then, else]":                               "else",
		"!If [Number, then, else]":                           "then",
		"!If [Both, then, else]":                             "else",
		"!If [Either, then, else]":                           "then",
		`{"Fn::If": [Yes, !Sub "${Days}d", !Ref Nobody]}`:    "30d", // what is not chosen is not looked at
		"!If [No, then, !If [Yes, inner, else]]":             "inner",
		"!Join ['/', [a, !Ref Host, !Ref Days]]":             "a/example.com/30",
		"!Join ['', [a, !If [No, b, !Ref AWS::NoValue], c]]": "ac",
	} {
		f, err := readConditional(t, "Environment: {Variables: {X: "+written+"}}")
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		if got := f.Environment["X"]; got != want {
			t.Errorf("%s became %q, want %q", written, got, want)
		}
	}
}

func TestWithNoValueAPropertyIsAsIfItWereNotWritten(t *testing.T) {
	f, err := readConditional(t,
		"Timeout: !If [No, 60, !Ref AWS::NoValue]",
		"Environment: {Variables: {SHARED: !Ref AWS::NoValue, X: x}}")
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"SHARED": "globals", "KEPT": "globals", "X": "x"}; !reflect.DeepEqual(f.Environment, want) || f.Timeout.Seconds() != 10 {
		t.Errorf("the function is %+v", f)
	}
}

func TestAResourceWhoseConditionFailsIsNotThere(t *testing.T) {
	both := strings.Replace(conditional, "  UndoThingFunction:", "  SpareKey: {Type: AWS::KMS::Key, Condition: No}\n  OtherKey: {Type: AWS::KMS::Key, Condition: Yes}\n  UndoThingFunction:", 1)
	tmpl, err := read(t, both)
	if err != nil {
		t.Fatal(err)
	}
	if len(tmpl.Keys) != 3 || tmpl.Keys[2].LogicalID != "OtherKey" {
		t.Errorf("the keys are %+v", tmpl.Keys)
	}
	_, err = read(t, both+"      Environment: {Variables: {X: !Ref SpareKey}}\n")
	if err == nil || !strings.Contains(err.Error(), `"SpareKey" names no parameter and no resource`) {
		t.Errorf("a reference to it: %v", err)
	}
}

func TestAConditionThatCannotBeEvaluatedIsReported(t *testing.T) {
	for written, want := range map[string]string{
		"!If [Nobody, a, b]":  `"Nobody" names no condition`,
		"!If [Circle, a, b]":  `"Circle" names no condition`,
		"!If [Strange, a, b]": "does not know this Contains of a condition",
		"!If [Bare, a, b]":    "a condition is made of",
		"!If [Yes, a]":        "an If has",
		"!Join [a]":           "a Join has",
	} {
		_, err := readConditional(t, "Environment: {Variables: {X: "+written+"}}")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "UndoThingFunction") {
			t.Errorf("%s: %v", written, err)
		}
	}
}

func readConditional(t *testing.T, extra ...string) (template.Function, error) {
	t.Helper()
	tmpl, err := read(t, conditional+"      "+strings.Join(extra, "\n      ")+"\n")
	if err != nil {
		return template.Function{}, err
	}
	f, _ := tmpl.Function("undo-thing")
	return f, nil
}
