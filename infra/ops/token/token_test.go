package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"keepsake/infra/envfile"
	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
)

var morning = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// run runs the program and returns what it prints.
func run(t *testing.T, args []string, pairs ...string) (out, notes string, err error) {
	t.Helper()
	var o, n strings.Builder
	err = tool{env: environment.Of(pairs...), names: environment.Names(pairs), now: morning, out: &o, notes: &n}.run(t.Context(), args)
	return o.String(), n.String(), err
}

// wantLine checks that the error is one line which begins with prefix.
func wantLine(t *testing.T, err error, prefix string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), prefix) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line that begins with %s", err, prefix)
	}
}

func TestAWrongSettingIsOneLineThatNamesTheVariable(t *testing.T) {
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
		{[]string{"WORKSPACE=ws_a", "SCOPES="}, "SCOPES is blank"}, // what make makes of SCOPES=" "
		{[]string{"WORKSPACE=ws_a", "EXPIRES="}, "EXPIRES is blank"},
		{[]string{"WORKSPACE=ws_a", "EXPIRES=soon"}, `EXPIRES: "soon"`},
		{[]string{"WORKSPACE=ws_a", "STACK="}, "STACK is blank"},
		{[]string{"WORKSPACE=ws_a", "DESCRIPTION=a\nb"}, "DESCRIPTION must be one line"},
		{[]string{"WORKSPACE=ws_a", "DESCRIPTION=" + strings.Repeat("ä", 101)}, "DESCRIPTION must be one line"},
	} {
		out, _, err := run(t, nil, c.pairs...)
		wantLine(t, err, c.want)
		if out != "" {
			t.Errorf("%q: something was minted", c.pairs)
		}
	}
}

func TestAVariableThatWouldBeIgnoredIsRefused(t *testing.T) {
	for _, c := range []struct{ pair, want string }{
		{"SCOPE=secrets:read", "SCOPE is not a variable of this program: choose from WORKSPACE, "},
		{"EXPIRY=1d", "EXPIRY is not a variable of this program"},
		{"MAKEFLAGS= -- SCOPE=secrets:read", "SCOPE is not a variable of this program"},
		{`MAKEFLAGS=s -j2 --jobserver-auth=3,4 -- DESCRIPTION=a\ SCOPES=b\ c EXPIRES_AT=1d WORKSPACE=ws_a`, "EXPIRES_AT is not a variable of this program"},
		{"MAKEFLAGS=-- WORKPLACE=ws_a", "WORKPLACE is not a variable of this program"},
	} {
		for _, args := range [][]string{nil, {"list"}, {"revoke"}} {
			out, _, err := run(t, args, "WORKSPACE=ws_a", c.pair)
			wantLine(t, err, c.want)
			if out != "" {
				t.Errorf("%s: something was printed", c.pair)
			}
		}
	}
	for _, flags := range []string{"", "s", "s -- WORKSPACE=ws_a", `-- DESCRIPTION=x\ SCOPE=y STACK=k AWS_PROFILE=p`} {
		if err := (tool{env: environment.Of("MAKEFLAGS=" + flags)}).refuseUnknown(tokenVariables); err != nil {
			t.Errorf("%q: %v", flags, err)
		}
	}
}

func TestAnExpiryIsATimeFromNowOrTheBeginningOfADay(t *testing.T) {
	for text, want := range map[string]time.Time{
		"90d":        morning.AddDate(0, 0, 90),
		"12h":        morning.Add(12 * time.Hour),
		"1h":         morning.Add(time.Hour),
		"3650d":      morning.Add(3650 * day),
		"2027-01-31": time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
		"":           {},
	} {
		if got, err := readExpiry(text, morning); !got.Equal(want) || err != nil {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestAnExpiryOutOfBoundsIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"0d":         "EXPIRES: 0d is less than an hour",
		"2026-11-24": "EXPIRES: 2026-11-24 is less than an hour",
		"3651d":      "EXPIRES: 3651d is more than ten years",
		"99999d":     "EXPIRES: 99999d is more than ten years",
		"2060-01-01": "EXPIRES: 2060-01-01 is more than ten years",
		"90":         `EXPIRES: "90" is neither`,
		"-1d":        `EXPIRES: "-1d" is neither`,
		"1000000d":   `EXPIRES: "1000000d" is neither`,
		"2027-02-30": `EXPIRES: "2027-02-30" is neither`,
		" ":          `EXPIRES: " " is neither`,
	} {
		_, err := readExpiry(text, morning)
		wantLine(t, err, want)
	}
}

// item is what a minted token leaves in the table, as DynamoDB's wire has it.
type item struct {
	TableName string
	Item      struct {
		Hash       struct{ S string }               `json:"token_hash"`
		Workspace  struct{ S string }               `json:"workspace_id"`
		Workspaces struct{ L []struct{ S string } } `json:"workspace_ids"`
		Scopes     struct{ L []struct{ S string } } `json:"scopes"`
		CreatedAt  struct{ N string }               `json:"created_at"`
		CreatedBy  struct{ S string }               `json:"created_by"`
	}
}

func playDynamoDB(t *testing.T) (url string, last *item) {
	t.Helper()
	last = &item{}
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
	token, notes, err := run(t, nil, "WORKSPACE=ws_a", "SCOPES=secrets:write")
	if err != nil || !strings.HasPrefix(token, "sk_akua_") || strings.Count(token, "\n") != 1 {
		t.Fatalf("printed %d characters, %v", len(token), err)
	}
	if last.TableName != "TokensTable" || last.Item.Workspace.S != "ws_a" || len(last.Item.Scopes.L) != 1 || last.Item.Hash.S == "" {
		t.Errorf("the row is %+v", last)
	}
	if last.Item.CreatedAt.N != "1795489200" || last.Item.CreatedBy.S != "laptop" {
		t.Errorf("it was made %+v", last.Item)
	}
	if !strings.Contains(notes, "Its scopes: secrets:write. ") {
		t.Errorf("it does not say what the token may do: %q", strings.ReplaceAll(notes, strings.TrimSpace(token), "THE TOKEN"))
	}
	if !strings.HasPrefix(notes, "tok_"+last.Item.Hash.S[:20]+", never expires.") || strings.Contains(notes, strings.TrimSpace(token)) {
		t.Errorf("it said %q", strings.ReplaceAll(notes, strings.TrimSpace(token), "THE TOKEN"))
	}
}

func TestABroadTokenNamesItsWorkspacesAndHasEveryScope(t *testing.T) {
	url, last := playDynamoDB(t)
	_, _, err := run(t, nil, "WORKSPACES=ws_a,ws_b", "TOKENS_TABLE=Other", "AWS_ENDPOINT_URL_DYNAMODB="+url)
	if err != nil {
		t.Fatal(err)
	}
	if last.TableName != "Other" || last.Item.Workspace.S != "" || len(last.Item.Workspaces.L) != 2 || len(last.Item.Scopes.L) != 5 {
		t.Errorf("the row is %+v", last)
	}
}

func TestWithoutAStackThereIsOneLineThatSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	ended := []string{"TOKENS_TABLE=T", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1"}
	given := []string{"WORKSPACE=ws_a", "TOKEN_ID=tok_00000000000000000000"}
	for _, args := range [][]string{nil, {"list"}, {"revoke"}} {
		if _, _, err := run(t, args, given...); !errors.Is(err, table.ErrNoStack) {
			t.Errorf("%v on a stack that never was: error %v", args, err)
		}
		if _, _, err := run(t, args, append(ended, given...)...); !errors.Is(err, table.ErrNoStack) {
			t.Errorf("%v on a stack that has ended: error %v", args, err)
		}
	}
}
