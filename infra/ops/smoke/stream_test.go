package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/infra/ops/internal/environment"
)

const (
	expires      = "DynamoDB expires what is past its deadline"
	listens      = "the table's stream calls its functions, by the template's filters"
	secretsTable = "keepsake-SecretsTable-1"
	stream       = "arn:aws:dynamodb:eu-central-1:123456789012:table/" + secretsTable + "/stream/2026-11-24T00:00:00.000"
)

// deployed starts an account with a stack of this checkout's template.
func deployed(t *testing.T) *accounttest.Account {
	t.Helper()
	t.Chdir(filepath.Join("..", "..", ".."))
	aws := accounttest.Start(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.URL)
	aws.Tables[secretsTable] = accounttest.Table{TTL: "ENABLED", Attribute: "ttl", Stream: stream}
	resources := map[string]string{}
	listeners, err := readListeners(templatePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		resources[l.function] = "keepsake-" + l.function + "-2"
		aws.Mappings = append(aws.Mappings, accounttest.Mapping{
			Stream: stream, State: "Enabled", Patterns: l.patterns,
			Function: "arn:aws:lambda:eu-central-1:123456789012:function:" + resources[l.function] + ":live",
		})
	}
	aws.Stacks["keepsake"] = accounttest.Stack{
		Outputs: map[string]string{"SecretsTableName": secretsTable, "AuditTableName": "keepsake-AuditTable-1"}, Resources: resources,
	}
	return aws
}

// lookedAt returns what the checks of the account print.
func lookedAt(t *testing.T) string {
	t.Helper()
	env := environment.Of("URL=https://d123.cloudfront.net/v1", "TOKEN=x", "STACK=keepsake")
	s, err := readSettings(t.Context(), func(name string) (string, bool) {
		if value, ok := env(name); ok {
			return value, true
		}
		return os.LookupEnv(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tried(t, s)
}

func tried(t *testing.T, s settings) string {
	t.Helper()
	var out strings.Builder
	for _, c := range checks {
		if c.promise == expires || c.promise == listens {
			newDeployment(s).try(t.Context(), &report{out: &out}, c)
		}
	}
	return out.String()
}

const sound = "ok    " + expires + "\nok    " + listens + "\n"

func TestAStackAsTheTemplateMakesItIsSound(t *testing.T) {
	deployed(t)
	if got := lookedAt(t); got != sound {
		t.Errorf("it printed\n%swant\n%s", got, sound)
	}
}

func TestWhatIsDeployedOtherwiseFailsItsCheckAndNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*accounttest.Account)
		broken string
		said   string
	}{
		"TTL is switched off": {setTable(accounttest.Table{TTL: "DISABLED", Stream: stream}),
			expires, `: TTL of the table ` + secretsTable + `: got DISABLED on "", expected ENABLED on "ttl"`},
		"TTL is on another attribute": {setTable(accounttest.Table{TTL: "ENABLED", Attribute: "purge_at", Stream: stream}),
			expires, `got ENABLED on "purge_at", expected ENABLED on "ttl"`},
		"TTL may not be looked at": {func(a *accounttest.Account) {
			a.Refusals["dynamodb:DescribeTimeToLive"] = accounttest.Refusal{Status: http.StatusBadRequest, Code: "AccessDeniedException", Message: "no"}
		}, expires, ": AWS denies you dynamodb:DescribeTimeToLive: no"},
		"the stream is another one": {setTable(accounttest.Table{TTL: "ENABLED", Attribute: "ttl", Stream: stream + "1"}),
			listens, " does not call keepsake-PurgeExpiredFunction-2:live"},
		"there is no stream": {setTable(accounttest.Table{TTL: "ENABLED", Attribute: "ttl"}),
			listens, ": the table " + secretsTable + " has no stream"},
		"a mapping is disabled": {setMapping(func(m *accounttest.Mapping) { m.State = "Disabled" }),
			listens, ": the stream's mapping to PurgeExpiredFunction: got state Disabled, expected Enabled"},
		"a mapping calls past the alias": {setMapping(func(m *accounttest.Mapping) { m.Function = strings.TrimSuffix(m.Function, ":live") }),
			listens, " does not call keepsake-PurgeExpiredFunction-2:live"},
		"a filter is another": {setMapping(func(m *accounttest.Mapping) { m.Patterns = []string{`{"eventName":["REMOVE"]}`} }),
			listens, ": the stream's filter for PurgeExpiredFunction: got [\"{\\\"eventName\\\":[\\\"REMOVE\\\"]}\"], expected template.yaml's"},
		"there is no filter": {setMapping(func(m *accounttest.Mapping) { m.Patterns = nil }),
			listens, ": the stream's filter for PurgeExpiredFunction: got []"},
		"a filter cannot be read": {setMapping(func(m *accounttest.Mapping) { m.FilterError = "KMSKeyDisabled" }),
			listens, ": the stream's filter for PurgeExpiredFunction: KMSKeyDisabled: "},
		"the stack has no such function": {func(a *accounttest.Account) { delete(a.Stacks["keepsake"].Resources, "RecordChangesFunction") },
			listens, "RecordChangesFunction does not exist"},
		"mappings may not be looked at": {func(a *accounttest.Account) {
			a.Refusals["lambda:ListEventSourceMappings"] = accounttest.Refusal{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "no"}
		}, listens, ": AWS denies you lambda:ListEventSourceMappings: no"},
	} {
		t.Run(name, func(t *testing.T) {
			aws := deployed(t)
			c.change(aws)
			got := lookedAt(t)
			if strings.Count(got, "\n") != 2 || strings.Count(got, "FAIL") != 1 || strings.Count(got, "ok ") != 1 ||
				!strings.Contains(got, "FAIL  "+c.broken) || !strings.Contains(got, c.said) {
				t.Errorf("it printed\n%swant FAIL of %q with %q", got, c.broken, c.said)
			}
		})
	}
}

func setTable(to accounttest.Table) func(*accounttest.Account) {
	return func(a *accounttest.Account) { a.Tables[secretsTable] = to }
}

// setMapping changes the first one, purge-expired's.
func setMapping(change func(*accounttest.Mapping)) func(*accounttest.Account) {
	return func(a *accounttest.Account) { change(&a.Mappings[0]) }
}

func TestTTLThatIsBeingEnabledIsSkipped(t *testing.T) {
	aws := deployed(t)
	aws.Tables[secretsTable] = accounttest.Table{TTL: "ENABLING", Attribute: "ttl", Stream: stream}
	if got := lookedAt(t); !strings.HasPrefix(got, "skip  "+expires+" (DynamoDB is still enabling it") {
		t.Errorf("it printed %s", got)
	}
}

func TestAFilterMayBeSpelledAndOrderedOtherwise(t *testing.T) {
	aws := deployed(t)
	last := &aws.Mappings[len(aws.Mappings)-1]
	last.Patterns = []string{strings.ReplaceAll(last.Patterns[1], ":", " : "), last.Patterns[0]}
	if got := lookedAt(t); got != sound {
		t.Errorf("it printed\n%s", got)
	}
}

func TestWithoutAStackAWSIsNotAsked(t *testing.T) {
	accounttest.Forget(t)
	s, err := readSettings(t.Context(), environment.Of("URL=https://d123.cloudfront.net/v1", "TOKEN=x"))
	if err != nil || s.owner != nil {
		t.Fatalf("%+v, %v", s.owner, err)
	}
	if got := tried(t, s); strings.Count(got, "skip  ") != 2 || strings.Count(got, "STACK is not set") != 2 {
		t.Errorf("it printed %s", got)
	}
}

func TestAStackIsComparedWithATemplateThatHasListeners(t *testing.T) {
	deployed(t)
	t.Chdir(t.TempDir())
	refused := func(want string) {
		t.Helper()
		if _, err := readListeners(templatePath); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	refused("STACK is compared with this checkout's template: open template.yaml")
	if err := os.WriteFile(templatePath, []byte("Resources: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("template.yaml: no function listens")
}
