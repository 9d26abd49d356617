package tape_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/bench/tape"
)

var errSent = errors.New("sent")

// wire keeps what a client sends, and sends nothing.
type wire struct{ body []byte }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.body, _ = io.ReadAll(r.Body)
	return nil, errSent
}

func TestADecodedInputIsSentAsItWas(t *testing.T) {
	const body = `{"TransactItems":[
		{"Put":{"TableName":"T","Item":{"pk":{"S":"a"},"n":{"N":"7"},"b":{"B":"AAEC"},"m":{"M":{"l":{"L":[{"BOOL":true},{"NULL":true}]}}},
			"ss":{"SS":["x"]},"ns":{"NS":["1"]},"bs":{"BS":["AA=="]}},"ConditionExpression":"attribute_not_exists(pk)",
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},
		{"Update":{"TableName":"T","Key":{"pk":{"S":"b"}},"UpdateExpression":"SET #r = :r","ExpressionAttributeNames":{"#r":"r"},
			"ExpressionAttributeValues":{":r":{"N":"1"}}}}],"ClientRequestToken":"once"}`
	input := new(dynamodb.TransactWriteItemsInput)
	if err := tape.Decode([]byte(body), input); err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	db := dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", HTTPClient: w, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	if _, err := db.TransactWriteItems(t.Context(), input); !errors.Is(err, errSent) {
		t.Fatal(err)
	}
	if !sameJSON(t, w.body, []byte(body)) {
		t.Errorf("the SDK sends\n%s\nwant\n%s", w.body, body)
	}
}

func TestAFieldThatTheSDKDoesNotHaveIsAnError(t *testing.T) {
	for _, body := range []string{`{"Nonsense":1}`, `{"Key":{"pk":{"X":"a"}}}`, `{"Key":7}`} {
		if err := tape.Decode([]byte(body), new(dynamodb.GetItemInput)); err == nil {
			t.Errorf("%s is taken", body)
		}
	}
}

func sameJSON(t *testing.T, one, other []byte) bool {
	t.Helper()
	var a, b any
	if err := errors.Join(json.NewDecoder(bytes.NewReader(one)).Decode(&a), json.NewDecoder(bytes.NewReader(other)).Decode(&b)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(a, b)
}
