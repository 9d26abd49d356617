package cloudtest_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/infra/template"
)

// held names the function that a run of these tests in a process of its own is held to.
const held = "CLOUDTEST_HELD"

func TestMain(m *testing.M) {
	if name := os.Getenv(held); name != "" {
		cloudtest.Main(m, func(f template.Function) bool { return f.Name == name })
	}
	os.Exit(m.Run())
}

// look has a function look for a row that is not there.
func look(t *testing.T, c *cloudtest.Cloud, function, table string) error {
	t.Helper()
	key := row("a", "meta", "")
	if table == "TokensTable" {
		key = item{"token_hash": &types.AttributeValueMemberS{Value: "none"}}
	}
	_, err := dynamodb.NewFromConfig(c.ConfigOf(function)).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: key})
	return err
}

func TestAFunctionIsHeldToItsRoleAndTheOwnerIsNot(t *testing.T) {
	c := cloudtest.Start(t)
	if err := look(t, c, "disable-secret-version", "SecretsTable"); err == nil || !strings.Contains(err.Error(), "no identity-based policy allows the dynamodb:GetItem action") {
		t.Errorf("disable-secret-version may read secrets: %v", err)
	}
	if err := look(t, c, "get-secret", "SecretsTable"); err != nil {
		t.Error(err)
	}
	if err := look(t, c, "get-secret", "TokensTable"); err != nil {
		t.Error(err)
	}
	secrets{t, c}.put(row("a", "meta", "1"))
}

func TestACallThatAFaultEatsExercisesNothing(t *testing.T) {
	c := cloudtest.Start(t)
	c.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", "no") })
	if err := look(t, c, "update-secret", "TokensTable"); err == nil {
		t.Error("it was performed")
	}
}

func TestAFullRunFailsWhereARightIsNotExercised(t *testing.T) {
	if os.Getenv(held) != "" {
		t.Skip("this is such a run")
	}
	const unexercised = "FAIL: the template allows"
	for _, c := range []struct {
		function, flag string
		fails          []string
	}{
		{"get-secret", "", nil},
		{"update-secret", "", []string{unexercised, "update-secret CheckTheToken dynamodb:GetItem", "update-secret ChangeTheSecret dynamodb:UpdateItem"}},
		{"update-secret", "-test.run=Held", nil}, // of some of the tests nothing is said
		{"update-secret", "-test.skip=Held", nil},
	} {
		command := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(c.flag)...)
		command.Env = append(os.Environ(), held+"="+c.function)
		out, err := command.CombinedOutput()
		if (err != nil) != (c.fails != nil) || strings.Contains(string(out), unexercised) != (c.fails != nil) {
			t.Errorf("%s %s: %v\n%s", c.function, c.flag, err, out)
		}
		for _, line := range c.fails {
			if !strings.Contains(string(out), line) {
				t.Errorf("%s: not a word of %s:\n%s", c.function, line, out)
			}
		}
	}
}
