package tables_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/template"
)

const text = `
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
      LocalSecondaryIndexes:
        - IndexName: local
          KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      GlobalSecondaryIndexes:
        - IndexName: global
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [what]}
  PlainTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
`

func TestTablesHaveWhatTheTemplateSays(t *testing.T) {
	client := newClient(t)
	create(t, client)
	things := describe(t, client, "ThingsTable")
	if things.TableStatus != types.TableStatusActive {
		t.Errorf("the table is %s", things.TableStatus)
	}
	if key := things.KeySchema; len(key) != 2 || *key[0].AttributeName != "pk" || key[1].KeyType != types.KeyTypeRange {
		t.Errorf("its key is %v", key)
	}
	if view := things.StreamSpecification; view == nil || view.StreamViewType != types.StreamViewTypeNewAndOldImages {
		t.Errorf("its stream is %v", view)
	}
	if local := things.LocalSecondaryIndexes; len(local) != 1 || *local[0].IndexName != "local" || local[0].Projection.ProjectionType != types.ProjectionTypeKeysOnly {
		t.Errorf("its local indexes are %v", local)
	}
	if global := things.GlobalSecondaryIndexes; len(global) != 1 || *global[0].IndexName != "global" || !slices.Equal(global[0].Projection.NonKeyAttributes, []string{"what"}) {
		t.Errorf("its global indexes are %v", global)
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("ThingsTable")})
	if err != nil || ttl.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusEnabled || *ttl.TimeToLiveDescription.AttributeName != "ttl" {
		t.Errorf("its TTL is %v, %v", ttl, err)
	}
	if plain := describe(t, client, "PlainTable"); plain.StreamSpecification != nil || len(plain.GlobalSecondaryIndexes) != 0 {
		t.Errorf("the plain table is %v", plain)
	}
}

func TestTablesThatAreThereKeepWhatIsInThem(t *testing.T) {
	client := newClient(t)
	create(t, client)
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "kept"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("PlainTable"), Item: key}); err != nil {
		t.Fatal(err)
	}
	create(t, client)
	got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("PlainTable"), Key: key})
	if err != nil || len(got.Item) == 0 {
		t.Errorf("the item is %v, %v", got, err)
	}
}

func TestATableOfAnOlderTemplateGetsTheStreamThatItLacks(t *testing.T) {
	client := newClient(t)
	createFrom(t, client, strings.Replace(text, "      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}\n", "", 1))
	if old := describe(t, client, "ThingsTable"); old.StreamSpecification != nil {
		t.Fatalf("the old table's stream is %v", old.StreamSpecification)
	}
	create(t, client)
	if now := describe(t, client, "ThingsTable"); now.StreamSpecification == nil || now.StreamSpecification.StreamViewType != types.StreamViewTypeNewAndOldImages || now.LatestStreamArn == nil {
		t.Errorf("its stream is %v", now.StreamSpecification)
	}
	create(t, client) // changes nothing more
}

func create(t *testing.T, client *dynamodb.Client) {
	t.Helper()
	createFrom(t, client, text)
}

func createFrom(t *testing.T, client *dynamodb.Client, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tmpl, err := template.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := tables.Create(t.Context(), client, tmpl); err != nil {
		t.Fatal(err)
	}
}

func describe(t *testing.T, client *dynamodb.Client, table string) *types.TableDescription {
	t.Helper()
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

func newClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	binary, err := engine.Find(filepath.Join("..", "..", "..", ".local", "engine"))
	if err != nil {
		t.Fatalf("run `make engine` first: %v", err)
	}
	e, err := engine.Start(t.Context(), engine.Config{Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return dynamodb.NewFromConfig(aws.Config{
		Region:       template.Region,
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		BaseEndpoint: aws.String(e.URL()),
	})
}

func TestATableOfAnOlderTemplateGetsTheIndexesItLacksWithItsRowsInThem(t *testing.T) {
	client := newClient(t)
	global := text[strings.Index(text, "      GlobalSecondaryIndexes:"):strings.Index(text, "  PlainTable:")]
	createFrom(t, client, strings.Replace(text, global, "", 1))
	row := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "p"}, "sk": &types.AttributeValueMemberS{Value: "s"},
		"at": &types.AttributeValueMemberN{Value: "7"}, "what": &types.AttributeValueMemberS{Value: "a row"},
	}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("ThingsTable"), Item: row}); err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(text, "  PlainTable:", `        - IndexName: another
          KeySchema: [{AttributeName: sk, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
  PlainTable:`, 1)
	for range 2 { // the second time there is nothing to add
		createFrom(t, client, more)
		for index, key := range map[string]string{"global": "at", "another": "sk"} {
			out, err := client.Query(t.Context(), &dynamodb.QueryInput{
				TableName: aws.String("ThingsTable"), IndexName: &index, KeyConditionExpression: aws.String("#key = :key"), ExpressionAttributeNames: map[string]string{"#key": key},
				ExpressionAttributeValues: map[string]types.AttributeValue{":key": row[key]},
			})
			if err != nil || len(out.Items) != 1 {
				t.Errorf("%s: %v, %v", index, out, err)
			}
		}
	}
}
