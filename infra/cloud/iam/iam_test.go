package iam_test

import (
	"slices"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

const key = "arn:aws:kms:us-east-1:000000000000:key/encryptionkey"

// openToRoles is the policy of a key that leaves its use to the roles.
var openToRoles = template.Statement{
	Effect: "Allow", Principals: map[string][]string{"AWS": {"arn:aws:iam::000000000000:root"}},
	Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
}

var role = template.Function{Name: "f", Statements: []template.Statement{
	{Sid: "Own", Effect: "Allow", Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{template.TableARN("Things")}},
	{Effect: "Allow", Actions: []string{"dynamodb:Query"}, Resources: []string{template.TableARN("Things") + "/index/list"}},
	{Effect: "Allow", Actions: []string{"dynamodb:BatchGetItem"}, Resources: []string{template.TableARN("Things")}},
	{
		Effect: "Allow", Actions: []string{"kms:Decrypt"}, Resources: []string{key},
		Condition: map[string]map[string]any{"StringEquals": {"kms:EncryptionContext:kind": "red"}},
	},
}}

func TestARoleAllowsWhatItNamesAndNothingElse(t *testing.T) {
	policies := newPolicies(t, role, openToRoles)
	for _, c := range []struct {
		what, service, action, body string
		allowed                     bool
	}{
		{"its action on its table", "dynamodb", "GetItem", `{"TableName":"Things"}`, true},
		{"another action", "dynamodb", "UpdateItem", `{"TableName":"Things"}`, false},
		{"another table", "dynamodb", "GetItem", `{"TableName":"Tokens"}`, false},
		{"its index", "dynamodb", "Query", `{"TableName":"Things","IndexName":"list"}`, true},
		{"another index", "dynamodb", "Query", `{"TableName":"Things","IndexName":"other"}`, false},
		{"the table instead of the index", "dynamodb", "Query", `{"TableName":"Things"}`, false},
		{"a batch", "dynamodb", "BatchGetItem", `{"RequestItems":{"Things":{}}}`, true},
		{"a batch with another table", "dynamodb", "BatchGetItem", `{"RequestItems":{"Things":{},"Tokens":{}}}`, false},
		{"a transaction of its puts", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Things"}}]}`, true},
		{"one with an update", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Things"}},{"Update":{"TableName":"Things"}}]}`, false},
		{"one with a check", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"ConditionCheck":{"TableName":"Things"}}]}`, false},
		{"a transaction of nothing", "dynamodb", "TransactWriteItems", `{"TransactItems":[{}]}`, false},
		{"its key in its context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"red"}}`, true},
		{"its key in another context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"blue"}}`, false},
		{"its key without a context", "kms", "Decrypt", `{"KeyId":"` + key + `"}`, false},
		{"another key", "kms", "Decrypt", `{"KeyId":"other","EncryptionContext":{"kind":"red"}}`, false},
		{"a transaction with a get", "dynamodb", "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"Things"}}]}`, false},
		{"a body that is not JSON", "dynamodb", "GetItem", `{`, false},
	} {
		verdict := policies.Guard(wire.Call{Service: c.service, Action: c.action, AccessKey: lambda.AccessKey("f"), Body: []byte(c.body)})
		if got := verdict.Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", c.what, got)
		}
	}
}

func TestAStrangerMayDoNothing(t *testing.T) {
	policies := newPolicies(t, role, openToRoles)
	for _, stranger := range []string{"", "OTHER"} {
		if policies.Guard(wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: stranger, Body: []byte(`{"TableName":"Things"}`)}).Passes() {
			t.Errorf("the call of the access key %q passed", stranger)
		}
	}
}

func TestAResourceIsAWholeNameOrABeginning(t *testing.T) {
	table := template.TableARN("Things")
	for _, c := range []struct {
		action, resource string
		allowed          bool
	}{
		{"dynamodb:getitem", table, true}, // AWS ignores upper and lower case in an action
		{"dynamodb:Get", table, false},
		{"dynamodb:GetItem", template.TableARN("") + "*", true},
		{"dynamodb:GetItem", "*", true},
		{"dynamodb:GetItem", template.TableARN("Th") + "*", true},
		{"dynamodb:GetItem", template.TableARN("Th"), false},
		{"dynamodb:GetItem", table + "/*", false},
		{"dynamodb:GetItem", template.TableARN("things"), false},
	} {
		f := template.Function{Name: "f", Statements: []template.Statement{{Effect: "Allow", Actions: []string{c.action}, Resources: []string{c.resource}}}}
		call := wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: lambda.AccessKey("f"), Body: []byte(`{"TableName":"Things"}`)}
		if got := newPolicies(t, f).Guard(call).Passes(); got != c.allowed {
			t.Errorf("%s on %s: allowed %v", c.action, c.resource, got)
		}
	}
}

// AWS asks the other account, too, and we do not know what it says.
func TestAResourceOfAnotherAccountIsRefusedWhateverTheRoleSays(t *testing.T) {
	anything := template.Function{Name: "f", Statements: []template.Statement{{Effect: "Allow", Actions: []string{"sqs:SendMessage"}, Resources: []string{"*"}}}}
	policies := newPolicies(t, anything)
	for account, allowed := range map[string]bool{template.Account: true, "111111111111": false, "": false} {
		if policies.May(anything, "sqs:SendMessage", "arn:aws:sqs:us-east-1:"+account+":Lost") != allowed {
			t.Errorf("a queue of the account %q: allowed %v", account, !allowed)
		}
	}
}

func TestAStatementThatCannotBeJudgedAsOnAWSIsRefused(t *testing.T) {
	for want, change := range map[string]func(*template.Statement){
		"the Effect Deny is not supported":                            func(s *template.Statement) { s.Effect = "Deny" },
		`the wildcard in "kms:*" is not supported`:                    func(s *template.Statement) { s.Actions = []string{"kms:*"} },
		`the wildcard in "kms:Decryp?" is not supported`:              func(s *template.Statement) { s.Actions = []string{"kms:Decryp?"} },
		`the wildcard in "arn:*:key/a" is not supported`:              func(s *template.Statement) { s.Resources = []string{"arn:*:key/a"} },
		`the wildcard in "arn:aws:k?s*" is not supported`:             func(s *template.Statement) { s.Resources = []string{"arn:aws:k?s*"} },
		"the operator StringLike is not supported":                    func(s *template.Statement) { s.Condition = condition("StringLike", "kms:EncryptionContext:kind", "r*") },
		"the operator ArnLike is not supported":                       func(s *template.Statement) { s.Condition = condition("ArnLike", "aws:PrincipalArn", roleARN) },
		"the operator Null is not supported":                          func(s *template.Statement) { s.Condition = condition("Null", "aws:PrincipalArn", false) },
		"a condition on aws:SourceVpc is not supported":               func(s *template.Statement) { s.Condition = condition("StringEquals", "aws:SourceVpc", "x") },
		`the wildcard in "arn:aws:k*" is not supported`:               func(s *template.Statement) { s.Resources = []string{"arn:aws:k*"} },
		`"arn:aws:kms" is not a whole ARN`:                            func(s *template.Statement) { s.Resources = []string{"arn:aws:kms"} },
		`"ARN:aws:kms:us-east-1:0:key/a" is not a whole ARN`:          func(s *template.Statement) { s.Resources = []string{"ARN:aws:kms:us-east-1:0:key/a"} },
		`"" is not a whole ARN`:                                       func(s *template.Statement) { s.Resources = []string{""} },
		`the variable in "arn:aws:kms:a:0:key/${x}" is not supported`: func(s *template.Statement) { s.Resources = []string{"arn:aws:kms:a:0:key/${x}"} },
		`"Decrypt" is not an action`:                                  func(s *template.Statement) { s.Actions = []string{"Decrypt"} },
		`"${x}" is not an action`:                                     func(s *template.Statement) { s.Actions = []string{"${x}"} },
		`the variable in "${aws:PrincipalArn}" is not supported`: func(s *template.Statement) {
			s.Condition = condition("StringEquals", "aws:PrincipalArn", "${aws:PrincipalArn}")
		},
		"ArnEquals on kms:EncryptionContext:kind is not supported": func(s *template.Statement) { s.Condition = condition("ArnEquals", "kms:EncryptionContext:kind", "red") },
		`the wildcard in "arn:aws:iam::*" is not supported`: func(s *template.Statement) {
			s.Condition = condition("ArnEquals", "aws:PrincipalArn", []any{roleARN, "arn:aws:iam::*"})
		},
	} {
		s := openToRoles
		s.Sid = "Odd"
		change(&s)
		_, inRole := iam.New(&template.Template{Functions: []template.Function{{Name: "f", Statements: []template.Statement{s}}}})
		_, inKey := iam.New(&template.Template{Keys: []template.Key{{LogicalID: "AKey", Statements: []template.Statement{s}}}})
		for of, err := range map[string]error{`the role of f, statement "Odd": `: inRole, `the policy of AKey, statement "Odd": `: inKey} {
			if err == nil || !strings.Contains(err.Error(), of+want) {
				t.Errorf("error %v, want %s%s", err, of, want)
			}
		}
	}
}

func TestAKeysStatementIsAboutTheAccountAlone(t *testing.T) {
	for _, principals := range []map[string][]string{
		{"AWS": {"*"}}, {"AWS": {roleARN}}, {"Service": {"logs.amazonaws.com"}}, {"AWS": openToRoles.Principals["AWS"], "Service": {"logs.amazonaws.com"}}, nil,
	} {
		s := openToRoles
		s.Principals = principals
		_, err := iam.New(&template.Template{Keys: []template.Key{{LogicalID: "AKey", Statements: []template.Statement{s}}}})
		if err == nil || !strings.Contains(err.Error(), "the Principal must be the account's root") {
			t.Errorf("%v: error %v", principals, err)
		}
	}
}

func TestTheRightThatAllowsACallIsReturned(t *testing.T) {
	used, verdict := newPolicies(t, role, openToRoles).Judge(wire.Call{
		Service: "dynamodb", Action: "TransactWriteItems", AccessKey: lambda.AccessKey("f"),
		Body: []byte(`{"TransactItems":[{"Put":{"TableName":"Things"}},{"Put":{"TableName":"Things"}}]}`),
	})
	want := iam.Right{Function: "f", Sid: "Own", Action: "dynamodb:PutItem", Resource: template.TableARN("Things")}
	if !verdict.Passes() || !slices.Equal(used, []iam.Right{want, want}) {
		t.Errorf("the rights are %v", used)
	}
	if all := iam.Rights(role); !slices.Contains(all, want) || len(all) != 5 {
		t.Errorf("in all it has %v", all)
	}
}

func TestTheRoleDecidesWhatLambdaMayDoInAFunctionsName(t *testing.T) {
	policies := newPolicies(t, role, openToRoles)
	if !policies.May(role, "dynamodb:PutItem", template.TableARN("Things")) || policies.May(role, "sqs:SendMessage", template.QueueARN("Lost")) {
		t.Error("May does not follow the role")
	}
}

func newPolicies(t testing.TB, f template.Function, keyPolicy ...template.Statement) *iam.Policies {
	t.Helper()
	policies, err := iam.New(&template.Template{
		Functions: []template.Function{f}, Keys: []template.Key{{ARN: key, Statements: keyPolicy}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return policies
}
