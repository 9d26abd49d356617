package resolve_test

import (
	"slices"
	"strings"
	"testing"

	"keepsake/infra/template/resolve"
)

func TestAConditionDecidesWhichValueAPropertyHas(t *testing.T) {
	for written, want := range map[string]string{
		"!If [Yes, then, else]":               "then",
		"!If [No, then, else]":                "else",
		"!If [Number, then, else]":            "then",
		"!If [Yes, !Sub '${Days}d', !Ref No]": "30d", // the branch that is not taken is not looked at
		"!If [No, then, !If [Yes, in, else]]": "in",
	} {
		if got, err := x(t, written); got != want || err != nil {
			t.Errorf("%s became %q (%v), want %q", written, got, err, want)
		}
	}
}

func TestWithNoValueAPropertyIsAsIfItWereNotWritten(t *testing.T) {
	got := struct {
		X []string `yaml:"X"`
		Y string   `yaml:"Y"`
	}{Y: "as before"}
	tmpl := parse(t, text+"X: [a, !If [No, b, !Ref AWS::NoValue], c]\n      Y: !Ref AWS::NoValue\n")
	if err := tmpl.Resources[0].Properties.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.X, []string{"a", "c"}) || got.Y != "as before" {
		t.Errorf("they are %+v", got)
	}
	var all map[string]any
	err := tmpl.Resources[0].Properties.Decode(&all)
	if x, _ := all["X"].([]any); len(x) != 2 || len(all) != 1 || err != nil {
		t.Errorf("they are %v (%v)", all, err)
	}
}

func TestAResourceWhoseConditionFailsIsNotThere(t *testing.T) {
	tmpl := parse(t, text+"X: !Ref Spare\n  Spare: {Type: A::B, Condition: No}\n  Other: {Type: A::B, Condition: Yes}\n")
	var ids []string
	for _, r := range tmpl.Resources {
		ids = append(ids, r.ID)
	}
	if want := []string{"Thing", "Other"}; !slices.Equal(ids, want) {
		t.Errorf("the resources are %v, want %v", ids, want)
	}
	if err := tmpl.Resources[0].Properties.Decode(new(any)); err == nil || !strings.Contains(err.Error(), `"Spare" is not known`) {
		t.Errorf("a reference to it: %v", err)
	}
}

func TestAConditionThatCannotBeEvaluatedIsReported(t *testing.T) {
	for written, want := range map[string]string{
		"!If [Nobody, a, b]":   `the condition "Nobody" is not known`,
		"!If [Strange, a, b]":  "this condition is not supported: use !Equals",
		"!If [Both, a, b]":     "this condition is not supported",
		"!If [Either, a, b]":   "this condition is not supported",
		"!If [Other, a, b]":    "this condition is not supported",
		"!If [Bare, a, b]":     "this condition is not supported",
		"!If [Resource, a, b]": `"Thing" is not known: it must be a parameter`,
		"!If [List, a, b]":     "!Equals compares texts",
		"!If [Yes, a]":         "!If takes a condition's name and two values",
	} {
		if _, err := x(t, written); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: %v, want %q", written, err, want)
		}
	}
	_, err := resolve.Parse([]byte(text+"X: x\n  Spare: {Type: A::B, Condition: Nobody}\n"), resolve.Names{}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "Spare (line ") {
		t.Errorf("of a resource: %v", err)
	}
}
