package engine_test

import (
	"os"
	"strings"
	"testing"

	"keepsake/infra/cloud/engine"
)

func TestASweepDeletesWhatIsPastItsTimeAndNothingElse(t *testing.T) {
	e := start(t, "")
	makeTable(t, e, "Things")
	call(t, e, "UpdateTimeToLive", `{"TableName":"Things","TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}`)
	for _, item := range []string{
		`{"pk":{"S":"past"},"ttl":{"N":"1700000000"}}`, `{"pk":{"S":"future"},"ttl":{"N":"99999999999"}}`, `{"pk":{"S":"timeless"}}`,
	} {
		call(t, e, "PutItem", `{"TableName":"Things","Item":`+item+`}`)
	}
	if err := e.SweepTTL(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := call(t, e, "Scan", `{"TableName":"Things"}`)
	if strings.Contains(left, `"past"`) || !strings.Contains(left, `"future"`) || !strings.Contains(left, `"timeless"`) {
		t.Errorf("the table has %s", left)
	}
}

func TestASweepOfAnEngineThatIsGoneFails(t *testing.T) {
	e := start(t, "")
	e.Stop()
	if err := e.SweepTTL(t.Context()); err == nil {
		t.Error("the sweep did not fail")
	}
}

func TestAnEngineWhoseToolsPortIsTakenStartsAgainOnOthers(t *testing.T) {
	folder := t.TempDir()
	program := script(t, folder, "dynoxide", `
		if [ -e `+folder+`/once ]; then exec `+binary(t)+` "$@"; fi
		: >`+folder+`/once
		`+roleVariable+`=foreign exec `+os.Args[0]+` "$@"`)
	e, err := engine.Start(t.Context(), engine.Config{Binary: program})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if err := e.SweepTTL(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheToolsTokenIsNotOnTheEnginesCommandLine(t *testing.T) {
	folder := t.TempDir()
	program := script(t, folder, "dynoxide", `echo "$@" >>`+folder+`/arguments; echo "$DYNOXIDE_MCP_AUTH_TOKEN" >>`+folder+`/token; exit 1`)
	if _, err := engine.Start(t.Context(), engine.Config{Binary: program}); err == nil {
		t.Fatal("the engine has started")
	}
	read := func(name string) string {
		content, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	token, _, _ := strings.Cut(read("token"), "\n")
	if len(token) < 20 || strings.Contains(read("arguments"), token) {
		t.Errorf("a token of %d characters, and the arguments %s", len(token), read("arguments"))
	}
}
