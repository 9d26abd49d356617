package cloudtest_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
)

type item map[string]types.AttributeValue

func TestTheCloudHasTheTablesAndKeysOfTheTemplate(t *testing.T) {
	c := cloudtest.Start(t)
	create := c.Function("create-secret")
	keys := kms.NewFromConfig(c.Config())
	if _, err := keys.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: aws.String(create.Environment["ENCRYPTION_KEY"]), KeySpec: "AES_256"}); err != nil {
		t.Error(err)
	}
	if _, err := keys.GenerateMac(t.Context(), &kms.GenerateMacInput{KeyId: aws.String(create.Environment["FINGERPRINT_KEY"]), MacAlgorithm: "HMAC_SHA_256", Message: []byte("m")}); err != nil {
		t.Error(err)
	}
	data := dynamodb.NewFromConfig(c.Config())
	for _, variable := range []string{"SECRETS_TABLE", "TOKENS_TABLE"} {
		if _, err := data.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(create.Environment[variable])}); err != nil {
			t.Error(err)
		}
	}
}

func TestCallsAreCountedFromTheLastReset(t *testing.T) {
	c := cloudtest.Start(t)
	if got := c.Calls(); len(got) != 0 {
		t.Errorf("a new cloud has seen %v", got)
	}
	s := secrets{t, c}
	s.put(row("a", "meta", "1"))
	_, _ = s.client().GetItem(t.Context(), &dynamodb.GetItemInput{TableName: s.table(), Key: row("a", "meta", "")})
	if want := []string{"dynamodb:PutItem", "dynamodb:GetItem"}; !slices.Equal(c.Calls(), want) {
		t.Errorf("the calls are %v, want %v", c.Calls(), want)
	}
	c.ResetCalls()
	if got := c.Calls(); len(got) != 0 {
		t.Errorf("after the reset they are %v", got)
	}
}

func TestALostAnswerIsRetriedByTheClientAndBothTriesCount(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	var once sync.Once
	c.Hook(func(wire.Call) (v wire.Verdict) {
		once.Do(func() { v = wire.LoseAnswer() })
		return v
	})
	s.put(row("a", "meta", "1"))
	if want := []string{"dynamodb:PutItem", "dynamodb:PutItem"}; !slices.Equal(c.Calls(), want) {
		t.Errorf("the calls are %v, want %v", c.Calls(), want)
	}
}

func TestAnExpiredRowIsSweptAndComesByTheStream(t *testing.T) {
	c := cloudtest.Start(t, cloudtest.WithStreams)
	s := secrets{t, c}
	expired := row("a", "meta", "7")
	expired["ttl"] = &types.AttributeValueMemberN{Value: "1700000000"}
	s.put(expired)
	s.put(row("b", "meta", "1"))
	if got := c.Events(t, "purge-expired"); len(got) > 0 {
		t.Errorf("before the sweep purge-expired would get %s", got)
	}
	c.ResetCalls()
	c.SweepTTL(t)
	if got := c.Calls(); len(got) > 0 {
		t.Errorf("the sweep counts as %v", got)
	}
	got := c.Events(t, "purge-expired")
	if len(got) != 1 || !strings.Contains(string(got[0]), `"rev":{"S":"7"}`) || strings.Count(string(got[0]), "eventID") != 1 {
		t.Errorf("after the sweep it would get %s", got)
	}
	if got := c.Events(t, "record-changes"); len(got) != 1 || strings.Count(string(got[0]), "eventID") != 3 {
		t.Errorf("record-changes would get %s", got)
	}
}

func TestAHookCanBeRemoved(t *testing.T) {
	c := cloudtest.Start(t)
	s := secrets{t, c}
	c.Hook(func(wire.Call) wire.Verdict {
		return wire.Refuse(http.StatusBadRequest, "AccessDeniedException", "no")
	})
	_, err := s.client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: s.table(), Item: row("a", "meta", "1")})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "AccessDeniedException" {
		t.Errorf("the error is %v", err)
	}
	c.Hook(nil)
	s.put(row("a", "meta", "1"))
}

// The store relies on what the tests below show of the engine.

func TestAFailedConditionReturnsTheOldImage(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	s.put(row("a", "meta", "7"))
	_, err := s.client().UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                           s.table(),
		Key:                                 row("a", "meta", ""),
		UpdateExpression:                    aws.String("SET rev = :new"),
		ConditionExpression:                 aws.String("rev = :old"),
		ExpressionAttributeValues:           item{":new": str("9"), ":old": str("8")},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || text(failed.Item["rev"]) != "7" {
		t.Errorf("the error is %v", err)
	}
}

func TestACancelledTransactionReturnsTheOldImageAndWritesNothing(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	s.put(row("a", "meta", "7"))
	guarded := func(i item) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{
			TableName:                           s.table(),
			Item:                                i,
			ConditionExpression:                 aws.String("attribute_not_exists(pk)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}
	}
	_, err := s.client().TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{guarded(row("b", "meta", "1")), guarded(row("a", "meta", "1"))},
	})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 {
		t.Fatalf("the error is %v", err)
	}
	none, failed := cancelled.CancellationReasons[0], cancelled.CancellationReasons[1]
	if aws.ToString(none.Code) != "None" || aws.ToString(failed.Code) != "ConditionalCheckFailed" || text(failed.Item["rev"]) != "7" {
		t.Errorf("the reasons are %v and %v", none, failed)
	}
	got, err := s.client().GetItem(t.Context(), &dynamodb.GetItemInput{TableName: s.table(), Key: row("b", "meta", "")})
	if err != nil || got.Item != nil {
		t.Errorf("the other row is %v, %v", got.Item, err)
	}
}

func TestALocalIndexReturnsWholeItemsBackwards(t *testing.T) {
	s := secrets{t, cloudtest.Start(t)}
	for sk, enabled := range map[string]string{"meta": "meta", "v#1": "v#1", "v#2": "v#2", "v#3": ""} {
		i := row("a", sk, "7")
		if enabled != "" {
			i["version_order"] = str(enabled)
		}
		s.put(i)
	}
	got, err := s.client().Query(t.Context(), &dynamodb.QueryInput{
		TableName:                 s.table(),
		IndexName:                 aws.String("states"),
		Select:                    types.SelectAllAttributes,
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str("a")},
		ScanIndexForward:          aws.Bool(false),
		ConsistentRead:            aws.Bool(true),
		Limit:                     aws.Int32(2),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != 2 || text(got.Items[0]["sk"]) != "v#2" || text(got.Items[1]["sk"]) != "v#1" || text(got.Items[0]["rev"]) != "7" {
		t.Errorf("the index returns %v", got.Items)
	}
}

// secrets is the cloud's secrets table.
type secrets struct {
	t *testing.T
	c *cloudtest.Cloud
}

func (s secrets) client() *dynamodb.Client { return dynamodb.NewFromConfig(s.c.Config()) }

func (s secrets) table() *string {
	return aws.String(s.c.Function("create-secret").Environment["SECRETS_TABLE"])
}

func (s secrets) put(i item) {
	s.t.Helper()
	if _, err := s.client().PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: s.table(), Item: i}); err != nil {
		s.t.Fatal(err)
	}
}

// row returns an item of the table or, without a rev, its key.
func row(pk, sk, rev string) item {
	i := item{"pk": str(pk), "sk": str(sk)}
	if rev != "" {
		i["rev"] = str(rev)
	}
	return i
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func text(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}
