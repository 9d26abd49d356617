package store_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloudtest"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// hurried is a DynamoDB that gets to one key of a BatchGetItem only.
type hurried struct {
	*dynamodb.Client
	left int // keys that it did not get to
}

func (h *hurried) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	rest := map[string]types.KeysAndAttributes{}
	for table, asked := range in.RequestItems {
		later := asked
		asked.Keys, later.Keys = asked.Keys[:1], asked.Keys[1:]
		in.RequestItems[table] = asked
		if h.left += len(later.Keys); len(later.Keys) > 0 {
			rest[table] = later
		}
	}
	out, err := h.Client.BatchGetItem(ctx, in, options...)
	if err == nil {
		out.UnprocessedKeys = rest
	}
	return out, err
}

func TestASecretThatDynamoDBDidNotGetToIsNoOrphan(t *testing.T) {
	cloud := cloudtest.Start(t)
	db := &hurried{Client: dynamodb.NewFromConfig(cloud.Config())}
	s := table{store.New(db, "SecretsTable"), cloud}
	for range 5 {
		credential(t, s, noon)
	}
	cloud.Settle()
	for page, err := range s.Orphans(t.Context(), 0, 1) {
		if err != nil || len(page) > 0 {
			t.Errorf("orphans %+v, %v", page, err)
		}
	}
	if db.left == 0 {
		t.Error("DynamoDB has got to every key: nothing was tried")
	}
}

func TestAVersionWithoutMetadataIsFoundWithTheTimeThatDynamoDBTells(t *testing.T) {
	cloud := cloudtest.Start(t)
	db := dynamodb.NewFromConfig(cloud.Config())
	s := table{store.New(db, "SecretsTable"), cloud}
	credential(t, s, noon)
	orphan := credential(t, s, noon)
	_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("SecretsTable"), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: orphan.Workspace + "#" + orphan.ID}, "sk": &types.AttributeValueMemberS{Value: "meta"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var found []secret.Ref
	cloud.Settle()
	for page, err := range s.Orphans(t.Context(), 0, 1) {
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			if found = append(found, o.Ref); o.ServerTime.IsZero() {
				t.Error("no time")
			}
		}
	}
	if len(found) != 1 || found[0] != orphan.Ref {
		t.Errorf("found %v, want %v", found, orphan.Ref)
	}
}
