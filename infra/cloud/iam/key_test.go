package iam_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

const (
	roleARN  = "arn:aws:iam::000000000000:role/opener"
	otherARN = "arn:aws:iam::000000000000:role/other"
)

// condition is one of a statement.
func condition(operator, name string, want any) map[string]map[string]any {
	return map[string]map[string]any{operator: {name: want}}
}

// opener is a function whose role may decrypt under conditions.
func opener(conditions map[string]map[string]any) template.Function {
	return template.Function{Name: "open-value", Role: roleARN, Statements: []template.Statement{{
		Effect: "Allow", Actions: []string{"kms:Decrypt"}, Resources: []string{key}, Condition: conditions,
	}}}
}

// forRoot is a key's statement with a condition.
func forRoot(condition map[string]map[string]any) template.Statement {
	s := openToRoles
	s.Condition = condition
	return s
}

// decrypt is the call of open-value, of a value of this kind.
var decrypt = wire.Call{
	Service: "kms", Action: "Decrypt", AccessKey: lambda.AccessKey("open-value"),
	Body: []byte(`{"KeyId":"` + key + `","EncryptionContext":{"kind":"red"}}`),
}

func TestAKeyIsUsedOnlyIfItsPolicyAllowsItToo(t *testing.T) {
	encrypts := openToRoles
	encrypts.Actions = []string{"kms:GenerateDataKey"}
	for name, c := range map[string]struct {
		policy  []template.Statement
		allowed bool
	}{
		"no statement":                 {nil, false},
		"the account":                  {[]template.Statement{openToRoles}, true},
		"another action":               {[]template.Statement{encrypts}, false},
		"the account, as this role":    {[]template.Statement{forRoot(condition("ArnEquals", "aws:PrincipalArn", []any{otherARN, roleARN}))}, true},
		"the account, as another role": {[]template.Statement{forRoot(condition("ArnEquals", "aws:PrincipalArn", []any{otherARN}))}, false},
		"one of two":                   {[]template.Statement{forRoot(condition("ArnEquals", "aws:PrincipalArn", otherARN)), openToRoles}, true},
	} {
		if got := newPolicies(t, opener(nil), c.policy...).Guard(decrypt).Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", name, got)
		}
	}
}

func TestAKeysPolicyGivesNothingThatTheRoleDoesNotShow(t *testing.T) {
	mine := forRoot(condition("ArnEquals", "aws:PrincipalArn", roleARN))
	nothing := template.Function{Name: "open-value", Role: roleARN}
	if newPolicies(t, nothing, mine).Guard(decrypt).Passes() {
		t.Error("a role without a statement has used a key")
	}
}

func TestAConditionHoldsForTheValuesThatItNames(t *testing.T) {
	const kind = "kms:EncryptionContext:kind"
	for name, c := range map[string]struct {
		condition map[string]map[string]any
		allowed   bool
	}{
		"equal":                     {condition("StringEquals", kind, "red"), true},
		"another case of the key":   {condition("StringEquals", "kms:encryptioncontext:Kind", "red"), true},
		"another case of the value": {condition("StringEquals", kind, "Red"), false},
		"one of many":               {condition("StringEquals", kind, []any{"blue", "red"}), true},
		"none of many":              {condition("StringEquals", kind, []any{"blue", "green"}), false},
		"a star is a star":          {condition("StringEquals", kind, "r*"), false},
		"a name that is missing":    {condition("StringEquals", "kms:EncryptionContext:shape", "x"), false},
		"this role":                 {condition("ArnEquals", "aws:PrincipalArn", roleARN), true},
		"another role":              {condition("ArnEquals", "aws:PrincipalArn", otherARN), false},
		"all of two": {map[string]map[string]any{
			"StringEquals": {kind: "red"}, "ArnEquals": {"aws:PrincipalArn": roleARN},
		}, true},
		"one of two": {map[string]map[string]any{
			"StringEquals": {kind: "red"}, "ArnEquals": {"aws:PrincipalArn": otherARN},
		}, false},
	} {
		if got := newPolicies(t, opener(c.condition), openToRoles).Guard(decrypt).Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", name, got)
		}
	}
}

func TestARefusalSaysWhichPolicyIsMissingAsAWSDoes(t *testing.T) {
	nothing := template.Function{Name: "open-value", Role: roleARN}
	const who = "User: arn:aws:sts::000000000000:assumed-role/opener/open-value is not authorized to perform: kms:Decrypt on resource: " + key
	for _, c := range []struct {
		role      template.Function
		keyPolicy template.Statement
		want      string
	}{
		{nothing, openToRoles, who + " because no identity-based policy allows the kms:Decrypt action"},
		{opener(nil), forRoot(condition("ArnEquals", "aws:PrincipalArn", otherARN)), who + " because no resource-based policy allows the kms:Decrypt action"},
	} {
		if got := response(t, newPolicies(t, c.role, c.keyPolicy)); !strings.Contains(got, `"AccessDeniedException"`) || !strings.Contains(got, c.want+`"`) {
			t.Errorf("the response is %s, want %s", got, c.want)
		}
	}
}

// response returns the response to decrypt.
func response(t *testing.T, policies *iam.Policies) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(decrypt.Body)))
	request.Header.Set("X-Amz-Target", "TrentService.Decrypt")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+decrypt.AccessKey+"/20261124/us-east-1/kms/aws4_request")
	recorder := httptest.NewRecorder()
	wire.New("", "", policies.Guard).ServeHTTP(recorder, request)
	return recorder.Body.String()
}
