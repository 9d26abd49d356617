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

// forRoot is a key's statement about the account.
func forRoot(effect string, conditions map[string]map[string]any) template.Statement {
	s := iamDecides
	s.Effect, s.Condition = effect, conditions
	return s
}

// decrypt is the call of open-value, of a value of this kind.
var decrypt = wire.Call{
	Service: "kms", Action: "Decrypt", AccessKey: lambda.AccessKey("open-value"),
	Body: []byte(`{"KeyId":"` + key + `","EncryptionContext":{"kind":"hcloud"}}`),
}

func TestAKeyIsUsedOnlyIfItsPolicyAllowsItToo(t *testing.T) {
	anybody, other := forRoot("Allow", nil), forRoot("Allow", nil)
	anybody.Principals = map[string][]string{"AWS": {"*"}}
	other.Principals = map[string][]string{"AWS": {otherARN}}
	mine := other
	mine.Principals = map[string][]string{"AWS": {otherARN, roleARN}}
	encrypts := forRoot("Allow", nil)
	encrypts.Actions = []string{"kms:GenerateDataKey"}
	service := other
	service.Principals = map[string][]string{"Service": {"logs.amazonaws.com"}}
	for name, c := range map[string]struct {
		policy  []template.Statement
		allowed bool
	}{
		"no statement":                   {nil, false},
		"the account":                    {[]template.Statement{forRoot("Allow", nil)}, true},
		"everybody":                      {[]template.Statement{anybody}, true},
		"this role":                      {[]template.Statement{mine}, true},
		"another role":                   {[]template.Statement{other}, false},
		"a service":                      {[]template.Statement{service}, false},
		"another action":                 {[]template.Statement{encrypts}, false},
		"the account, as this role":      {[]template.Statement{forRoot("Allow", condition("ArnEquals", "aws:PrincipalArn", []any{otherARN, roleARN}))}, true},
		"the account, as another role":   {[]template.Statement{forRoot("Allow", condition("ArnEquals", "aws:PrincipalArn", []any{otherARN}))}, false},
		"one allows, one denies":         {[]template.Statement{forRoot("Allow", nil), forRoot("Deny", nil)}, false},
		"one denies another role":        {[]template.Statement{forRoot("Allow", nil), forRoot("Deny", condition("ArnEquals", "aws:PrincipalArn", otherARN))}, true},
		"one denies what nobody knows":   {[]template.Statement{forRoot("Allow", nil), forRoot("Deny", condition("NumericLessThan", "aws:PrincipalArn", "1"))}, false},
		"one denies from an unknown key": {[]template.Statement{forRoot("Allow", nil), forRoot("Deny", condition("StringEquals", "aws:SourceVpc", "x"))}, false},
		"one allows what nobody knows":   {[]template.Statement{forRoot("Allow", condition("StringEquals", "aws:SourceVpc", "x"))}, false},
	} {
		if got := newAccount(opener(nil), c.policy...).Guard(decrypt).Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", name, got)
		}
	}
}

func TestAKeysPolicyGivesNothingThatTheRoleDoesNotShow(t *testing.T) {
	mine := forRoot("Allow", nil)
	mine.Principals = map[string][]string{"AWS": {roleARN}}
	nothing := template.Function{Name: "open-value", Role: roleARN}
	if newAccount(nothing, mine).Guard(decrypt).Passes() {
		t.Error("a role without a statement has used a key")
	}
}

func TestAConditionHoldsForTheValuesThatItNames(t *testing.T) {
	const kind = "kms:EncryptionContext:kind"
	for name, c := range map[string]struct {
		condition map[string]map[string]any
		allowed   bool
	}{
		"equal":                           {condition("StringEquals", kind, "hcloud"), true},
		"another case of the key":         {condition("StringEquals", "kms:encryptioncontext:Kind", "hcloud"), true},
		"another case of the value":       {condition("StringEquals", kind, "HCloud"), false},
		"one of many":                     {condition("StringEquals", kind, []any{"aws", "hcloud"}), true},
		"none of many":                    {condition("StringEquals", kind, []any{"aws", "gcp"}), false},
		"a pattern, where none is taken":  {condition("StringEquals", kind, "hc*"), false},
		"a pattern":                       {condition("StringLike", kind, "hc*d"), true},
		"another pattern":                 {condition("StringLike", kind, "hc?d"), false},
		"what is not there":               {condition("StringEquals", "kms:EncryptionContext:secret", "x"), false},
		"it is there":                     {condition("Null", kind, "false"), true},
		"it is there, unquoted":           {condition("Null", kind, false), true},
		"it is not there":                 {condition("Null", kind, "true"), false},
		"another is not there":            {condition("Null", "kms:EncryptionContext:secret", true), true},
		"this role":                       {condition("ArnEquals", "aws:PrincipalArn", roleARN), true},
		"roles like this":                 {condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/open*"), true},
		"roles unlike this":               {condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::role/open*"), false},
		"an unknown operator":             {condition("Bool", kind, "true"), false},
		"an unknown key":                  {condition("StringEquals", "aws:SourceIp", "x"), false},
		"whether an unknown key is there": {condition("Null", "aws:SourceIp", "true"), false},
		"all of two": {map[string]map[string]any{
			"StringEquals": {kind: "hcloud"}, "ArnEquals": {"aws:PrincipalArn": roleARN},
		}, true},
		"one of two": {map[string]map[string]any{
			"StringEquals": {kind: "hcloud"}, "ArnEquals": {"aws:PrincipalArn": otherARN},
		}, false},
	} {
		if got := newAccount(opener(c.condition), iamDecides).Guard(decrypt).Passes(); got != c.allowed {
			t.Errorf("%s: allowed %v", name, got)
		}
	}
}

func TestARefusalSaysWhichPolicyIsMissingAsAWSDoes(t *testing.T) {
	nothing := template.Function{Name: "open-value", Role: roleARN}
	never := opener(nil).Statements[0]
	never.Effect = "Deny"
	denied := opener(nil)
	denied.Statements = append(denied.Statements, never)
	const who = "User: arn:aws:sts::000000000000:assumed-role/opener/open-value is not authorized to perform: kms:Decrypt on resource: " + key
	for _, c := range []struct {
		role      template.Function
		keyPolicy template.Statement
		want      string
	}{
		{nothing, iamDecides, who + " because no identity-based policy allows the kms:Decrypt action"},
		{opener(nil), forRoot("Allow", condition("ArnEquals", "aws:PrincipalArn", otherARN)), who + " because no resource-based policy allows the kms:Decrypt action"},
		{denied, iamDecides, who + " with an explicit deny in an identity-based policy"},
		{opener(nil), forRoot("Deny", nil), who + " with an explicit deny in a resource-based policy"},
	} {
		if got := answer(t, newAccount(c.role, c.keyPolicy)); !strings.Contains(got, `"AccessDeniedException"`) || !strings.Contains(got, c.want+`"`) {
			t.Errorf("the answer is %s, want %s", got, c.want)
		}
	}
}

// answer is what the caller of decrypt gets to see.
func answer(t *testing.T, account *iam.Account) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(decrypt.Body)))
	request.Header.Set("X-Amz-Target", "TrentService.Decrypt")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+decrypt.AccessKey+"/20261124/us-east-1/kms/aws4_request")
	recorder := httptest.NewRecorder()
	wire.New("", "", account.Guard).ServeHTTP(recorder, request)
	return recorder.Body.String()
}
