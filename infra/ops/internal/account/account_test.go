package account_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/account"
	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/shared/awshttp"
)

// open opens the account that the environment names.
func open(t *testing.T) account.Account {
	t.Helper()
	a, err := account.Open(t.Context(), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantLine checks that the error is one line which begins with prefix and has all the words.
func wantLine(t *testing.T, err error, prefix string, words ...string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), prefix) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v, want one line that begins with %q", err, prefix)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %v, want %q in it", err, word)
		}
	}
}

func TestAStackIsKnownByItsOutputs(t *testing.T) {
	aws := accounttest.Start(t)
	aws.Stacks["keepsake"] = accounttest.Stack{Outputs: map[string]string{"TokensTableName": "keepsake-Tokens-1"}, Parameters: map[string]string{"BackupDays": "35"}}
	stack, err := open(t).Stack(t.Context(), "keepsake")
	if err != nil || stack.Status != "CREATE_COMPLETE" || stack.Parameters["BackupDays"] != "35" {
		t.Fatalf("the stack is %+v, %v", stack, err)
	}
	if table, err := stack.Output("TokensTableName"); table != "keepsake-Tokens-1" || err != nil {
		t.Errorf("the output is %q, %v", table, err)
	}
	_, err = stack.Output("AuditTableName")
	wantLine(t, err, "the stack keepsake in eu-central-1 (CREATE_COMPLETE) has no output AuditTableName")
}

func TestAMissingStackIsOneLineAndAnErrorOfItsOwnType(t *testing.T) {
	accounttest.Start(t)
	_, err := open(t).Stack(t.Context(), "keepsake")
	wantLine(t, err, "there is no stack keepsake in eu-central-1")
	if none := new(account.NoStackError); !errors.As(err, none) {
		t.Errorf("the error is a %T", err)
	}
}

func TestAResourceIsFoundByItsNameInTheTemplate(t *testing.T) {
	aws := accounttest.Start(t)
	aws.Stacks["keepsake"] = accounttest.Stack{Resources: map[string]string{"SecretsTable": "keepsake-SecretsTable-1"}}
	if name, err := open(t).Resource(t.Context(), "keepsake", "SecretsTable"); name != "keepsake-SecretsTable-1" || err != nil {
		t.Errorf("it is %q, %v", name, err)
	}
	_, err := open(t).Resource(t.Context(), "keepsake", "LostTable")
	wantLine(t, err, "cloudformation:DescribeStackResource: ValidationError: Resource LostTable does not exist")
}

func TestTheCallerIsWhoAWSSaysItIs(t *testing.T) {
	accounttest.Start(t)
	if arn, err := open(t).Caller(t.Context()); arn != accounttest.Caller || err != nil {
		t.Errorf("the caller is %q, %v", arn, err)
	}
}

// The SDK's own client loses a long response now and then: see package awshttp.
func TestTheSDKsHTTPClientIsTheMendedOne(t *testing.T) {
	accounttest.Start(t)
	if client, ok := open(t).Config.HTTPClient.(awshttp.Client); !ok {
		t.Errorf("the client is a %T", client)
	}
}

func TestREGIONOverridesWhatAWSsToolsRead(t *testing.T) {
	aws := accounttest.Start(t)
	t.Setenv("REGION", "sa-east-1")
	_, _ = open(t).Stack(t.Context(), "keepsake")
	if got := aws.Regions(); !slices.Equal(got, []string{"sa-east-1"}) {
		t.Errorf("the call was signed for %v", got)
	}
}

func TestWithoutARegionOrCredentialsNothingIsAsked(t *testing.T) {
	accounttest.Forget(t)
	_, err := account.Open(t.Context(), os.LookupEnv)
	wantLine(t, err, "there is no AWS region", "REGION=")
	t.Setenv("REGION", "eu-central-1")
	_, err = account.Open(t.Context(), os.LookupEnv)
	wantLine(t, err, "there are no AWS credentials", "AWS_PROFILE", "aws sso login")
	t.Setenv("AWS_PROFILE", "nobody")
	_, err = account.Open(t.Context(), os.LookupEnv)
	wantLine(t, err, `AWS_PROFILE: there is no profile "nobody"`)
}

func TestAnSSOSessionThatHasEndedSaysHowToBeginOne(t *testing.T) {
	accounttest.Forget(t)
	t.Setenv("HOME", t.TempDir()) // where sessions are cached: none
	for name, profile := range map[string]string{
		"session": "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = Owner\n[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://sso.example.com/start\n",
		"legacy":  "sso_region = eu-central-1\nsso_start_url = https://sso.example.com/start\nsso_account_id = 123456789012\nsso_role_name = Owner\n",
	} {
		file := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(file, []byte("[profile "+name+"]\nregion = eu-central-1\n"+profile), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_CONFIG_FILE", file)
		t.Setenv("AWS_PROFILE", name)
		_, err := account.Open(t.Context(), os.LookupEnv)
		wantLine(t, err, "there is no valid SSO session of the profile "+name, "aws sso login --profile "+name)
	}
}

func TestARefusalIsOneLineThatSaysWhatToDo(t *testing.T) {
	aws := accounttest.Start(t)
	for _, c := range []struct {
		code, message, want string
	}{
		{"AccessDenied", "User: x is not authorized to perform:\n cloudformation:DescribeStacks", "AWS denies you cloudformation:DescribeStacks: User: x is not"},
		{"ExpiredToken", "The security token included in the request is expired", "the AWS session has expired: sign in again"},
		{"InvalidClientTokenId", "The security token included in the request is invalid.", "AWS refuses these credentials (InvalidClientTokenId)"},
		{"Throttling", "Rate exceeded", "cloudformation:DescribeStacks: Throttling: Rate exceeded"},
	} {
		aws.Refusals["cloudformation:DescribeStacks"] = accounttest.Refusal{Status: http.StatusForbidden, Code: c.code, Message: c.message}
		_, err := open(t).Stack(t.Context(), "keepsake")
		wantLine(t, err, c.want)
	}
}

func TestIfNobodyAnswersOneLineSaysWhatWasAsked(t *testing.T) {
	accounttest.Start(t)
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
	_, err := open(t).Caller(t.Context())
	wantLine(t, err, "sts:GetCallerIdentity: ", "connection refused")
}
