package iam_test

import (
	"slices"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

const key = "arn:aws:kms:us-east-1:000000000000:key/encryptionkey"

// iamDecides is the policy of a key that leaves all to the roles.
var iamDecides = template.Statement{
	Effect: "Allow", Principals: map[string][]string{"AWS": {"arn:aws:iam::000000000000:root"}},
	Actions: []string{"kms:*"}, Resources: []string{"*"},
}

var role = template.Function{Name: "f", Statements: []template.Statement{
	{Sid: "Own", Effect: "Allow", Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{template.TableARN("Secrets")}},
	{Effect: "Allow", Actions: []string{"dynamodb:Query"}, Resources: []string{template.TableARN("Secrets") + "/index/list"}},
	{Effect: "Allow", Actions: []string{"dynamodb:BatchGetItem"}, Resources: []string{template.TableARN("Secrets")}},
	{
		Effect: "Allow", Actions: []string{"kms:Decrypt"}, Resources: []string{key},
		Condition: map[string]map[string]any{"StringEquals": {"kms:EncryptionContext:kind": "hcloud"}},
	},
	{Effect: "Allow", Actions: []string{"dynamodb:Scan"}, Resources: []string{template.TableARN("Secrets")}},
	{Effect: "Deny", Actions: []string{"dynamodb:Scan"}, Resources: []string{template.TableARN("Secrets")}},
}}

func TestARoleAllowsWhatItNamesAndNothingElse(t *testing.T) {
	account := newAccount(role, iamDecides)
	for _, c := range []struct {
		what, service, action, body string
		allowed                     bool
	}{
		{"its action on its table", "dynamodb", "GetItem", `{"TableName":"Secrets"}`, true},
		{"another action", "dynamodb", "UpdateItem", `{"TableName":"Secrets"}`, false},
		{"another table", "dynamodb", "GetItem", `{"TableName":"Tokens"}`, false},
		{"its index", "dynamodb", "Query", `{"TableName":"Secrets","IndexName":"list"}`, true},
		{"another index", "dynamodb", "Query", `{"TableName":"Secrets","IndexName":"purge"}`, false},
		{"the table instead of the index", "dynamodb", "Query", `{"TableName":"Secrets"}`, false},
		{"a batch", "dynamodb", "BatchGetItem", `{"RequestItems":{"Secrets":{}}}`, true},
		{"a batch with another table", "dynamodb", "BatchGetItem", `{"RequestItems":{"Secrets":{},"Tokens":{}}}`, false},
		{"a transaction of its puts", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Secrets"}}]}`, true},
		{"one with an update", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Secrets"}},{"Update":{"TableName":"Secrets"}}]}`, false},
		{"one with a check", "dynamodb", "TransactWriteItems", `{"TransactItems":[{"ConditionCheck":{"TableName":"Secrets"}}]}`, false},
		{"a transaction of nothing", "dynamodb", "TransactWriteItems", `{"TransactItems":[{}]}`, false},
		{"its key in its context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"hcloud"}}`, true},
		{"its key in another context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"generic"}}`, false},
		{"its key without a context", "kms", "Decrypt", `{"KeyId":"` + key + `"}`, false},
		{"another key", "kms", "Decrypt", `{"KeyId":"other","EncryptionContext":{"kind":"hcloud"}}`, false},
		{"what is denied elsewhere", "dynamodb", "Scan", `{"TableName":"Secrets"}`, false},
		{"what is no JSON", "dynamodb", "GetItem", `{`, false},
	} {
		verdict := account.Guard(wire.Call{Service: c.service, Action: c.action, AccessKey: lambda.AccessKey("f"), Body: []byte(c.body)})
		if got := verdict.Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", c.what, got)
		}
	}
}

func TestAStrangerMayDoNothing(t *testing.T) {
	account := newAccount(role, iamDecides)
	for _, stranger := range []string{"", "OTHER"} {
		if account.Guard(wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: stranger, Body: []byte(`{"TableName":"Secrets"}`)}).Passes() {
			t.Errorf("%q got through", stranger)
		}
	}
}

func TestWildcardsStandForWhatTheyStandForOnAWS(t *testing.T) {
	table := template.TableARN("Secrets")
	for _, c := range []struct {
		action, resource string
		allowed          bool
	}{
		{"dynamodb:Get*", table, true},
		{"dynamodb:getitem", table, true}, // actions are the same in each spelling
		{"dynamodb:?etItem", table, true},
		{"*", table, true},
		{"dynamodb:Get?", table, false},
		{"kms:*", table, false},
		{"dynamodb:GetItem", "*", true},
		{"dynamodb:GetItem", "arn:aws:dynamodb:*", true},
		{"dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/Sec?ets", true},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:*:table/*", true},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us*:table/Secrets", false}, // reaches beyond no colon
		{"dynamodb:GetItem", table + "/*", false},
		{"dynamodb:GetItem", template.TableARN("secrets"), false},
	} {
		f := template.Function{Name: "f", Statements: []template.Statement{{Effect: "Allow", Actions: []string{c.action}, Resources: []string{c.resource}}}}
		call := wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: lambda.AccessKey("f"), Body: []byte(`{"TableName":"Secrets"}`)}
		if got := newAccount(f, iamDecides).Guard(call).Passes(); got != c.allowed {
			t.Errorf("%s on %s: allowed %v", c.action, c.resource, got)
		}
	}
}

func TestOfACallThatIsAllowedTheRightIsTold(t *testing.T) {
	used, verdict := newAccount(role, iamDecides).Judge(wire.Call{
		Service: "dynamodb", Action: "TransactWriteItems", AccessKey: lambda.AccessKey("f"),
		Body: []byte(`{"TransactItems":[{"Put":{"TableName":"Secrets"}},{"Put":{"TableName":"Secrets"}}]}`),
	})
	want := iam.Right{Function: "f", Sid: "Own", Action: "dynamodb:PutItem", Resource: template.TableARN("Secrets")}
	if !verdict.Passes() || !slices.Equal(used, []iam.Right{want, want}) {
		t.Errorf("the rights are %v", used)
	}
	if all := iam.Rights(role); !slices.Contains(all, want) || len(all) != 6 {
		t.Errorf("in all it has %v", all) // what it denies is none
	}
}

func TestWhatLambdaDoesInAFunctionsNameIsForTheRoleToAllowToo(t *testing.T) {
	account := newAccount(role, iamDecides)
	if !account.May(role, "dynamodb:PutItem", template.TableARN("Secrets")) || account.May(role, "sqs:SendMessage", template.QueueARN("Lost")) {
		t.Error("it is not the role that decides")
	}
}

func newAccount(f template.Function, keyPolicy ...template.Statement) *iam.Account {
	return iam.NewAccount(&template.Template{
		Functions: []template.Function{f}, Keys: []template.Key{{ARN: key, Statements: keyPolicy}},
	})
}
