package structure

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// deployerPolicy has the rights of the person who deploys.
const deployerPolicy = "infra/docs/deployer-policy.json"

// policySize is how long a managed policy of IAM may be, in characters that are not blanks.
const policySize = 6144

// many reads a list, or one text.
type many []string

func (m *many) UnmarshalJSON(text []byte) error {
	if one := ""; json.Unmarshal(text, &one) == nil {
		*m = many{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(m))
}

// deployerActions returns the patterns of actions that the policy allows.
func deployerActions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, deployerPolicy))
	if err != nil {
		t.Fatal(err)
	}
	if size := len(strings.Join(strings.Fields(string(text)), "")); size > policySize {
		t.Errorf("the policy has %d characters, and IAM takes %d", size, policySize)
	}
	var policy struct {
		Statement []struct {
			Sid, Effect string
			Action      many
			Condition   map[string]any
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range policy.Statement {
		if s.Effect != "Allow" || s.Sid == "" {
			t.Errorf("the statement %q must allow, and have a Sid", s.Sid)
		}
		if allows(s.Action, "iam:PassRole") && s.Condition == nil {
			t.Errorf("the statement %s lets roles be given to any service", s.Sid)
		}
		all = append(all, s.Action...)
	}
	return all
}

func allows(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, _ := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return matched
	})
}

// samMakes are the types of resources that SAM makes out of its own.
var samMakes = map[string][]string{
	"AWS::Serverless::Function": {
		"AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping",
		"AWS::Lambda::EventInvokeConfig", "AWS::Scheduler::Schedule", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup",
	},
	"AWS::Serverless::HttpApi": {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"},
}

// unused are actions that CloudFormation's handlers may call, for what the template does not have.
var unused = []struct{ why, actions string }{
	{"no function is in a network, or mounts a file system", "ec2:* elasticfilesystem:* s3files:* lambda:PassCapacityProvider"},
	{"no function has a layer, signed code, a pinned runtime, or instances held ready",
		"lambda:GetLayerVersion lambda:*CodeSigningConfig lambda:AssociateRuntimeAlias lambda:*ProvisionedConcurrencyConfig"},
	{"nothing of the template is encrypted by a key of ours on AWS's behalf",
		"kms:CreateGrant kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:ListAliases kms:RevokeGrant logs:*KmsKey"},
	{"no table is imported, replicated, or streamed to Kinesis",
		"dynamodb:*Item dynamodb:Query dynamodb:Scan dynamodb:ImportTable dynamodb:*TableReplica dynamodb:*KinesisStreamingDestination dynamodb:*ResourcePolicy kinesis:* logs:*Log* s3:GetObjectMetadata"},
	{"the distribution has no private origin, no tenants and no staging", "cloudfront:*ConnectionGroup cloudfront:GetVpcOrigin cloudfront:UpdateDistributionWithStagingConfig"},
	{"no server of ours is deployed to", "codedeploy:RegisterOnPremisesInstance"},
	{"the API's definition is in the template, not in a bucket", "s3:getObject s3:REST.PUT.OBJECT"},
	{"no role has a managed policy", "iam:AttachRolePolicy iam:DetachRolePolicy"},
	{"no log group or topic masks, indexes or forwards its lines",
		"firehose:* logs:*DataProtectionPolicy logs:*IndexPolicy logs:DeleteResourcePolicy logs:PutBearerTokenAuthentication sns:PutDataProtectionPolicy"},
}

// testdata/handlers.json has what CloudFormation's handlers call to make, read, update and delete resources, as
// CloudFormation's registry has it. If the template gets a type that is not in it, add its list from there.
func TestWhoeverDeploysMayDoWhatTheTemplatesResourcesNeed(t *testing.T) {
	text, err := os.ReadFile("testdata/handlers.json")
	if err != nil {
		t.Fatal(err)
	}
	var needs map[string][]string
	if err := json.Unmarshal(text, &needs); err != nil {
		t.Fatal(err)
	}
	var needless []string
	for _, each := range unused {
		needless = append(needless, strings.Fields(each.actions)...)
	}
	allowed := deployerActions(t)
	for _, r := range readWritten(t, map[string]string{"AlarmEmail": "ops@example.com"}).Resources {
		for _, kind := range slices.Concat(samMakes[r.Type], []string{r.Type}) {
			if needs[kind] == nil && samMakes[kind] == nil {
				t.Errorf("testdata/handlers.json does not have %s", kind)
			}
			for _, action := range needs[kind] {
				if !allows(allowed, action) && !allows(needless, action) {
					t.Errorf("%s needs %s", kind, action)
				}
			}
		}
	}
}

// These are what infra/ops/deploy and SAM call themselves.
func TestWhoeverDeploysMayMakeAChangeSetAndWatchIt(t *testing.T) {
	allowed := deployerActions(t)
	for _, action := range []string{
		"cloudformation:DescribeStacks", "cloudformation:GetTemplateSummary", "cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet",
		"cloudformation:DeleteChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:DescribeStackEvents", "cloudformation:ListStackResources",
		"lambda:GetAccountSettings", "s3:CreateBucket", "s3:PutBucketVersioning", "s3:PutBucketPolicy", "s3:PutObject", "s3:GetObject",
	} {
		if !allows(allowed, action) {
			t.Errorf("the policy does not allow %s", action)
		}
	}
}

func TestWhoeverDeploysMayNotReadAValueARowOrALine(t *testing.T) {
	allowed := deployerActions(t)
	for _, action := range []string{
		"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateMac", "kms:CreateGrant", "lambda:InvokeFunction", "sts:AssumeRole",
		"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:ExportTableToPointInTime", "dynamodb:RestoreTableToPointInTime",
		"dynamodb:PutResourcePolicy", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "sqs:ReceiveMessage", "iam:AttachRolePolicy", "iam:CreateUser",
	} {
		if allows(allowed, action) {
			t.Errorf("the policy allows %s", action)
		}
	}
}
