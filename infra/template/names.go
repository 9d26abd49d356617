package template

import (
	"strings"
	"unicode"
)

// Where the laptop cloud says that it is.
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

// given are the parameters that have no default, as the laptop cloud gives them. They keep its secrets
// from nobody.
var given = map[string]string{
	"OriginKey": "aKeyOfTheLaptopThatProtectsNothing",
	"Release":   "0000000000000000",
}

var pseudo = map[string]string{
	"AWS::Region":    Region,
	"AWS::AccountId": Account,
	"AWS::Partition": "aws",
	"AWS::StackName": stack,
	"AWS::URLSuffix": "amazonaws.com",
}

func arn(service, name string) string {
	return strings.Join([]string{"arn:aws", service, Region, Account, name}, ":")
}

// TableARN is the ARN of a table, whose name on the laptop is its logical id.
func TableARN(table string) string { return arn("dynamodb", "table/"+table) }

// FunctionARN is the ARN of a function, by its operation's name.
func FunctionARN(function string) string { return arn("lambda", "function:"+function) }

// RoleARN is the ARN of a role. Roles belong to an account, and to no region.
func RoleARN(name string) string { return "arn:aws:iam::" + Account + ":role/" + name }

// LogGroupARN is the ARN of a log group. The streams in it have a colon and more behind it.
func LogGroupARN(name string) string { return arn("logs", "log-group:"+name) }

// streamSuffix turns a table's ARN into its stream's. On AWS it is the time when the stream began.
const streamSuffix = "/stream/local"

// QueueARN is the ARN of a queue, whose name on the laptop is its logical id.
func QueueARN(logicalID string) string { return arn("sqs", logicalID) }

func queueURL(logicalID string) string {
	return "https://sqs." + Region + ".amazonaws.com/" + Account + "/" + logicalID
}

func keyID(logicalID string) string { return strings.ToLower(logicalID) }

func keyARN(logicalID string) string { return arn("kms", "key/"+keyID(logicalID)) }

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

// nameProperty says where a resource's own name may be written, for the types whose name the laptop
// needs: whoever reads a policy must find the log group, and the role, that AWS would.
var nameProperty = map[string]string{typeRole: "RoleName", typeLogs: "LogGroupName", typeAlarm: "AlarmName"}

// name is what Ref of a resource means: its physical name.
func (s *scope) name(r resource) (string, error) {
	switch r.Type {
	case typeFunction:
		return operation(r.id), nil
	case typeKey:
		return keyID(r.id), nil
	case typeQueue:
		return queueURL(r.id), nil
	}
	delete(s.resources, r.id) // whose name cannot be made of itself
	defer func() { s.resources[r.id] = r }()
	name := r.id
	property, named := nameProperty[r.Type]
	for i := 0; named && i+1 < len(r.Properties.Content); i += 2 {
		if r.Properties.Content[i].Value == property {
			err := s.decode(r.Properties.Content[i+1], &name)
			return name, err
		}
	}
	return name, nil
}

// attribute is what GetAtt of a resource with this physical name means.
func attribute(r resource, physical, name string) (value string, ok bool) {
	switch {
	case r.Type == typeTable && name == "StreamArn":
		return TableARN(r.id) + streamSuffix, true
	case r.Type == typeQueue && name == "QueueName":
		return r.id, true
	case name != "Arn":
		return "", false
	}
	switch r.Type {
	case typeQueue:
		return QueueARN(r.id), true
	case typeFunction:
		return FunctionARN(physical), true
	case typeTable:
		return TableARN(r.id), true
	case typeKey:
		return keyARN(r.id), true
	case typeRole:
		return RoleARN(physical), true
	case typeAlarm:
		return arn("cloudwatch", "alarm:"+physical), true
	case typeLogs:
		return LogGroupARN(physical) + ":*", true // as AWS has it, with all that is in the group
	}
	return "", false
}
