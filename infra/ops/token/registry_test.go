package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/infra/ops/internal/environment"
)

// deployed starts a stack named keepsake in AWS, with these names and values of parameters, whose tokens are in a
// real engine.
func deployed(t *testing.T, parameters ...string) *cloudtest.Cloud {
	t.Helper()
	cloud := cloudtest.Start(t) // finds its engine from here
	t.Chdir(t.TempDir())
	aws := accounttest.Start(t)
	table := cloud.Function("get-secret").Environment["TOKENS_TABLE"]
	aws.Stacks["keepsake"] = accounttest.Stack{Outputs: map[string]string{"TokensTableName": table}, Parameters: map[string]string{}}
	for i := 0; i < len(parameters); i += 2 {
		aws.Stacks["keepsake"].Parameters[parameters[i]] = parameters[i+1]
	}
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", cloud.URL())
	return cloud
}

// must runs the program on the deployed stack. It must succeed.
func must(t *testing.T, args []string, pairs ...string) (out, notes string) {
	t.Helper()
	out, notes, err := run(t, args, append([]string{"STACK=keepsake"}, pairs...)...)
	if err != nil {
		t.Fatalf("%v %v: %v", args, pairs, err)
	}
	return out, notes
}

var idForm = regexp.MustCompile(`^tok_[0-9a-f]{20}`)

func TestATokenOfADeployedStackIsMintedListedAndRevoked(t *testing.T) {
	deployed(t)
	token, notes := must(t, nil, "WORKSPACE=ws_a", "EXPIRES=90d", "DESCRIPTION=CI of payments")
	id := idForm.FindString(notes)
	if want := id + ", expires 2027-02-22 03:00:00Z. Its scopes: secrets:read secrets:write secrets:access secrets:restore secrets:audit. To end it: make revoke-token TOKEN_ID=" + id + " STACK=keepsake\n"; notes != want || id == "" {
		t.Errorf("it said %q, want %q", notes, want)
	}
	made := id + "  %s  ws_a  secrets:read secrets:write secrets:access secrets:restore secrets:audit  expires 2027-02-22 03:00:00Z  created 2026-11-24 03:00:00Z by " + accounttest.Caller
	if listed, _ := must(t, []string{"list"}); listed != strings.Replace(made, "%s", "good", 1)+": CI of payments\n" {
		t.Errorf("the list is %q", listed)
	}

	said, _ := must(t, []string{"revoke"}, "TOKEN_ID="+id)
	if want := id + " of ws_a was revoked at 2026-11-24 03:00:00Z by " + accounttest.Caller + ": 60 seconds"; !strings.HasPrefix(said, want) {
		t.Errorf("it said %q, want %q", said, want)
	}
	listed, _ := must(t, []string{"list"})
	if want := strings.Replace(made, "%s", "revoked", 1) + ", revoked 2026-11-24 03:00:00Z by " + accounttest.Caller + ": CI of payments\n"; listed != want {
		t.Errorf("the list is %q, want %q", listed, want)
	}
	if strings.Contains(notes+said+listed, strings.TrimSpace(token)) {
		t.Error("the token is shown a second time")
	}
}

func TestAListCanBeOfOneWorkspace(t *testing.T) {
	deployed(t)
	must(t, nil, "WORKSPACE=ws_a")
	must(t, nil, "WORKSPACES=ws_a,ws_b")
	must(t, nil, "WORKSPACE=ws_c")
	for workspace, want := range map[string]int{"ws_a": 2, "ws_b": 1, "ws_d": 0} {
		out, notes := must(t, []string{"list"}, "WORKSPACE="+workspace)
		if got := strings.Count(out, "tok_"); got != want || (notes != "") != (want == 0) {
			t.Errorf("%s: %q and %q, want %d", workspace, out, notes, want)
		}
	}
	_, _, err := run(t, []string{"list"}, "STACK=keepsake", "WORKSPACE=acme")
	wantLine(t, err, `WORKSPACE: "acme"`)
}

func TestAnExpiredTokenIsListedAsSuch(t *testing.T) {
	deployed(t)
	must(t, nil, "WORKSPACE=ws_a", "EXPIRES=1h")
	var out strings.Builder
	later := tool{env: environment.Of("STACK=keepsake"), now: morning.Add(time.Hour), out: &out}
	if err := later.run(t.Context(), []string{"list"}); err != nil || !strings.Contains(out.String(), "  expired  ws_a") {
		t.Errorf("the list is %q, %v", &out, err)
	}
}

func TestOnlyAnIdRevokesAndNoErrorRepeatsWhatWasGiven(t *testing.T) {
	deployed(t)
	token, _ := must(t, nil, "WORKSPACE=ws_a")
	token = strings.TrimSpace(token)
	for given, want := range map[string]string{
		"":                         "TOKEN_ID is not set",
		token:                      "TOKEN_ID is a token, not its id",
		"tok_" + token:             "TOKEN_ID is a token, not its id",
		token[len("sk_"):]:         "TOKEN_ID is not the id of a token",
		"tok_00000000000000000000": "TOKEN_ID: this stack has no token tok_00000000000000000000: make tokens STACK=keepsake",
	} {
		_, _, err := run(t, []string{"revoke"}, "STACK=keepsake", "TOKEN_ID="+given)
		wantLine(t, err, want)
		if err != nil && strings.Contains(err.Error(), token[len("sk_akua_"):]) {
			t.Error("an error has the token in it")
		}
	}
	if listed, _ := must(t, []string{"list"}); !strings.Contains(listed, "  good  ") {
		t.Errorf("the list is %q", listed)
	}
}

func TestWhatAWSDeniesIsOneLineThatNamesTheAction(t *testing.T) {
	cloud := deployed(t)
	cloud.Hook(func(wire.Call) wire.Verdict {
		return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", "User: x is not authorized")
	})
	for action, args := range map[string][]string{"PutItem": nil, "Scan": {"list"}} {
		out, _, err := run(t, args, "STACK=keepsake", "WORKSPACE=ws_a")
		wantLine(t, err, "AWS denies you dynamodb:"+action+": User: x is not authorized")
		if out != "" {
			t.Errorf("%s was denied, and something printed", action)
		}
	}
}

func TestAnUnknownVerbIsAnError(t *testing.T) {
	_, _, err := run(t, []string{"delete"})
	wantLine(t, err, "usage: ")
}
