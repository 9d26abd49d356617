package containers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const built = `
Globals: {Function: {Timeout: 10}}
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: OneFunction
      Environment: {Variables: {TABLE: {Ref: Table}}}
  TwoFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: TwoFunction}
  Table: {Type: AWS::DynamoDB::Table}
`

func TestEveryVariableIsDeclaredAndAllElseIsAsItWasBuilt(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "built"), filepath.Join(t.TempDir(), "declared")
	if err := os.WriteFile(from, []byte(built), 0o600); err != nil {
		t.Fatal(err)
	}
	v := Variables{"OneFunction": {"TABLE": "t", "URL": "u"}, "TwoFunction": {"URL": "u"}}
	if err := v.declare(from, to); err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := yaml.Unmarshal([]byte(strings.NewReplacer(
		"{TABLE: {Ref: Table}}", `{TABLE: "", URL: ""}`,
		"{CodeUri: TwoFunction}", `{CodeUri: TwoFunction, Environment: {Variables: {URL: ""}}}`,
	).Replace(built)), &want); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := yaml.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestABuildThatLacksAFunctionIsRefused(t *testing.T) {
	from := filepath.Join(t.TempDir(), "built")
	if err := os.WriteFile(from, []byte(built), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Variables{"NewFunction": {}}.declare(from, from)
	if err == nil || !strings.Contains(err.Error(), "has no NewFunction") {
		t.Errorf("error %v", err)
	}
}

func TestVariablesAreReadAsTheyWereWrittenAndNobodyElseMayReadThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "variables")
	if _, err := ReadVariables(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before they are written: error %v", err)
	}
	want := Variables{"OneFunction": {"A": "1", "B": ""}}
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadVariables(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
