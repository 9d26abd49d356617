package template_test

import (
	"reflect"
	"strings"
	"testing"

	"keepsake/infra/template"
)

// withRole is small, and its function has a role and a log group. Tests append properties of the role.
var withRole = strings.Replace(small, "the one under test\n", "the one under test\n      Role: !GetAtt UndoThingRole.Arn\n      LoggingConfig: {LogGroup: !Ref UndoThingLogs}\n", 1) + `
  UndoThingLogs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-undo-thing"}
  UndoThingRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: undo-thing
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Sid: ReadIt, Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}
              - {Sid: Log, Effect: Allow, Action: logs:PutLogEvents, Resource: [!GetAtt UndoThingLogs.Arn, !Sub "${UndoThingLogs}:x"]}
`

const trust = `      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}}
`

func TestAFunctionMayDoWhatItsRoleSays(t *testing.T) {
	tmpl, err := read(t, withRole+trust)
	if err != nil {
		t.Fatal(err)
	}
	statements := []template.Statement{
		{Sid: "ReadIt", Effect: "Allow", Actions: []string{"dynamodb:GetItem"}, Resources: []string{template.TableARN("ThingsTable")}},
		{Sid: "Log", Effect: "Allow", Actions: []string{"logs:PutLogEvents"}, Resources: []string{
			"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/keepsake-undo-thing:*", "/aws/lambda/keepsake-undo-thing:x",
		}},
	}
	if f := tmpl.Functions[0]; f.Role != "arn:aws:iam::000000000000:role/UndoThingRole" || f.LogGroup != "/aws/lambda/keepsake-undo-thing" || !reflect.DeepEqual(f.Statements, statements) {
		t.Errorf("the function is %+v", f)
	}
	want := []template.Role{{
		LogicalID: "UndoThingRole", ARN: "arn:aws:iam::000000000000:role/UndoThingRole", Trusts: []string{"lambda.amazonaws.com"},
		Policies: []string{"undo-thing"}, Statements: statements,
	}}
	if !reflect.DeepEqual(tmpl.Roles, want) {
		t.Errorf("the roles are %+v", tmpl.Roles)
	}
}

func TestARoleWithANameIsKnownByIt(t *testing.T) {
	tmpl, err := read(t, withRole+trust+"      RoleName: !Sub ${AWS::StackName}-undo\n")
	if err != nil {
		t.Fatal(err)
	}
	if role := tmpl.Functions[0].Role; role != "arn:aws:iam::000000000000:role/keepsake-undo" {
		t.Errorf("it is %s", role)
	}
}

func TestWithoutARoleAFunctionActsAsTheOneThatSAMMakes(t *testing.T) {
	f, err := readFunction(t)
	if err != nil || f.Role != "arn:aws:iam::000000000000:role/UndoThingFunctionRole" || f.LogGroup != "/aws/lambda/undo-thing" {
		t.Errorf("it acts as %s and logs to %s (%v)", f.Role, f.LogGroup, err)
	}
}

func TestARoleOfAnotherServiceIsReadAndBelongsToNoFunction(t *testing.T) {
	tmpl, err := read(t, small+`
  SomeAlarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: !Sub "${Host}-alarm"}}
  OtherRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/Some]
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: [codedeploy.amazonaws.com, x]}, Action: sts:AssumeRole}]}
      Policies: [{PolicyName: look, PolicyDocument: {Statement: {Effect: Allow, Action: cloudwatch:DescribeAlarms, Resource: !GetAtt SomeAlarm.Arn}}}]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []template.Role{{
		LogicalID: "OtherRole", ARN: "arn:aws:iam::000000000000:role/OtherRole", Trusts: []string{"codedeploy.amazonaws.com", "x"},
		Managed: []string{"arn:aws:iam::aws:policy/Some"}, Policies: []string{"look"}, Statements: []template.Statement{{
			Effect: "Allow", Actions: []string{"cloudwatch:DescribeAlarms"}, Resources: []string{"arn:aws:cloudwatch:us-east-1:000000000000:alarm:example.com-alarm"},
		}},
	}}
	if !reflect.DeepEqual(tmpl.Roles, want) {
		t.Errorf("the roles are %+v", tmpl.Roles)
	}
}

func TestARoleThatAllowsMoreThanItShowsIsRefused(t *testing.T) {
	other := strings.Replace(trust, "Service: lambda", "Service: ec2", 1)
	for name, c := range map[string]struct{ text, want string }{
		"a managed policy":    {withRole + trust + "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AWSLambda_FullAccess]\n", "UndoThingRole has arn:aws:iam::aws:policy/AWSLambda_FullAccess"},
		"another service":     {withRole + other, "UndoThingRole may be assumed by [ec2.amazonaws.com]"},
		"everybody":           {withRole + strings.Replace(trust, "{Service: lambda.amazonaws.com}", `"*"`, 1), "may be assumed by [*]"},
		"nobody":              {withRole, "UndoThingRole (line 46): AssumeRolePolicyDocument: a policy must be written out here"},
		"a role elsewhere":    {small + "      Role: arn:aws:iam::000000000000:role/other\n", "the template has no Role arn:aws:iam::000000000000:role/other"},
		"a policy beside it":  {withRole + trust + "  More: {Type: AWS::IAM::Policy}\n", "More"},
		"a role and policies": {strings.Replace(withRole+trust, "      Role:", "      Policies: [{Statement: {Effect: Allow, Action: a, Resource: r}}]\n      Role:", 1), "the Policies of a function are not supported"},
		"a managed one in it": {strings.Replace(withRole+trust, "PolicyDocument:", "PolicyDocument: AWSLambdaExecute\n          X:", 1), "policy undo-thing: a policy must be written out here"},
		"no resource in it":   {strings.Replace(withRole+trust, ", Resource: !GetAtt ThingsTable.Arn", "", 1), "has a Principal: false; a Resource: true"},
		"no action in it":     {strings.Replace(withRole+trust, " Action: dynamodb:GetItem,", "", 1), "a statement must have an Effect"},
		"perhaps":             {strings.Replace(withRole+trust, "ReadIt, Effect: Allow", "ReadIt, Effect: Perhaps", 1), "a statement must have an Effect"},
		"all actions but one": {strings.Replace(withRole+trust, "Sid: ReadIt,", "Sid: ReadIt, NotAction: a,", 1), "NotAction is not supported in a statement"},
		"a key for everybody": {withRole + trust + "  MyKey: {Type: AWS::KMS::Key, Properties: {}}\n", "KeyPolicy: a policy must be written out here"},
		"a principal in it":   {strings.Replace(withRole+trust, "{Sid: ReadIt,", "{Sid: ReadIt, Principal: x,", 1), "has a Principal: false"},
		"a name of itself":    {withRole + trust + "      RoleName: !Ref UndoThingRole\n", `"UndoThingRole" is not known`},
	} {
		if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAKeysPolicyIsReadWithItsPrincipals(t *testing.T) {
	tmpl, err := read(t, withRole+trust+`
  OtherKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: [kms:DescribeKey, kms:PutKeyPolicy]
            Resource: "*"
          - Sid: Use
            Effect: Deny
            Principal: "*"
            Action: kms:Decrypt
            Resource: "*"
            Condition: {ArnEquals: {aws:PrincipalArn: [!GetAtt UndoThingRole.Arn]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []template.Statement{
		{
			Sid: "Administer", Effect: "Allow", Principals: map[string][]string{"AWS": {"arn:aws:iam::000000000000:root"}},
			Actions: []string{"kms:DescribeKey", "kms:PutKeyPolicy"}, Resources: []string{"*"},
		},
		{
			Sid: "Use", Effect: "Deny", Principals: map[string][]string{"AWS": {"*"}}, Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
			Condition: map[string]map[string]any{"ArnEquals": {"aws:PrincipalArn": []any{"arn:aws:iam::000000000000:role/UndoThingRole"}}},
		},
	}
	if got := tmpl.Keys[2].Statements; !reflect.DeepEqual(got, want) {
		t.Errorf("its statements are %+v", got)
	}
}

func TestStatementsReadTheSameInEachSpelling(t *testing.T) {
	document := `PolicyDocument:
            Statement:
              - {Sid: One, Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt SealingKey.Arn}
              - Sid: Many
                Effect: Deny
                Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem']
                Resource: [!GetAtt ThingsTable.Arn, !Sub '${ThingsTable.Arn}/index/*']
                Condition: {StringEquals: {'dynamodb:LeadingKeys': [!Ref Host]}}
        - PolicyName: alone
          PolicyDocument: {Statement: {Sid: Alone, Effect: Allow, Action: a, Resource: r}}
`
	before, _, _ := strings.Cut(withRole, "PolicyDocument:")
	tmpl, err := read(t, before+document+trust)
	if err != nil {
		t.Fatal(err)
	}
	table := template.TableARN("ThingsTable")
	want := []template.Statement{
		{Sid: "One", Effect: "Allow", Actions: []string{"kms:Decrypt"}, Resources: []string{"arn:aws:kms:us-east-1:000000000000:key/sealingkey"}},
		{
			Sid: "Many", Effect: "Deny", Actions: []string{"dynamodb:PutItem", "dynamodb:DeleteItem"}, Resources: []string{table, table + "/index/*"},
			Condition: map[string]map[string]any{"StringEquals": {"dynamodb:LeadingKeys": []any{"example.com"}}},
		},
		{Sid: "Alone", Effect: "Allow", Actions: []string{"a"}, Resources: []string{"r"}},
	}
	if got := tmpl.Functions[0].Statements; !reflect.DeepEqual(got, want) {
		t.Errorf("its statements are %+v", got)
	}
}
