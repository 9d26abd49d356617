package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"keepsake/infra/local/envfile"
	"keepsake/infra/local/place"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestAWishThatMakesNoSenseIsOneLineThatNamesTheVariable(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{nil, "WORKSPACE is not set"},
		{[]string{"WORKSPACE=ws_a", "WORKSPACES=ws_b"}, "WORKSPACE and WORKSPACES are both set"},
		{[]string{"WORKSPACE=acme"}, `WORKSPACE: "acme"`},
		{[]string{"WORKSPACE=ws_"}, `WORKSPACE: "ws_"`},
		{[]string{"WORKSPACE=ws_" + strings.Repeat("x", 51)}, "WORKSPACE: "},
		{[]string{"WORKSPACES=ws_a,,ws_b"}, `WORKSPACES: ""`},
		{[]string{"WORKSPACES=ws_a, ws_b"}, `WORKSPACES: " ws_b"`},
		{[]string{"WORKSPACE=ws_a", "SCOPES=secrets:read secrets:admin"}, `SCOPES: there is no scope "secrets:admin"`},
		{[]string{"WORKSPACE=ws_a", "SCOPES= "}, "SCOPES is blank"},
	} {
		_, err := mint(t.Context(), environment(c.pairs...))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %s", c.pairs, err, c.want)
		}
	}
}

// row is what a minted token leaves in the table, as DynamoDB's wire has it.
type row struct {
	TableName string
	Item      struct {
		Hash       struct{ S string }               `json:"token_hash"`
		Workspace  struct{ S string }               `json:"workspace_id"`
		Workspaces struct{ L []struct{ S string } } `json:"workspace_ids"`
		Scopes     struct{ L []struct{ S string } } `json:"scopes"`
	}
}

func playDynamoDB(t *testing.T) (url string, last *row) {
	t.Helper()
	last = &row{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(last); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	return server.URL, last
}

func TestATokenIsGoodInTheRunningStackOfThisCheckout(t *testing.T) {
	t.Chdir(t.TempDir())
	url, last := playDynamoDB(t)
	if err := os.Mkdir(".local", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := envfile.Write(envfile.Path, envfile.DynamoDB+"="+url, envfile.Tokens+"=TokensTable"); err != nil {
		t.Fatal(err)
	}
	token, err := mint(t.Context(), environment("WORKSPACE=ws_a", "SCOPES=secrets:write"))
	if err != nil || !strings.HasPrefix(token, "sk_akua_") {
		t.Fatalf("token of %d characters, %v", len(token), err)
	}
	if last.TableName != "TokensTable" || last.Item.Workspace.S != "ws_a" || len(last.Item.Scopes.L) != 1 || last.Item.Hash.S == "" {
		t.Errorf("the row is %+v", last)
	}
}

func TestABroadTokenNamesItsWorkspacesAndHasEveryScope(t *testing.T) {
	url, last := playDynamoDB(t)
	_, err := mint(t.Context(), environment("WORKSPACES=ws_a,ws_b", "TOKENS_TABLE=Other", "AWS_ENDPOINT_URL_DYNAMODB="+url))
	if err != nil {
		t.Fatal(err)
	}
	if last.TableName != "Other" || last.Item.Workspace.S != "" || len(last.Item.Workspaces.L) != 2 || len(last.Item.Scopes.L) != 3 {
		t.Errorf("the row is %+v", last)
	}
}

func TestWithoutAStackThereIsOneLineThatSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := mint(t.Context(), environment("WORKSPACE=ws_a")); !errors.Is(err, place.ErrNoStack) {
		t.Errorf("a stack that never was: error %v", err)
	}
	ended := environment("WORKSPACE=ws_a", "TOKENS_TABLE=T", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1")
	if _, err := mint(t.Context(), ended); !errors.Is(err, place.ErrNoStack) {
		t.Errorf("a stack that has ended: error %v", err)
	}
}
