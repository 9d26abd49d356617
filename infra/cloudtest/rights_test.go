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

// checked is the variable with the name of the function whose rights a run of these tests checks.
const checked = "CLOUDTEST_CHECKED"

func TestMain(m *testing.M) {
	if name := os.Getenv(checked); name != "" {
		cloudtest.Main(m, func(f template.Function) bool { return f.Name == name })
	}
	os.Exit(m.Run())
}

// readMissing makes a function read a row that does not exist.
func readMissing(t *testing.T, c *cloudtest.Cloud, function, table string) error {
	t.Helper()
	key := row("a", "meta", "")
	if table == "TokensTable" {
		key = item{"token_hash": &types.AttributeValueMemberS{Value: "none"}}
	}
	_, err := dynamodb.NewFromConfig(c.ConfigOf(function)).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: key})
	return err
}

func TestAFunctionMayDoWhatItsRoleAllowsAndTheOwnerAnything(t *testing.T) {
	c := cloudtest.Start(t)
	if err := readMissing(t, c, "disable-secret-version", "SecretsTable"); err == nil || !strings.Contains(err.Error(), "no identity-based policy allows the dynamodb:GetItem action") {
		t.Errorf("disable-secret-version may read secrets: %v", err)
	}
	if err := readMissing(t, c, "get-secret", "SecretsTable"); err != nil {
		t.Error(err)
	}
	if err := readMissing(t, c, "get-secret", "TokensTable"); err != nil {
		t.Error(err)
	}
	secrets{t, c}.put(row("a", "meta", "1"))
}

func TestACallThatAFaultHitsUsesNoRight(t *testing.T) {
	c := cloudtest.Start(t)
	c.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", "no") })
	if err := readMissing(t, c, "update-secret", "TokensTable"); err == nil {
		t.Error("the call was performed")
	}
}

func TestAFullRunFailsIfARightIsNotUsed(t *testing.T) {
	if os.Getenv(checked) != "" {
		t.Skip("this is such a run")
	}
	const unused = "FAIL: the template allows"
	for _, c := range []struct {
		function, flag string
		fails          []string
	}{
		{"get-secret", "", nil},
		{"update-secret", "", []string{unused, "update-secret CheckTheToken dynamodb:GetItem", "update-secret ChangeTheSecret dynamodb:UpdateItem"}},
		{"update-secret", "-test.run=May", nil}, // a part of the tests proves nothing
		{"update-secret", "-test.skip=May", nil},
	} {
		command := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(c.flag)...)
		command.Env = append(os.Environ(), checked+"="+c.function)
		out, err := command.CombinedOutput()
		if (err != nil) != (c.fails != nil) || strings.Contains(string(out), unused) != (c.fails != nil) {
			t.Errorf("%s %s: %v\n%s", c.function, c.flag, err, out)
		}
		for _, line := range c.fails {
			if !strings.Contains(string(out), line) {
				t.Errorf("%s: it does not print %s:\n%s", c.function, line, out)
			}
		}
	}
}
