package template_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"keepsake/infra/template"
)

// changes is an event source mapping with these properties beside its stream.
func changes(properties string) string {
	return "Events: {Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt ThingsTable.StreamArn, " + properties + "}}}"
}

// withQueue is small with a queue before its function.
var withQueue = strings.Replace(small, "  UndoThingFunction:", "  LostThings: {Type: AWS::SQS::Queue}\n  UndoThingFunction:", 1)

func TestAStreamsMappingIsReadInFull(t *testing.T) {
	tmpl, err := read(t, withQueue+"      "+changes(`StartingPosition: TRIM_HORIZON, BatchSize: 10, MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 3600, BisectBatchOnFunctionError: true, FunctionResponseTypes: [ReportBatchItemFailures],
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt LostThings.Arn}},
        FilterCriteria: {Filters: [{Pattern: '{"a":["b"]}'}, {Pattern: '{}'}]}`)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []template.Stream{{
		Table: "ThingsTable", ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/ThingsTable/stream/local",
		BatchSize: 10, MaxRetries: 5, MaxAge: time.Hour, Bisect: true, ReportsFailures: true,
		Filters: []string{`{"a":["b"]}`, `{}`}, DeadLetters: "LostThings",
	}}
	if f, _ := tmpl.Function("undo-thing"); !reflect.DeepEqual(f.Streams, want) {
		t.Errorf("the streams are %+v", f.Streams)
	}
}

func TestAStreamsMappingThatSaysNothingHasAWSsDefaults(t *testing.T) {
	f, err := readFunction(t, changes("StartingPosition: TRIM_HORIZON"))
	if err != nil {
		t.Fatal(err)
	}
	want := []template.Stream{{
		Table: "ThingsTable", ARN: template.TableARN("ThingsTable") + "/stream/local",
		BatchSize: 100, MaxRetries: template.Forever, MaxAge: template.Forever,
	}}
	if !reflect.DeepEqual(f.Streams, want) || len(f.Routes) > 0 || len(f.Schedules) > 0 {
		t.Errorf("the function is %+v", f)
	}
}

func TestAStreamsMappingThatTheLaptopCannotKeepIsReported(t *testing.T) {
	for written, want := range map[string]string{
		changes("StartingPosition: LATEST"):                                     "StartingPosition must be TRIM_HORIZON",
		changes("BatchSize: 10"):                                                "StartingPosition must be TRIM_HORIZON",
		changes("StartingPosition: TRIM_HORIZON, BatchSize: 0"):                 "BatchSize must be 1 or more",
		changes("StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: -2"):     "BatchSize must be 1 or more",
		changes("StartingPosition: TRIM_HORIZON, MaximumRecordAgeInSeconds: 0"): "BatchSize must be 1 or more",
		changes("StartingPosition: TRIM_HORIZON, ParallelizationFactor: 2"):     "ParallelizationFactor is not supported",
		changes("StartingPosition: TRIM_HORIZON, DestinationConfig: {OnFailure: {Destination: 'arn:aws:sns:us-east-1:000000000000:x'}}"): "it must be the Arn of a queue",
		"Events: {C: {Type: DynamoDB, Properties: {Stream: !GetAtt ThingsTable.Arn, StartingPosition: TRIM_HORIZON}}}":                   "it must be the StreamArn of a table",
	} {
		if _, err := readFunction(t, written); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", written, err, want)
		}
	}
}

func TestATableWithoutAStreamCannotBeRead(t *testing.T) {
	text := strings.Replace(small, "      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}\n", "", 1)
	_, err := read(t, text+"      "+changes("StartingPosition: TRIM_HORIZON")+"\n")
	if err == nil || !strings.Contains(err.Error(), "UndoThingFunction: the table ThingsTable has no StreamSpecification") {
		t.Errorf("error %v", err)
	}
}

func TestAQueueIsKnownByItsNames(t *testing.T) {
	tmpl, err := read(t, withQueue+`      Environment:
        Variables: {URL: !Ref LostThings, ARN: !GetAtt LostThings.Arn, NAME: !GetAtt LostThings.QueueName}
`)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := tmpl.Function("undo-thing")
	for name, want := range map[string]string{
		"URL":  "https://sqs.us-east-1.amazonaws.com/000000000000/LostThings",
		"ARN":  "arn:aws:sqs:us-east-1:000000000000:LostThings",
		"NAME": "LostThings",
	} {
		if f.Environment[name] != want {
			t.Errorf("%s is %q, want %q", name, f.Environment[name], want)
		}
	}
}
