package iam_test

import (
	"path"
	"strings"
	"testing"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// FuzzPolicy: a statement allows no more than it names. What is refused without it and allowed with it
// has its action and its resource; a Deny only takes away.
func FuzzPolicy(f *testing.F) {
	f.Add("dynamodb:GetItem", template.TableARN("Secrets"), "dynamodb", "GetItem", `{"TableName":"Secrets"}`)
	f.Add("dynamodb:*", template.TableARN("Secrets")+"/index/*", "dynamodb", "Query", `{"TableName":"Secrets","IndexName":"list"}`)
	f.Add("dynamodb:Get?tem", "arn:aws:dynamodb:*", "dynamodb", "GetItem", `{"TableName":"Tokens"}`)
	f.Add("kms:Decrypt", key, "kms", "Decrypt", `{"KeyId":"`+key+`","EncryptionContext":{"kind":"generic"}}`)
	f.Add("dynamodb:PutItem", template.TableARN("Secrets"), "dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"Secrets"}},{"Delete":{"TableName":"Tokens"}}]}`)
	f.Add("*", "*", "dynamodb", "BatchWriteItem", `{"RequestItems":{"Secrets":null}}`)
	f.Fuzz(func(t *testing.T, action, resource, service, called, body string) {
		if strings.Count(action, "*")+strings.Count(resource, "*") > 4 {
			t.Skip("to match many wildcards takes long")
		}
		call := wire.Call{Service: service, Action: called, Body: []byte(body), AccessKey: lambda.AccessKey("f")}
		passes := func(statements ...template.Statement) bool {
			account := newAccount(template.Function{Name: "f", Statements: statements}, iamDecides)
			return account.Guard(call).Passes()
		}
		allow := template.Statement{Effect: "Allow", Actions: []string{action}, Resources: []string{resource}}
		refuse := template.Statement{Effect: "Deny", Actions: []string{action}, Resources: []string{resource}}
		everything := template.Statement{Effect: "Allow", Actions: []string{"*"}, Resources: []string{"*"}}
		switch {
		case passes():
			t.Error("a role without a statement may do something")
		case passes(allow, refuse):
			t.Error("what is denied is allowed")
		case passes(allow) && !passes(everything) && resource != "":
			t.Error("a statement allows what one of everything does not")
		case passes(allow) && !strings.ContainsAny(action, "*?") && service != "" && !hasAction(action, service, called):
			t.Errorf("%s allows %s:%s", action, service, called)
		}
		if !strings.ContainsAny(resource, "*?") && passes(allow) && !strings.Contains(body, path.Base(resource)) && !strings.Contains(body, `\`) {
			t.Errorf("%s is a right to what %s names", resource, body)
		}
	})
}

// hasAction reports whether a call needs the action: itself, or what a transaction of its parts needs.
func hasAction(action, service, called string) bool {
	return strings.EqualFold(action, service+":"+called) || called == "TransactWriteItems" || called == "TransactGetItems"
}

// FuzzCall: whatever a function sends, it is passed or refused as AWS does.
func FuzzCall(f *testing.F) {
	f.Add("dynamodb", "TransactWriteItems", []byte(`{"TransactItems":[{"Put":{"TableName":"Secrets"}}]}`))
	f.Add("kms", "Decrypt", []byte(`{"KeyId":7}`))
	f.Add("", "", []byte(`null`))
	account := newAccount(role, iamDecides)
	f.Fuzz(func(t *testing.T, service, action string, body []byte) {
		call := wire.Call{Service: service, Action: action, Body: body, AccessKey: lambda.AccessKey("f")}
		used, verdict := account.Judge(call)
		if verdict.Passes() != (len(used) > 0) {
			t.Errorf("passes: %v, by the rights %v", verdict.Passes(), used)
		}
		call.AccessKey = "nobody's"
		if _, verdict := account.Judge(call); verdict.Passes() {
			t.Errorf("nobody may %s:%s", service, action)
		}
	})
}
