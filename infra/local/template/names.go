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
)

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

// streamSuffix turns a table's ARN into its stream's. On AWS it is the time when the stream began.
const streamSuffix = "/stream/local"

func queueARN(logicalID string) string { return arn("sqs", logicalID) }

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

// ref is what Ref of a resource means: its physical name.
func ref(r resource) string {
	switch r.Type {
	case typeFunction:
		return operation(r.id)
	case typeKey:
		return keyID(r.id)
	case typeQueue:
		return queueURL(r.id)
	}
	return r.id
}

// attribute is what GetAtt of a resource means.
func attribute(r resource, name string) (value string, ok bool) {
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
		return queueARN(r.id), true
	case typeFunction:
		return FunctionARN(operation(r.id)), true
	case typeTable:
		return TableARN(r.id), true
	case typeKey:
		return keyARN(r.id), true
	}
	return "", false
}
