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

// expire does what DynamoDB does to some of the rows whose time to live is over, by the world's clock,
// and wakes purge-expired with what the stream then says.
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
		return // another time
	}
	for _, old := range found.Items {
		if random.IntN(2) == 0 { // the schedule's
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
			answer, err := job.PurgeExpired(w.shift(), w.expiries)(context.Background(), removal(out.Attributes, w.now.Load()))
			if err == nil && len(answer.BatchItemFailures) == 0 {
				break
			}
		}
	}
}

// removal is the stream's record of an expiry.
func removal(old row, at int64) events.DynamoDBEvent {
	text := fmt.Sprintf(`{"Records":[{"eventName":"REMOVE","userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},
		"dynamodb":{"ApproximateCreationDateTime":%d,"SequenceNumber":"1","Keys":%s,"OldImage":%s}}]}`, at, spell(row{"pk": old["pk"], "sk": old["sk"]}), spell(old))
	var event events.DynamoDBEvent
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		panic(err) // it was written two lines above
	}
	return event
}

// spell writes a row as DynamoDB does, but for types that no row has.
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
	text, _ := json.Marshal(out) // of strings and bytes
	return string(text)
}

// rows is how many rows of secrets the table holds.
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
