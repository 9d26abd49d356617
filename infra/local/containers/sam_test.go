package containers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"keepsake/infra/template"
)

// played stands for the SAM CLI: it writes down how it was called, and prints a result.
const played = `#!/bin/sh
{ echo "$@"; env; cat; } > "called-$3"
echo "a line that the function has printed"
echo "its log" >&2
[ "$3" != DeadFunction ] || exit 1
echo '{"statusCode":200}'
`

func newPlayedSAM(t *testing.T) *SAM {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sam", []byte(played), 0o700); err != nil {
		t.Fatal(err)
	}
	return &SAM{
		Binary: "./sam", Image: "image", Parameters: []string{"Architecture=x86_64", "Release=0"},
		Built: "built", Logs: ".", AWS: "http://127.0.0.1:1",
	}
}

func sample(_ context.Context, function string) (string, error) {
	if function == "unfilled" {
		return "", errors.New("no secret can be made")
	}
	return "the event of " + function, nil
}

func function(logicalID, name string) template.Function {
	return template.Function{LogicalID: logicalID, Name: name, Routes: []template.Route{{}}}
}

func TestEachFunctionIsInvokedWithItsOwnCredentialsAndEvent(t *testing.T) {
	sam := newPlayedSAM(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "the developer's")
	t.Setenv("SECRETS_TABLE", "the developer's")
	functions := []template.Function{function("GetSecretFunction", "get-secret"), function("DeleteSecretFunction", "delete-secret")}
	for outcome := range sam.InvokeAll(t.Context(), functions, sample, func(string) int { return 200 }) {
		if outcome.Failed {
			t.Error(outcome.Line())
		}
	}
	for id, want := range map[string][]string{
		"GetSecretFunction":    {"AWS_ACCESS_KEY_ID=ASIALOCALGETSECRET", "the event of get-secret"},
		"DeleteSecretFunction": {"AWS_ACCESS_KEY_ID=ASIALOCALDELETESECRET", "the event of delete-secret"},
	} {
		content, err := os.ReadFile("called-" + id)
		if err != nil {
			t.Fatal(err)
		}
		called := string(content)
		want = append(want, "local invoke "+id+" ", "--event - ", "--env-vars "+VariablesPath+" ", "--invoke-image image ",
			"--template "+filepath.Join("built", "containers.yaml")+" ", "--add-host host.docker.internal:host-gateway ",
			"--parameter-overrides Architecture=x86_64 Release=0\n", "AWS_ENDPOINT_URL_STS=http://127.0.0.1:1\n")
		for _, part := range want {
			if !strings.Contains(called, part) {
				t.Errorf("%s: no %q in %s", id, part, called)
			}
		}
		if strings.Contains(called, "the developer's") {
			t.Errorf("%s got what is in the developer's shell: %s", id, called)
		}
	}
}

func TestOutcomesComeInTheFunctionsOrderAndOneThatFailsStopsNoOther(t *testing.T) {
	sam := newPlayedSAM(t)
	functions := []template.Function{function("DeadFunction", "dead"), function("UnfilledFunction", "unfilled"), function("LastFunction", "last")}
	var lines []string
	for outcome := range sam.InvokeAll(t.Context(), functions, sample, func(string) int { return 200 }) {
		lines = append(lines, strings.Join(strings.Fields(outcome.Line()), " "))
	}
	want := []string{"dead FAILED sam local invoke: exit status 1", "unfilled FAILED no event: no secret can be made", "last 200"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if log, err := os.ReadFile("dead.log"); err != nil || string(log) != "its log\n" {
		t.Errorf("its log: %s, %v", log, err)
	}
}

func TestWhoStopsListeningStopsTheRest(t *testing.T) {
	sam := newPlayedSAM(t)
	const many = 1000
	functions := slices.Repeat([]template.Function{function("OneFunction", "one")}, many)
	var begun atomic.Int32
	counted := func(ctx context.Context, function string) (string, error) {
		begun.Add(1)
		return sample(ctx, function)
	}
	for range sam.InvokeAll(t.Context(), functions, counted, func(string) int { return 200 }) {
		break
	}
	if n := begun.Load(); n == many {
		t.Errorf("all %d were begun", n)
	}
}
