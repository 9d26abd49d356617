package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/envfile"
	"keepsake/infra/local/containers"
	"keepsake/infra/template"
)

// bridge stands for Docker's bridge: another address of this machine.
const bridge = "127.0.0.2"

func needsBridge(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", bridge+":0")
	if err != nil {
		t.Skipf("needs a second loopback address, as Linux has: %v", err)
	}
	_ = listener.Close()
}

// database is DynamoDB as a container with this access key sees it.
func database(url, accessKey string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:           template.Region,
		Credentials:      credentials.NewStaticCredentialsProvider(accessKey, "local", "local"),
		BaseEndpoint:     aws.String(url),
		RetryMaxAttempts: 1,
	})
}

func TestAContainerReachesDynamoDBWithItsFunctionsRightsAndNothingElse(t *testing.T) {
	t.Parallel()
	needsBridge(t)
	l := newCheckout(t).start("DOCKER=" + bridge)
	variables, err := containers.ReadVariables(l.path(containers.VariablesPath))
	if err != nil {
		t.Fatal(err)
	}
	// The name by which a container calls this machine is unknown on the machine itself.
	url := strings.Replace(variables["GetSecretFunction"][envfile.DynamoDB], containers.Host, bridge, 1)
	table := aws.String("SecretsTable")
	row := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"}}

	function := database(url, lambda.AccessKey("get-secret"))
	if _, err := function.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: row}); err != nil {
		t.Errorf("the function: %v", err)
	}
	_, err = function.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: row})
	if err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Errorf("the function, beyond its role: error %v", err)
	}
	_, err = database(url, "AKIASTRANGER").GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: row})
	if err == nil || !strings.Contains(err.Error(), "UnrecognizedClientException") {
		t.Errorf("a stranger: error %v", err)
	}
	if _, _, err := callFunction(t.Context(), url, "get-openapi", "{}"); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("a container that invokes a function: error %v", err)
	}
}

func TestTheContainersVariablesAreTheFunctionsOwnWithoutTheToken(t *testing.T) {
	t.Parallel()
	needsBridge(t)
	l := newCheckout(t).start("DOCKER="+bridge, "RETENTION=15s")
	tmpl, err := template.Read(l.path(templatePath))
	if err != nil {
		t.Fatal(err)
	}
	text := l.read(containers.VariablesPath)
	var variables containers.Variables
	if err := json.Unmarshal([]byte(text), &variables); err != nil || len(variables) != len(tmpl.Functions) {
		t.Fatalf("%v: %d functions, the template has %d", err, len(variables), len(tmpl.Functions))
	}
	for _, f := range tmpl.Functions {
		of := variables[f.LogicalID]
		for name := range f.Environment {
			if _, has := of[name]; !has {
				t.Errorf("%s lacks %s", f.Name, name)
			}
		}
		for _, name := range []string{envfile.DynamoDB, envfile.KMS} {
			if !strings.HasPrefix(of[name], "http://"+containers.Host+":") {
				t.Errorf("%s: %s=%s", f.Name, name, of[name])
			}
		}
	}
	if got := variables["DeleteSecretFunction"]["RETENTION"]; got != "15s" {
		t.Errorf("delete-secret retains for %s", got)
	}
	if strings.Contains(text, l.token) {
		t.Error("the variables hold the token")
	}
}

func TestWithoutDockerNothingListensToContainers(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	write(t, c.path(containers.VariablesPath), "{}") // of an earlier run
	c.start()
	if _, err := os.Stat(c.path(containers.VariablesPath)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the variables of an earlier run are still there: %v", err)
	}
}

func TestAMachineWithoutABridgeIsToldWhatToDo(t *testing.T) {
	_, err := addressOf("none0")
	if err == nil || !strings.HasPrefix(err.Error(), "DOCKER=1: there is no none0") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if address, err := bridgeAddress(""); address != "" || err != nil {
		t.Errorf("without DOCKER it listens on %q, %v", address, err)
	}
}

func TestASampleRunsInAContainerOnlyIfTheStackListensToIt(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, templatePath))
	if err != nil {
		t.Fatal(err)
	}
	startPlayed(t, "{}")
	write(t, templatePath, string(content))
	t.Setenv("SAM", "sam")
	t.Setenv("SAM_IMAGE", "image")
	if err := invokeInContainers(t.Context(), nil, io.Discard); !errors.Is(err, errClosed) {
		t.Errorf("a stack that does not listen: error %v", err)
	}
	if err := invokeInContainers(t.Context(), []string{"get-nothing"}, io.Discard); err == nil || !strings.Contains(err.Error(), `"get-nothing"`) {
		t.Errorf("an unknown function: error %v", err)
	}
	if err := forget(); err != nil {
		t.Fatal(err)
	}
	if err := invokeInContainers(t.Context(), nil, io.Discard); !errors.Is(err, errNoStack) {
		t.Errorf("no stack: error %v", err)
	}
}
