package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/host"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/template"
)

const patience = 30 * time.Second

// text is a template that ends in the properties of the function's event: a test can append more.
const text = `
Resources:
  Lost: {Type: AWS::SQS::Queue}
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: sk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
  WatchThingsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt ThingsTable.StreamArn
            StartingPosition: TRIM_HORIZON
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Lost.Arn}}
`

const onlyExpired = `            FilterCriteria: {Filters: [{Pattern: '{"eventName":["REMOVE"],"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]},"dynamodb":{"Keys":{"sk":{"S":["meta"]}}}}'}]}
`

// watch is a real engine, and a function that its stream invokes and the test plays.
type watch struct {
	t        *testing.T
	engine   *engine.Engine
	data     *dynamodb.Client
	template *template.Template
	folder   string
	cancel   func() // ends the last start, without waiting

	mu      sync.Mutex
	got     [][]byte          // the events, in their order
	number  map[string]string // the sequence number of a row's last record, by the row's name
	respond play              // gets the rows' names as numbers; nil: success
	log     strings.Builder
}

func newWatch(t *testing.T, more string) *watch {
	t.Helper()
	binary, err := engine.Find(filepath.Join("..", "..", "..", ".local", "engine"))
	if err != nil {
		t.Fatalf("run `make engine` first: %v", err)
	}
	w := &watch{t: t, folder: t.TempDir(), number: map[string]string{}}
	if w.engine, err = engine.Start(t.Context(), engine.Config{Binary: binary}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.engine.Stop)
	path := filepath.Join(w.folder, "template.yaml")
	if err := os.WriteFile(path, []byte(text+more), 0o600); err != nil {
		t.Fatal(err)
	}
	if w.template, err = template.Read(path); err != nil {
		t.Fatal(err)
	}
	w.data = dynamodb.New(dynamodb.Options{
		Region: template.Region, BaseEndpoint: aws.String(w.engine.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	if err := tables.Create(t.Context(), w.data, w.template); err != nil {
		t.Fatal(err)
	}
	return w
}

// Write writes to the log.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *watch) invoke(_ context.Context, function string, event []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if function != "watch-things" {
		return nil, fmt.Errorf("%s is started", function)
	}
	w.got = append(w.got, event)
	names, numbers := namesIn(event), numbersIn(event)
	for i, name := range names {
		w.number[name] = numbers[i]
	}
	if w.respond == nil {
		return nil, nil
	}
	response, err := w.respond(names)
	for i, name := range names {
		response = strings.ReplaceAll(response, `"`+name+`"`, `"`+numbers[i]+`"`)
	}
	return []byte(response), err
}

// namesIn lists the keys of an event's rows. Sequence numbers are each engine's own.
func namesIn(event []byte) []string {
	var read events.DynamoDBEvent
	if err := json.Unmarshal(event, &read); err != nil {
		panic(err)
	}
	var all []string
	for _, r := range read.Records {
		all = append(all, r.Change.Keys["pk"].String())
	}
	return all
}

// start delivers until stop is called or the test ends. It sleeps for a millisecond only.
func (w *watch) start() (stop func()) {
	w.t.Helper()
	return w.startWith(w.config())
}

func (w *watch) config() Config {
	return Config{
		DynamoDB: w.engine.URL(), Invoke: w.invoke, Log: w, Drain: patience,
		Positions: filepath.Join(w.folder, "streams"), Queues: filepath.Join(w.folder, "queues"),
		Sleep: func(ctx context.Context, _ time.Duration) error { return host.Sleep(ctx, time.Millisecond) },
	}
}

func (w *watch) startWith(c Config) (stop func()) {
	w.t.Helper()
	mappings, err := New(c, w.template.Functions)
	if err != nil {
		w.t.Fatal(err)
	}
	var ctx context.Context
	ctx, w.cancel = context.WithCancel(context.Background())
	cancel := w.cancel
	var running sync.WaitGroup
	running.Go(func() { mappings.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	w.t.Cleanup(stop)
	return stop
}

// names lists the rows whose records the function was given, in their order.
func (w *watch) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, event := range w.got {
		all = append(all, namesIn(event)...)
	}
	return all
}

// records decodes what the function was given, as functions do.
func (w *watch) records() []events.DynamoDBEventRecord {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []events.DynamoDBEventRecord
	for _, text := range w.got {
		var event events.DynamoDBEvent
		if err := json.Unmarshal(text, &event); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, event.Records...)
	}
	return all
}

func (w *watch) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("timed out waiting for %s: the function was given %q, the log has %s", what, w.names(), &w.log)
		}
	}
}

func (w *watch) await(what <-chan struct{}) {
	w.t.Helper()
	select {
	case <-what:
	case <-time.After(patience):
		w.t.Fatal("timed out waiting for the function to begin")
	}
}

type row map[string]types.AttributeValue

func key(pk, sk string) row {
	return row{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

func (w *watch) put(pk, sk string, more row) {
	w.t.Helper()
	item := key(pk, sk)
	for name, value := range more {
		item[name] = value
	}
	if _, err := w.data.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("ThingsTable"), Item: item}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watch) remove(pk, sk string) {
	w.t.Helper()
	if _, err := w.data.DeleteItem(w.t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("ThingsTable"), Key: key(pk, sk)}); err != nil {
		w.t.Fatal(err)
	}
}

// past is the TTL of a row that has expired.
var past = row{"ttl": &types.AttributeValueMemberN{Value: "1700000000"}}
