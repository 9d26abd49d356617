package iam_test

import (
	"path"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// FuzzPolicy checks that a statement allows no more than it names: a call that it allows has its action
// and its resource.
func FuzzPolicy(f *testing.F) {
	f.Add("dynamodb:GetItem", template.TableARN("Things"), "dynamodb", "GetItem", `{"TableName":"Things"}`)
	f.Add("dynamodb:Query", template.TableARN("Things")+"/index/*", "dynamodb", "Query", `{"TableName":"Things","IndexName":"list"}`)
	f.Add("dynamodb:GetItem", "arn:aws:dynamodb:*", "dynamodb", "GetItem", `{"TableName":"Tokens"}`)
	f.Add("kms:Decrypt", key, "kms", "Decrypt", `{"KeyId":"`+key+`","EncryptionContext":{"kind":"red"}}`)
	f.Add("dynamodb:PutItem", template.TableARN("Things"), "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Things"}},{"Delete":{"TableName":"Tokens"}}]}`)
	f.Add("dynamodb:BatchWriteItem", "*", "dynamodb", "BatchWriteItem", `{"RequestItems":{"Things":null}}`)
	f.Fuzz(func(t *testing.T, action, resource, service, called, body string) {
		call := wire.Call{Service: service, Action: called, Body: []byte(body), AccessKey: lambda.AccessKey("f")}
		passes := func(statements ...template.Statement) bool {
			policies, err := iam.New(&template.Template{
				Functions: []template.Function{{Name: "f", Statements: statements}},
				Keys:      []template.Key{{ARN: key, Statements: []template.Statement{openToRoles}}},
			})
			if err != nil {
				t.Skip("such a statement is refused")
			}
			return policies.Guard(call).Passes()
		}
		allow := template.Statement{Effect: "Allow", Actions: []string{action}, Resources: []string{resource}}
		anywhere := template.Statement{Effect: "Allow", Actions: []string{action}, Resources: []string{"*"}}
		switch {
		case passes():
			t.Error("a role without a statement may do something")
		case passes(allow) && !passes(anywhere) && resource != "":
			t.Error("a statement allows what the same about every resource does not")
		case passes(allow) && service != "" && !hasAction(action, service, called):
			t.Errorf("%s allows %s:%s", action, service, called)
		}
		if !strings.HasSuffix(resource, "*") && passes(allow) && !strings.Contains(body, path.Base(resource)) && !strings.Contains(body, `\`) {
			t.Errorf("%s is a right to what %s names", resource, body)
		}
	})
}

// hasAction reports whether a call, or a part of a transaction, needs the action.
func hasAction(action, service, called string) bool {
	return strings.EqualFold(action, service+":"+called) || called == "TransactWriteItems"
}

// FuzzCall checks that any call of a function is passed, by rights that are named, or refused, and any
// call of a stranger refused.
func FuzzCall(f *testing.F) {
	f.Add("dynamodb", "TransactWriteItems", []byte(`{"TransactItems":[{"Put":{"TableName":"Things"}}]}`))
	f.Add("kms", "Decrypt", []byte(`{"KeyId":7}`))
	f.Add("", "", []byte(`null`))
	policies := newPolicies(f, role, openToRoles)
	f.Fuzz(func(t *testing.T, service, action string, body []byte) {
		call := wire.Call{Service: service, Action: action, Body: body, AccessKey: lambda.AccessKey("f")}
		used, verdict := policies.Judge(call)
		if verdict.Passes() != (len(used) > 0) {
			t.Errorf("passes: %v, by the rights %v", verdict.Passes(), used)
		}
		call.AccessKey = "OTHER"
		if _, verdict := policies.Judge(call); verdict.Passes() {
			t.Errorf("a stranger may %s:%s", service, action)
		}
	})
}
