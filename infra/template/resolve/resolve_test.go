package resolve_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/template/resolve"
)

// text is a template that ends before the properties of its thing. It has a rule, which AWS evaluates.
const text = `
Parameters:
  Days: {Type: Number, Default: 30}
  Host: {Type: String, Default: example.com}
  Key: {Type: String}
Rules:
  HostIsGiven: {Assertions: [{Assert: {"Fn::Contains": [[a], !Ref Host]}}]}
Conditions:
  Yes: !Equals [!Ref Host, example.com]
  No: !Not [!Equals [!Ref Host, example.com]]
  Number: !Equals [!Ref Days, 30]
  Strange: !Contains [a, b]
  Both: !And [!Equals [a, a], !Equals [b, b]]
  Either: !Or [!Equals [a, a], !Equals [b, b]]
  Other: !Condition Yes
  Bare: true
  Resource: !Equals [!Ref Thing, Thing]
  List: !Equals [[a], [a]]
Resources:
  Thing:
    Type: Test::Thing
    Properties:
      `

func parse(t *testing.T, text string) *resolve.Template {
	t.Helper()
	tmpl, err := resolve.Parse([]byte(text), resolve.Names{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// x returns the value of a property.
func x(t *testing.T, written string) (string, error) {
	t.Helper()
	var got string
	err := parse(t, text+"X: "+written+"\n").Resources[0].Properties.At("X").Decode(&got)
	return got, err
}

func TestTheZeroNamesKnowALogicalIdAndNoAttribute(t *testing.T) {
	if got, err := x(t, "!Sub '${Thing}-${Days}'"); got != "Thing-30" || err != nil {
		t.Errorf("it became %q (%v)", got, err)
	}
	if _, err := x(t, "!GetAtt Thing.Arn"); err == nil || !strings.Contains(err.Error(), "the attribute Arn of Thing (Test::Thing) is not known here") {
		t.Errorf("an attribute: %v", err)
	}
}

func TestNamesSayWhatAReferenceMeans(t *testing.T) {
	names := resolve.Names{
		Pseudo:     map[string]string{"AWS::StackName": "stack"},
		Properties: map[string]string{"Test::Thing": "ThingName"},
		Name:       func(kind, id string) string { return kind + " " + id },
		Ref:        func(kind, name string) string { return "the " + name },
		GetAtt:     func(_, name, attribute string) (string, bool) { return attribute + " of " + name, true },
	}
	tmpl, err := resolve.Parse([]byte(text+`
      ThingName: !Sub "${AWS::StackName}-thing"
      X: [!Ref Thing, !Ref Other, !GetAtt Thing.Size.Width, !Sub "${Other.Arn}:x"]
  Other: {Type: Test::Other}
`), names, nil)
	if err != nil {
		t.Fatal(err)
	}
	if name := tmpl.Resources[0].Name + ", " + tmpl.Resources[1].Name; name != "stack-thing, Test::Other Other" {
		t.Errorf("they are named %s", name)
	}
	var got []string
	err = tmpl.Resources[0].Properties.At("X").Decode(&got)
	if want := []string{"the stack-thing", "the Test::Other Other", "Size.Width of stack-thing", "Arn of Test::Other Other:x"}; !slices.Equal(got, want) || err != nil {
		t.Errorf("they became %q (%v)", got, err)
	}
}

func TestWhatTheTemplateDoesNotUseIsRefusedWithItsLine(t *testing.T) {
	for written, want := range map[string]string{
		"!Join ['', [a, b]]":              "!Join is not supported: use !Ref, !GetAtt, !Sub or !If",
		"!ImportValue a":                  "!ImportValue is not supported: use",
		"!Sub ['${A}', {A: b}]":           "!Sub of a list or a map is not supported: write a text",
		"!GetAtt [Thing, Arn]":            "!GetAtt of a list or a map is not supported: write a text",
		"!Sub '${!Days}'":                 `"!Days" is not known: it must be a parameter with a value, or a resource`,
		"{Ref: Host}":                     "the key Ref is not supported: write !Ref",
		`{"Fn::Sub": "${Host}"}`:          "the key Fn::Sub is not supported: write !Sub",
		`{"Fn::Select": [0, [a, b]]}`:     "the key Fn::Select is not supported",
		"!Ref Nobody":                     `"Nobody" is not known: it must be a parameter`,
		"!Ref Key":                        `"Key" is not known: it must be a parameter`,
		"!GetAtt Nobody.Arn":              `"Nobody" is not known: it must be a resource`,
		"&a x\n      Y: *a\n      Z: x #": "a YAML alias is not supported",
	} {
		err := parse(t, text+"X: "+written+"\n").Resources[0].Properties.Decode(new(any))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: %v, want %q", written, err, want)
		}
	}
}

func TestWhatCannotBeResolvedMattersOnlyWhereItIsRead(t *testing.T) {
	properties := parse(t, text+"X: {Bad: [!Ref Nobody], Good: [{A: a}, {A: b}]}\n").Resources[0].Properties
	if err := properties.At("X").Decode(new(any)); err == nil {
		t.Error("all of it is read")
	}
	var got string
	for _, value := range properties.At("X", "Good").List() {
		var a string
		if err := value.At("A").Decode(&a); err != nil {
			t.Error(err)
		}
		got += a
	}
	if got != "ab" {
		t.Errorf("the rest is %q", got)
	}
	if none := properties.At("X", "Good", "A"); none.Line() != 0 || none.List() != nil || none.Decode(&got) != nil || got != "ab" {
		t.Errorf("what is not there is %v", none)
	}
}

func TestAParameterHasTheGivenValueOrItsDefaultOrThatOfNames(t *testing.T) {
	names := resolve.Names{Parameter: func(name string) (string, bool) {
		value, ok := map[string]string{"Key": "k", "Host": "not its default", "Elsewhere": "x"}[name]
		return value, ok
	}}
	tmpl, err := resolve.Parse([]byte(text+"X: x\n"), names, map[string]string{"Days": "7"})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"Days": "7", "Host": "example.com", "Key": "k"}; !maps.Equal(tmpl.Values, want) {
		t.Errorf("the values are %v, want %v", tmpl.Values, want)
	}
	if missing := parse(t, text+"X: x\n").Missing(); !slices.Equal(missing, []string{"Key"}) {
		t.Errorf("missing are %v", missing)
	}
	for name, want := range map[string]string{"Weeks": "there is no parameter Weeks", "Days": `parameter Days: "many" is not a number`} {
		_, err := resolve.Parse([]byte(text+"X: x\n"), names, map[string]string{name: "many"})
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAValueOutOfItsBoundsIsRefused(t *testing.T) {
	one, nine := 1.0, 9.0
	for _, c := range []struct {
		value     string
		parameter resolve.Parameter
		want      string
	}{
		{"1", resolve.Parameter{Type: "Number", MinValue: &one, MaxValue: &nine}, ""},
		{"0", resolve.Parameter{Type: "Number", MinValue: &one}, "0 is too small: choose 1 or more"},
		{"10", resolve.Parameter{Type: "Number", MaxValue: &nine}, "10 is too large: choose 9 or less"},
		{"1d", resolve.Parameter{Type: "Number"}, `"1d" is not a number`},
		{"31", resolve.Parameter{AllowedValues: []string{"30", "90"}}, `"31" is not allowed: choose 30 or 90`},
		{"31", resolve.Parameter{AllowedValues: []string{"1", "30", "90"}}, `"31" is not allowed: choose 1, 30 or 90`},
		{"31", resolve.Parameter{AllowedValues: []string{"30"}}, `"31" is not allowed: choose 30`},
		{"ä", resolve.Parameter{MinLength: 1, MaxLength: 1}, ""},
		{"ä", resolve.Parameter{MinLength: 2}, `"ä" is too short: it must have 2 characters or more`},
		{"äöü", resolve.Parameter{MaxLength: 2}, "it is too long: it must have 2 characters or fewer"},
		{"ab", resolve.Parameter{AllowedPattern: "a|b"}, `"ab" is not allowed: it must match a|b`},
		{"ab", resolve.Parameter{AllowedPattern: "(?<!x)a"}, ""}, // a pattern of Java's
	} {
		if err := c.parameter.Check(c.value); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%q: %v, want %q", c.value, err, c.want)
		}
	}
}
