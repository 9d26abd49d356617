package structure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/template"
)

// These tests look for rights that a role or a key should not have. The tests of shared/api and shared/job
// look for rights that no function uses.

const lambdaService = "lambda.amazonaws.com"

// otherRoles are the roles that no function acts as, and the services that assume them.
var otherRoles = map[string]string{
	"DeploymentRole":        "codedeploy.amazonaws.com",
	"OpenersDeploymentRole": "codedeploy.amazonaws.com",
	"ScheduleRole":          "scheduler.amazonaws.com",
}

// eachRight calls each with every action that a function's role allows.
func eachRight(t *testing.T, each func(f template.Function, s template.Statement, action string)) {
	t.Helper()
	for _, f := range readTemplate(t).Functions {
		for _, s := range f.Statements {
			for _, action := range s.Actions {
				each(f, s, action)
			}
		}
	}
}

func TestEachFunctionHasARoleOfItsOwnThatBearsItsName(t *testing.T) {
	tmpl := readTemplate(t)
	roles := map[string]template.Role{}
	for _, role := range tmpl.Roles {
		if _, twice := roles[role.ARN]; twice {
			t.Errorf("two roles are %s", role.ARN)
		}
		roles[role.ARN] = role
	}
	for _, f := range tmpl.Functions {
		role := roles[f.Role]
		delete(roles, f.Role) // another function that acts as it will not find it
		if want := strings.TrimSuffix(f.LogicalID, "Function") + "Role"; role.LogicalID != want {
			t.Errorf("%s acts as %q, want %s for itself", f.Name, role.LogicalID, want)
		}
		if !slices.Equal(role.Policies, []string{f.Name}) || len(role.Managed) > 0 {
			t.Errorf("%s has the policies %v and %v, want one that is named as it is", role.LogicalID, role.Policies, role.Managed)
		}
		if !slices.Equal(role.Trusts, []string{lambdaService}) {
			t.Errorf("%s may be assumed by %v", role.LogicalID, role.Trusts)
		}
	}
	for _, role := range roles {
		if !slices.Equal(role.Trusts, []string{otherRoles[role.LogicalID]}) || len(role.Managed) > 0 {
			t.Errorf("%s may be assumed by %v, want one service of otherRoles, or a function", role.LogicalID, role.Trusts)
		}
	}
}

func TestEachStatementAllowsAndSaysWhatItIsFor(t *testing.T) {
	for _, f := range readTemplate(t).Functions {
		said := map[string]bool{}
		for _, s := range f.Statements {
			if s.Sid == "" || said[s.Sid] || s.Effect != "Allow" {
				t.Errorf("%s: the statement %q, which %ss, must allow and have a Sid of its own", f.Name, s.Sid, strings.ToLower(s.Effect))
			}
			said[s.Sid] = true
		}
	}
}

// wide says why a right may have a pattern for its resource, or "" if it may not.
func wide(action, resource string) (because string) {
	switch {
	case strings.HasPrefix(action, "logs:") && strings.HasSuffix(resource, ":*") && strings.Count(resource, "*") == 1:
		return "Lambda names the streams of the function's log group when it makes them"
	case action == "dynamodb:ListStreams" && strings.HasSuffix(resource, "/stream/*") && strings.Count(resource, "*") == 1:
		return "it lists the streams of a table to find their names"
	case action == "cloudwatch:DescribeAlarms" && resource == "*":
		return "CloudWatch may refuse it for single alarms, and then no canary passes; it reads alarms and no data"
	}
	return ""
}

func TestNoRightIsWiderThanAName(t *testing.T) {
	for _, role := range readTemplate(t).Roles {
		for _, s := range role.Statements {
			for _, action := range s.Actions {
				if strings.ContainsAny(action, "*?") {
					t.Errorf("%s %s: the action %s", role.LogicalID, s.Sid, action)
				}
				for _, resource := range s.Resources {
					if strings.ContainsAny(resource, "*?") && wide(action, resource) == "" {
						t.Errorf("%s %s: %s on %s", role.LogicalID, s.Sid, action, resource)
					}
				}
			}
		}
	}
}

// lambdaNeeds lists the rights that Lambda uses on behalf of a function.
func lambdaNeeds(f template.Function) []string {
	var all []string
	add := func(resource string, actions ...string) {
		for _, action := range actions {
			all = append(all, action+" "+resource)
		}
	}
	add(template.LogGroupARN(f.LogGroup)+":*", "logs:CreateLogStream", "logs:PutLogEvents")
	for _, s := range f.Streams {
		add(s.ARN, "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
		add(template.TableARN(s.Table)+"/stream/*", "dynamodb:ListStreams")
		add(template.QueueARN(s.DeadLetters), "sqs:SendMessage")
	}
	slices.Sort(all)
	return all
}

func TestLambdaMayDoForAFunctionWhatItNeedsAndNoMore(t *testing.T) {
	groups := map[string]bool{}
	for _, f := range readTemplate(t).Functions {
		if groups[f.LogGroup] {
			t.Errorf("%s shares the log group %s", f.Name, f.LogGroup)
		}
		groups[f.LogGroup] = true
		var have []string
		for _, right := range iam.Rights(f) {
			if right.IsForLambda() {
				have = append(have, right.Action+" "+right.Resource)
			}
		}
		slices.Sort(have)
		if want := lambdaNeeds(f); !slices.Equal(have, want) {
			t.Errorf("%s: Lambda may\n%s\nwant\n%s", f.Name, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
	}
}

// keyUsers are the functions that use a key, by action.
var keyUsers = map[string][]string{
	"kms:GenerateDataKey": {"create-secret", "create-secret-version"},
	"kms:GenerateMac":     {"create-secret", "create-secret-version"},
	"kms:Decrypt":         {"access-secret-version", "access-named-version", "validate-credentials"},
}

func TestOnlyWhatSealsOrOpensMayUseAKey(t *testing.T) {
	users := map[string][]string{}
	eachRight(t, func(f template.Function, _ template.Statement, action string) {
		if strings.HasPrefix(action, "kms:") {
			users[action] = append(users[action], f.Name)
		}
	})
	if !maps.EqualFunc(users, keyUsers, slices.Equal) {
		t.Errorf("keys are used by %v, want %v", users, keyUsers)
	}
}

func TestUndeleteHasNoRightToAnyKey(t *testing.T) {
	undelete, _ := readTemplate(t).Function("undelete-secret")
	for _, s := range undelete.Statements {
		if text := fmt.Sprint(s.Actions, s.Resources); strings.Contains(text, "kms:") {
			t.Errorf("%s: %s", s.Sid, text)
		}
	}
}

func TestTheBackgroundOpensCredentialsOfItsProviderAlone(t *testing.T) {
	want := map[string]any{"kms:EncryptionContext:kind": "cloud_provider/hcloud"}
	eachRight(t, func(f template.Function, s template.Statement, action string) {
		if f.Name == "validate-credentials" && action == "kms:Decrypt" &&
			(len(s.Condition) != 1 || !maps.Equal(s.Condition["StringEquals"], want)) {
			t.Errorf("%s: its condition is %v", s.Sid, s.Condition)
		}
	})
}

// reads are the actions that change nothing.
var reads = []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}

func TestWhatGetsOrListsCannotWrite(t *testing.T) {
	eachRight(t, func(f template.Function, s template.Statement, action string) {
		reader := strings.HasPrefix(f.Name, "get-") || strings.HasPrefix(f.Name, "list-")
		if reader && !slices.Contains(reads, action) && !strings.HasPrefix(action, "logs:") {
			t.Errorf("%s %s: %s", f.Name, s.Sid, action)
		}
	})
}

func TestTheTrailCanOnlyGrowAndThreeFunctionsAloneReadIt(t *testing.T) {
	trail := template.TableARN("AuditTable")
	users := map[string][]string{}
	eachRight(t, func(f template.Function, s template.Statement, action string) {
		for _, resource := range s.Resources {
			if strings.HasPrefix(resource, trail) {
				users[action] = append(users[action], f.Name)
			}
		}
	})
	want := map[string][]string{
		"dynamodb:PutItem": {"create-secret", "create-secret-version", "access-secret-version", "access-named-version", "record-changes", "validate-credentials"},
		// Two show the trail, or a part of it; the last must know that a secret was purged. None writes a line.
		"dynamodb:Query": {"list-trash", "list-secret-events", "purge-orphans"},
	}
	if !maps.EqualFunc(users, want, slices.Equal) {
		t.Errorf("the trail is used by %v, want %v", users, want)
	}
}

// keyUses are the actions that use a key; others administer it. CreateGrant lets another use it.
var keyUses = []string{
	"CreateGrant", "Decrypt", "DeriveSharedSecret", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
	"GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac",
	"ReEncryptFrom", "ReEncryptTo", "Sign", "Verify", "VerifyMac",
}

// usesKey reports whether a function could use a key if its role allowed it. An administrator, or an intruder,
// could write such a role.
func usesKey(t *testing.T, tmpl *template.Template, f template.Function, key template.Key, use string) bool {
	t.Helper()
	f.Statements = []template.Statement{{Effect: "Allow", Actions: []string{"kms:" + use}, Resources: []string{key.ARN}}}
	policies, err := iam.New(&template.Template{Functions: []template.Function{f}, Keys: tmpl.Keys})
	if err != nil {
		t.Fatal(err)
	}
	return policies.Guard(wire.Call{
		Service: "kms", Action: use, AccessKey: lambda.AccessKey(f.Name), Body: []byte(`{"KeyId":"` + key.ARN + `"}`),
	}).Passes()
}

func TestAKeyServesThoseWhoseRolesHaveTheRightAndNobodyElseWhateverARoleSays(t *testing.T) {
	tmpl := readTemplate(t)
	stranger := template.Function{Name: "stranger", Role: template.RoleARN("Administrator")}
	for _, key := range tmpl.Keys {
		for _, f := range append(tmpl.Functions, stranger) {
			for _, use := range keyUses {
				has := slices.ContainsFunc(iam.Rights(f), func(r iam.Right) bool {
					return r.Action == "kms:"+use && r.Resource == key.ARN
				})
				if got := usesKey(t, tmpl, f, key, use); got != has {
					t.Errorf("%s lets %s %s: %v", key.LogicalID, f.Name, use, got)
				}
			}
		}
	}
}

func TestAKeysPolicyNamesEachActionAndTheAccountAlone(t *testing.T) {
	owner := []string{"arn:aws:iam::" + template.Account + ":root"}
	for _, key := range readTemplate(t).Keys {
		for _, s := range key.Statements {
			if strings.ContainsAny(strings.Join(s.Actions, " "), "*?") {
				t.Errorf("%s %s: %v", key.LogicalID, s.Sid, s.Actions)
			}
			if len(s.Principals) != 1 || !slices.Equal(s.Principals["AWS"], owner) || s.Sid == "" {
				t.Errorf("%s %s names the principals %v, want the account alone, and a Sid", key.LogicalID, s.Sid, s.Principals)
			}
		}
	}
}
