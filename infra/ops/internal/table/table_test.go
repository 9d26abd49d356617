package table_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/envfile"
	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/infra/ops/internal/table"
)

// deployed starts an account with a stack named keepsake, and sets STACK to it.
func deployed(t *testing.T) *accounttest.Account {
	t.Helper()
	t.Chdir(t.TempDir())
	aws := accounttest.Start(t)
	aws.Stacks["keepsake"] = accounttest.Stack{Outputs: map[string]string{"TokensTableName": "keepsake-Tokens-1", "AuditTableName": "keepsake-Audit-1"}}
	t.Setenv("STACK", "keepsake")
	return aws
}

func TestADeployedStackHasItsTablesInItsOutputs(t *testing.T) {
	aws := deployed(t)
	for kind, want := range map[table.Kind]string{table.Tokens: "keepsake-Tokens-1", table.Audit: "keepsake-Audit-1"} {
		p, err := table.Find(t.Context(), os.LookupEnv, kind)
		if err != nil || p.Name != want {
			t.Errorf("found %q, %v; want %q", p.Name, err, want)
			continue
		}
		if who, err := p.Caller(t.Context()); who != accounttest.Caller || err != nil {
			t.Errorf("the caller is %q, %v", who, err)
		}
	}
	if slices.ContainsFunc(aws.Regions(), func(r string) bool { return r != "eu-central-1" }) {
		t.Errorf("the calls were signed for %v", aws.Regions())
	}
}

func TestATableThatTheEnvironmentNamesNeedsNoStack(t *testing.T) {
	aws := deployed(t)
	aws.Stacks = nil
	_ = os.Unsetenv("STACK") // t.Setenv has remembered it
	t.Setenv(envfile.Tokens, "Mine")
	p, err := table.Find(t.Context(), os.LookupEnv, table.Tokens)
	if err != nil || p.Name != "Mine" {
		t.Fatalf("found %q, %v", p.Name, err)
	}
	if who, _ := p.Caller(t.Context()); who != accounttest.Caller {
		t.Errorf("the caller is %q", who)
	}
}

func TestADeployedStackAndTheLaptopAreNotMixed(t *testing.T) {
	refused := func(want string) {
		t.Helper()
		if _, err := table.Find(t.Context(), os.LookupEnv, table.Tokens); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	aws := deployed(t)
	t.Setenv(envfile.Tokens, "TokensTable")
	refused("STACK and TOKENS_TABLE are both set")
	t.Setenv(envfile.Tokens, "")

	const laptop = "http://127.0.0.1:4"
	if err := os.Mkdir(".local", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := envfile.Write(envfile.Path, envfile.DynamoDB+"="+laptop, envfile.Tokens+"=TokensTable"); err != nil {
		t.Fatal(err)
	}
	t.Setenv(envfile.DynamoDB, laptop)
	refused("STACK names a deployed stack, but AWS_ENDPOINT_URL_DYNAMODB is that of this checkout")
	t.Setenv("STACK", "")
	refused("STACK is blank")
	if asked := aws.Regions(); len(asked) > 0 {
		t.Errorf("AWS was asked %d times", len(asked))
	}
}

func TestAStackOfSomethingElseHasNoSuchTable(t *testing.T) {
	aws := deployed(t)
	aws.Stacks["keepsake"] = accounttest.Stack{Status: "ROLLBACK_COMPLETE"}
	_, err := table.Find(t.Context(), os.LookupEnv, table.Audit)
	if err == nil || !strings.HasPrefix(err.Error(), "the stack keepsake in eu-central-1 (ROLLBACK_COMPLETE) has no output AuditTableName") {
		t.Errorf("error %v", err)
	}
}

func TestWhatDynamoDBDeniesIsOneLineThatNamesTheAction(t *testing.T) {
	deployed(t)
	p, err := table.Find(t.Context(), os.LookupEnv, table.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	server := accounttest.Deny(t)
	_, err = p.DB.Scan(t.Context(), &dynamodb.ScanInput{TableName: &p.Name}, func(o *dynamodb.Options) { o.BaseEndpoint = &server })
	if got := p.Explain(err); got == nil || !strings.HasPrefix(got.Error(), "AWS denies you dynamodb:Scan: ") || strings.Contains(got.Error(), "\n") {
		t.Errorf("error %v", got)
	}
}
