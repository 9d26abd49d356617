package template

import (
	"strings"
	"unicode"

	"keepsake/infra/template/resolve"
)

// The region and the account of the laptop cloud.
const (
	Region  = "us-east-1"
	Account = "000000000000"
	stack   = "keepsake"
)

const (
	typeFunction = "AWS::Serverless::Function"
	typeTable    = "AWS::DynamoDB::Table"
	typeKey      = "AWS::KMS::Key"
	typeEdge     = "AWS::CloudFront::Function"
	typeQueue    = "AWS::SQS::Queue"
	typeRole     = "AWS::IAM::Role"
	typeAlarm    = "AWS::CloudWatch::Alarm"
	typeLogs     = "AWS::Logs::LogGroup"

	typeDistribution = "AWS::CloudFront::Distribution"
)

// laptop is what the template's names mean on a laptop.
var laptop = resolve.Names{
	Pseudo: map[string]string{
		"AWS::Region":    Region,
		"AWS::AccountId": Account,
		"AWS::Partition": "aws",
		"AWS::StackName": stack,
		"AWS::URLSuffix": "amazonaws.com",
	},
	Parameter: parameter,
	// Policies name the roles, log groups and alarms that AWS would make.
	Properties: map[string]string{typeRole: "RoleName", typeLogs: "LogGroupName", typeAlarm: "AlarmName"},
	Name:       physicalName,
	Ref:        reference,
	GetAtt:     attribute,
}

// parameter returns the value of a parameter that only a deployment sets.
func parameter(name string) (value string, ok bool) {
	switch {
	case name == "OriginKey":
		return "aKeyOfTheLaptopThatProtectsNothing", true // everybody can read it here
	case name == "OriginKeyNext":
		return "anotherKeyThatProtectsNothingEither", true
	case strings.HasSuffix(name, "Release"):
		return "0000000000000000", true
	}
	return "", false
}

func arn(service, name string) string {
	return strings.Join([]string{"arn:aws", service, Region, Account, name}, ":")
}

// TableARN returns the ARN of a table. A table's name on the laptop is its logical id.
func TableARN(table string) string { return arn("dynamodb", "table/"+table) }

// FunctionARN returns the ARN of a function, by its operation's name.
func FunctionARN(function string) string { return arn("lambda", "function:"+function) }

// RoleARN returns the ARN of a role, which belongs to an account and to no region.
func RoleARN(name string) string { return "arn:aws:iam::" + Account + ":role/" + name }

// LogGroupARN returns the ARN of a log group. The ARNs of its streams have it as their prefix, and a colon.
func LogGroupARN(name string) string { return arn("logs", "log-group:"+name) }

// streamSuffix turns a table's ARN into its stream's. On AWS it is the time when the stream began.
const streamSuffix = "/stream/local"

// QueueARN returns the ARN of a queue. A queue's name on the laptop is its logical id.
func QueueARN(name string) string { return arn("sqs", name) }

func keyARN(name string) string { return arn("kms", "key/"+name) }

// physicalName names a resource whose properties do not.
func physicalName(kind, id string) string {
	switch kind {
	case typeFunction:
		return operation(id)
	case typeKey:
		return strings.ToLower(id)
	}
	return id
}

// operation turns UndeleteSecretFunction into undelete-secret.
func operation(logicalID string) string {
	var name strings.Builder
	for i, letter := range strings.TrimSuffix(logicalID, "Function") {
		if unicode.IsUpper(letter) && i > 0 {
			name.WriteByte('-')
		}
		name.WriteRune(unicode.ToLower(letter))
	}
	return name.String()
}

// reference returns what Ref of a resource means.
func reference(kind, name string) string {
	if kind == typeQueue {
		return "https://sqs." + Region + ".amazonaws.com/" + Account + "/" + name
	}
	return name
}

// attribute returns what GetAtt of a resource means.
func attribute(kind, name, attribute string) (value string, ok bool) {
	switch kind + " " + attribute {
	case typeTable + " StreamArn":
		return TableARN(name) + streamSuffix, true
	case typeQueue + " QueueName":
		return name, true
	case typeQueue + " Arn":
		return QueueARN(name), true
	case typeFunction + " Arn":
		return FunctionARN(name), true
	case typeTable + " Arn":
		return TableARN(name), true
	case typeKey + " Arn":
		return keyARN(name), true
	case typeRole + " Arn":
		return RoleARN(name), true
	case typeAlarm + " Arn":
		return arn("cloudwatch", "alarm:"+name), true
	case typeLogs + " Arn":
		return LogGroupARN(name) + ":*", true // on AWS, too, it covers all that is in the group
	}
	return "", false
}
