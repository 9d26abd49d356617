package iam_test

import (
	"testing"

	"keepsake/infra/local/iam"
	"keepsake/infra/local/template"
	"keepsake/infra/local/wire"
)

const key = "arn:aws:kms:us-east-1:000000000000:key/encryptionkey"

var role = template.Function{Name: "f", Statements: []template.Statement{
	{Effect: "Allow", Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{template.TableARN("Secrets")}},
	{Effect: "Allow", Actions: []string{"dynamodb:Query"}, Resources: []string{template.TableARN("Secrets") + "/index/list"}},
	{Effect: "Allow", Actions: []string{"dynamodb:BatchGetItem"}, Resources: []string{template.TableARN("Secrets")}},
	{
		Effect: "Allow", Actions: []string{"kms:Decrypt"}, Resources: []string{key},
		Condition: map[string]map[string]any{"StringEquals": {"kms:EncryptionContext:kind": "hcloud"}},
	},
	{Effect: "Allow", Actions: []string{"kms:GenerateMac"}, Resources: []string{key}, Condition: map[string]map[string]any{"Bool": {"x": "true"}}},
	{Effect: "Allow", Actions: []string{"dynamodb:Scan"}, Resources: []string{template.TableARN("Secrets")}},
	{Effect: "Deny", Actions: []string{"dynamodb:Scan"}, Resources: []string{template.TableARN("Secrets")}},
}}

func TestARoleAllowsWhatItNamesAndNothingElse(t *testing.T) {
	guard := iam.Guard(map[string]template.Function{"KEY": role})
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
		{"its key in its context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"hcloud"}}`, true},
		{"its key in another context", "kms", "Decrypt", `{"KeyId":"` + key + `","EncryptionContext":{"kind":"generic"}}`, false},
		{"its key without a context", "kms", "Decrypt", `{"KeyId":"` + key + `"}`, false},
		{"another key", "kms", "Decrypt", `{"KeyId":"other","EncryptionContext":{"kind":"hcloud"}}`, false},
		{"under a condition that nobody knows", "kms", "GenerateMac", `{"KeyId":"` + key + `"}`, false},
		{"what is denied elsewhere", "dynamodb", "Scan", `{"TableName":"Secrets"}`, false},
		{"what is no JSON", "dynamodb", "GetItem", `{`, false},
	} {
		verdict := guard(wire.Call{Service: c.service, Action: c.action, AccessKey: "KEY", Body: []byte(c.body)})
		if got := verdict.Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", c.what, got)
		}
	}
}

func TestAStrangerMayDoNothing(t *testing.T) {
	guard := iam.Guard(map[string]template.Function{"KEY": role})
	for _, stranger := range []string{"", "OTHER"} {
		if guard(wire.Call{Service: "dynamodb", Action: "GetItem", AccessKey: stranger, Body: []byte(`{"TableName":"Secrets"}`)}).Passes() {
			t.Errorf("%q got through", stranger)
		}
	}
}
