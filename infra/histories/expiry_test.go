package histories

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/job"
)

type row = map[string]types.AttributeValue

// expire deletes some of the rows whose time to live is over by the world's clock, as DynamoDB does, and
// invokes purge-expired with the stream's record of each.
func (w *world) expire(random *rand.Rand) {
	now := &types.AttributeValueMemberN{Value: strconv.FormatInt(w.now.Load(), 10)}
	over := dynamodb.ScanInput{
		TableName: aws.String("SecretsTable"), ConsistentRead: aws.Bool(true),
		FilterExpression:          aws.String("#ttl <= :now AND sk = :meta"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: row{":now": now, ":meta": &types.AttributeValueMemberS{Value: "meta"}},
	}
	found, err := w.db.Scan(context.Background(), &over)
	if err != nil {
		return // the next run tries again
	}
	for _, old := range found.Items {
		if random.IntN(2) == 0 { // left to the schedule
			continue
		}
		out, err := w.db.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{
			TableName: over.TableName, Key: row{"pk": old["pk"], "sk": old["sk"]}, ReturnValues: types.ReturnValueAllOld,
			ConditionExpression: aws.String("#ttl <= :now"), ExpressionAttributeNames: over.ExpressionAttributeNames,
			ExpressionAttributeValues: row{":now": now},
		})
		if err != nil || len(out.Attributes) == 0 {
			continue
		}
		for range 3 { // a record that fails comes again
			response, err := job.PurgeExpired(w.runner(), w.expiries)(context.Background(), removal(out.Attributes, w.now.Load()))
			if err == nil && len(response.BatchItemFailures) == 0 {
				break
			}
		}
	}
}

// removal returns the stream's record of an expiry.
func removal(old row, at int64) events.DynamoDBEvent {
	text := fmt.Sprintf(`{"Records":[{"eventName":"REMOVE","userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},
		"dynamodb":{"ApproximateCreationDateTime":%d,"SequenceNumber":"1","Keys":%s,"OldImage":%s}}]}`, at, spell(row{"pk": old["pk"], "sk": old["sk"]}), spell(old))
	var event events.DynamoDBEvent
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		panic(err) // the text above is JSON
	}
	return event
}

// spell writes a row in DynamoDB's JSON. It leaves out the types that no row has.
func spell(r row) string {
	out := map[string]any{}
	for name, value := range r {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out[name] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberN:
			out[name] = map[string]string{"N": v.Value}
		case *types.AttributeValueMemberB:
			out[name] = map[string][]byte{"B": v.Value}
		case *types.AttributeValueMemberM:
			out[name] = map[string]json.RawMessage{"M": json.RawMessage(spell(v.Value))}
		}
	}
	text, _ := json.Marshal(out) // strings and bytes always marshal
	return string(text)
}

// rows counts the secrets in the table.
func (w *world) rows() int {
	out, err := w.db.Scan(context.Background(), &dynamodb.ScanInput{
		TableName: aws.String("SecretsTable"), ConsistentRead: aws.Bool(true), Select: types.SelectCount,
		FilterExpression: aws.String("sk = :meta"), ExpressionAttributeValues: row{":meta": &types.AttributeValueMemberS{Value: "meta"}},
	})
	if err != nil {
		w.t.Error(err)
		return 0
	}
	return int(out.Count)
}
