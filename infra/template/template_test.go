package template_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"keepsake/infra/template"
)

// small has one of everything; lines are appended to it as properties of its function.
const small = `
Parameters:
  Days: {Type: Number, Default: 30}
  Host: {Type: String, Default: example.com}
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Environment:
      Variables: {SHARED: globals, KEPT: globals}
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  EdgeFunction:
    Type: AWS::CloudFront::Function
    Properties:
      Name: !Sub ${AWS::StackName}-edge
      FunctionCode: |
        function handler(event) { return event.request; }
  SealingKey: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true, KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: x}, Action: kms:Decrypt, Resource: "*"}]}}}
  MacKey: {Type: AWS::KMS::Key, Properties: {KeyUsage: GENERATE_VERIFY_MAC, KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: x}, Action: kms:Decrypt, Resource: "*"}]}}}
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
      GlobalSecondaryIndexes:
        - IndexName: byTime
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [what]}
  UndoThingFunction:
    Type: AWS::Serverless::Function
    Properties:
      Description: the one under test
`

func TestTheRepositorysTemplateIsUnderstood(t *testing.T) {
	tmpl, err := template.Read(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	undelete, ok := tmpl.Function("undelete-secret")
	if !ok {
		t.Fatal("it has no undelete-secret")
	}
	if want := []template.Route{{Method: "POST", Path: "/v1/secrets/{id}/undelete"}}; !reflect.DeepEqual(undelete.Routes, want) {
		t.Errorf("undelete-secret's routes are %v", undelete.Routes)
	}
	if got := undelete.Environment["SECRETS_TABLE"]; got != "SecretsTable" {
		t.Errorf("undelete-secret's table is %q", got)
	}
	if got := template.TableARN("SecretsTable"); undelete.Statements[1].Resources[0] != got {
		t.Errorf("undelete-secret may touch %v", undelete.Statements[1])
	}
	if got, want := tmpl.OriginHeaders["x-origin-key"], undelete.Environment["ORIGIN_KEY"]; got != want || len(got) < 32 {
		t.Errorf("the distribution's key is %q, undelete-secret's %q", got, want)
	}
	if !strings.Contains(tmpl.EdgeCode, "function handler(event)") {
		t.Errorf("the edge's code is %q", tmpl.EdgeCode)
	}
}

func TestReferencesBecomeTheirLocalMeaning(t *testing.T) {
	for written, want := range map[string]string{
		"!Ref Days":                           "30",
		"!Ref Host":                           "example.com",
		"!Ref AWS::Region":                    "us-east-1",
		"!Ref ThingsTable":                    "ThingsTable",
		"!Ref SealingKey":                     "sealingkey",
		"!Ref UndoThingFunction":              "undo-thing",
		"!Ref Api":                            "Api",
		"!GetAtt ThingsTable.Arn":             "arn:aws:dynamodb:us-east-1:000000000000:table/ThingsTable",
		"!GetAtt SealingKey.Arn":              "arn:aws:kms:us-east-1:000000000000:key/sealingkey",
		"!GetAtt UndoThingFunction.Arn":       "arn:aws:lambda:us-east-1:000000000000:function:undo-thing",
		"!Sub ${Days}d":                       "30d",
		"!Sub ${ThingsTable.Arn}/index/*":     "arn:aws:dynamodb:us-east-1:000000000000:table/ThingsTable/index/*",
		`!Sub "${ThingsTable}-${SealingKey}"`: "ThingsTable-sealingkey",
		`!Sub "arn:${AWS::Partition}:${AWS::AccountId}:"`: "arn:aws:000000000000:",
		`!Sub "${AWS::StackName}.${AWS::URLSuffix}"`:      "keepsake.amazonaws.com",
		"007":   "007",
		"plain": "plain",
	} {
		f, err := readFunction(t, "Environment:", "  Variables:", "    X: "+written)
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		if got := f.Environment["X"]; got != want {
			t.Errorf("%s became %q, want %q", written, got, want)
		}
	}
}

func TestWhatIsNotUnderstoodIsReportedWithItsLine(t *testing.T) {
	for written, want := range map[string]string{
		"Environment: {Variables: {X: !Ref Nobody}}":              `"Nobody" is not known: it must be a parameter`,
		"Environment: {Variables: {X: !GetAtt Nobody.Arn}}":       `"Nobody" is not known: it must be a resource`,
		"Environment: {Variables: {X: !GetAtt ThingsTable.Size}}": "the attribute Size of ThingsTable (AWS::DynamoDB::Table) is not known here",
		"Environment: {Variables: {X: !Sub 'a ${Nobody}'}}":       `"Nobody" is not known: it must be a parameter`,
		"Environment: {Variables: {X: !ImportValue x}}":           "!ImportValue is not supported: use !Ref",
		"Timeout: soon": "soon",
		"Events: {R: {Type: HttpApi, Properties: {Method: GET}}}": "a route must have a Method and a Path",
		"Events: {Q: {Type: SQS, Properties: {Queue: x}}}":        `the type "SQS" is not supported: use HttpApi, ScheduleV2 or DynamoDB`,
		"Policies: [AWSLambdaExecute]":                            "the Policies of a function are not supported: write the statements into its Role",
	} {
		_, err := readFunction(t, written)
		if err == nil {
			t.Errorf("%s is taken", written)
			continue
		}
		for _, part := range []string{"UndoThingFunction", firstLine, want} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", written, err, part)
			}
		}
	}
}

func TestAFunctionTakesFromGlobalsWhatItDoesNotSay(t *testing.T) {
	f, err := readFunction(t, "Environment: {Variables: {SHARED: own}}", "Timeout: 60")
	if err != nil {
		t.Fatal(err)
	}
	if f.LogicalID != "UndoThingFunction" || f.Name != "undo-thing" || f.Timeout != time.Minute || f.MemoryMB != 256 {
		t.Errorf("the function is %+v", f)
	}
	if want := map[string]string{"SHARED": "own", "KEPT": "globals"}; !reflect.DeepEqual(f.Environment, want) {
		t.Errorf("its environment is %v", f.Environment)
	}
}

func TestAFunctionOfATemplateThatSaysNothingHasSAMsDefaults(t *testing.T) {
	tmpl, err := read(t, "Resources: {LoneFunction: {Type: AWS::Serverless::Function}}")
	if err != nil {
		t.Fatal(err)
	}
	if f := tmpl.Functions[0]; f.Timeout != 3*time.Second || f.MemoryMB != 128 || f.Environment == nil {
		t.Errorf("the function is %+v", f)
	}
}

func TestOnlyHTTPEventsAreRoutes(t *testing.T) {
	f, err := readFunction(t,
		"Events:",
		"  Tick: {Type: ScheduleV2, Properties: {Name: tick, ScheduleExpression: rate(1 minute)}}",
		"  Any: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: any, Path: $default}}",
		"  One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: post, Path: '/v1/things/{id}'}}")
	if err != nil {
		t.Fatal(err)
	}
	if want := []template.Route{{Method: "ANY", Path: "$default"}, {Method: "POST", Path: "/v1/things/{id}"}}; !reflect.DeepEqual(f.Routes, want) {
		t.Errorf("its routes are %v", f.Routes)
	}
}

func TestTablesAndKeysAreReadInFull(t *testing.T) {
	tmpl, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	table := tmpl.Tables[0]
	if table.Name != "ThingsTable" || table.BillingMode != "PAY_PER_REQUEST" || table.Stream.View != "NEW_AND_OLD_IMAGES" ||
		table.TTL.Attribute != "ttl" || !table.TTL.Enabled || len(table.Attributes) != 2 || table.Key[0] != (template.KeyAttribute{Name: "pk", Type: "HASH"}) {
		t.Errorf("the table is %+v", table)
	}
	if index := table.Global[0]; index.Name != "byTime" || index.Projection.Type != "INCLUDE" || index.Projection.Include[0] != "what" || index.Key[0].Name != "at" {
		t.Errorf("its index is %+v", index)
	}
	keys := []template.Key{
		{LogicalID: "SealingKey", ARN: "arn:aws:kms:us-east-1:000000000000:key/sealingkey", Statements: sealing},
		{LogicalID: "MacKey", ARN: "arn:aws:kms:us-east-1:000000000000:key/mackey", MAC: true, Statements: sealing},
	}
	if !reflect.DeepEqual(tmpl.Keys, keys) {
		t.Errorf("the keys are %+v", tmpl.Keys)
	}
}

// sealing is the policy of small's keys.
var sealing = []template.Statement{{
	Effect: "Allow", Principals: map[string][]string{"AWS": {"x"}}, Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
}}

func TestWhatADistributionAddsToRequestsIsRead(t *testing.T) {
	tmpl, err := read(t, small+`
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Aliases: !If [HasDomain, [!Ref Host], !Ref AWS::NoValue]
        Origins:
          - DomainName: !GetAtt Api.SomethingOfTheGateways
            OriginCustomHeaders:
              - {HeaderName: X-Days, HeaderValue: !Sub "${Days}d"}
              - {HeaderName: x-host, HeaderValue: !Ref Host}
`)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"x-days": "30d", "x-host": "example.com"}; !reflect.DeepEqual(tmpl.OriginHeaders, want) {
		t.Errorf("it adds %v, want %v", tmpl.OriginHeaders, want)
	}
}

func TestAParameterCanBeGivenAnotherValue(t *testing.T) {
	tmpl, err := read(t, small+"      Environment: {Variables: {KEEP: !Sub '${Days}d'}}\n      Timeout: !Ref Days\n", template.With("Days", "7"))
	if err != nil {
		t.Fatal(err)
	}
	f := tmpl.Functions[0]
	if f.Environment["KEEP"] != "7d" || f.Timeout != 7*time.Second || tmpl.Parameters["Days"] != "7" {
		t.Errorf("it became %+v of %v", f, tmpl.Parameters)
	}
}

func TestParametersThatCannotBeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		override template.Override
	}{
		"unknown":      {small, template.With("Weeks", "1")},
		"not a number": {small, template.With("Days", "many")},
		"no value":     {strings.Replace(small, "Default: 30", "MinValue: 1", 1), template.With("Host", "x")},
	} {
		if _, err := read(t, c.text, c.override); err == nil || !strings.Contains(err.Error(), "parameter") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileThatIsNoTemplateIsReportedByName(t *testing.T) {
	for _, text := range []string{"", "[1, 2]", "a: [", "Resources: 3"} {
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), "template.yaml") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := template.Read(filepath.Join(t.TempDir(), "nowhere.yaml")); err == nil {
		t.Error("a missing file is read")
	}
}

// firstLine is the line of the first property that readFunction appends.
var firstLine = fmt.Sprint("line ", strings.Count(small, "\n")+1)

func readFunction(t *testing.T, extra ...string) (template.Function, error) {
	t.Helper()
	tmpl, err := read(t, small+"      "+strings.Join(extra, "\n      ")+"\n")
	if err != nil {
		return template.Function{}, err
	}
	f, _ := tmpl.Function("undo-thing")
	return f, nil
}

func read(t *testing.T, text string, overrides ...template.Override) (*template.Template, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return template.Read(path, overrides...)
}
