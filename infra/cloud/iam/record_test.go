package iam_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
)

// canary is a value that no condition names.
const canary = "canary-7c1f"

// decideForARecord makes calls, one of them twice: of a value that a condition names, of others, and of no right.
func decideForARecord(t *testing.T) {
	policies := newPolicies(t, role, openToRoles)
	for _, context := range []string{`"kind":"red"`, `"kind":"red","id":"` + canary + `"`, `"kind":"red","id":"` + canary + `2"`, `"kind":"` + canary + `"`} {
		policies.Guard(wire.Call{
			Service: "kms", Action: "Decrypt", AccessKey: lambda.AccessKey("f"), Body: []byte(`{"KeyId":"` + key + `","EncryptionContext":{` + context + `}}`),
		})
	}
	policies.Guard(wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: lambda.AccessKey("f"), Body: []byte(`{"TableName":"Things","Key":{"a":{"S":"` + canary + `"}}}`)})
}

func TestEachDecisionIsRecordedOnceWithoutTheCallersValuesAndIsTheSameWhenAskedAgain(t *testing.T) {
	if os.Getenv(iam.RecordTo) != "" {
		decideForARecord(t)
		return
	}
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), iam.RecordTo+"="+folder)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if len(files) != 1 {
		t.Fatalf("a process has recorded into %v", files)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != 4 || strings.Contains(string(content), canary) {
		t.Errorf("four decisions, without the callers' values, are recorded as\n%s", content)
	}
	var allowed []bool
	for _, line := range lines {
		var d iam.Decision
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		if again, err := d.Answer(); again != d.Allowed || err != nil {
			t.Errorf("asked again: %v, %v: %s", again, err, line)
		}
		allowed = append(allowed, d.Allowed)
	}
	if len(allowed) == 4 && (!allowed[0] || !allowed[1] || allowed[2] || !allowed[3]) {
		t.Errorf("decided: %v", allowed)
	}
}

func TestNothingIsRecordedUnlessAskedFor(t *testing.T) {
	if os.Getenv(iam.RecordTo) != "" {
		t.Skip("it is asked for")
	}
	t.Chdir(t.TempDir())
	decideForARecord(t)
	if files, _ := os.ReadDir("."); len(files) > 0 {
		t.Errorf("recorded: %v", files)
	}
}
