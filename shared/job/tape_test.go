package job_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

type row = map[string]types.AttributeValue

// tape makes stream records from the table's rows before and after each step.
type tape struct {
	b       *bench
	last    map[string]row
	records []events.DynamoDBEventRecord
}

func (b *bench) tape() *tape { return &tape{b: b, last: map[string]row{}} }

// note records what has changed in the table since the last note. Rows that are gone were removed by
// this identity.
func (t *tape) note(by *events.DynamoDBUserIdentity) {
	t.b.t.Helper()
	now := map[string]row{}
	for _, r := range t.b.rows("SecretsTable") {
		now[r["pk"].(*types.AttributeValueMemberS).Value+"|"+r["sk"].(*types.AttributeValueMemberS).Value] = r
	}
	for key, after := range now {
		before, there := t.last[key]
		switch {
		case !there:
			t.add("INSERT", nil, after, nil)
		case toJSON(t.b.t, before) != toJSON(t.b.t, after):
			t.add("MODIFY", before, after, nil)
		}
	}
	for key, before := range t.last {
		if _, there := now[key]; !there {
			t.add("REMOVE", before, nil, by)
		}
	}
	t.last = now
}

func (t *tape) add(name string, before, after row, by *events.DynamoDBUserIdentity) {
	t.b.t.Helper()
	keys := before
	if keys == nil {
		keys = after
	}
	text := fmt.Sprintf(`{"eventName":%q,"dynamodb":{"ApproximateCreationDateTime":%d,"SequenceNumber":"%d","Keys":%s,"OldImage":%s,"NewImage":%s}}`,
		name, t.b.now.Unix(), 1000+len(t.records), toJSON(t.b.t, row{"pk": keys["pk"], "sk": keys["sk"]}),
		toJSON(t.b.t, before), toJSON(t.b.t, after))
	var record events.DynamoDBEventRecord
	if err := json.Unmarshal([]byte(text), &record); err != nil {
		t.b.t.Fatal(err)
	}
	record.UserIdentity = by
	t.records = append(t.records, record)
}

// toJSON writes a row as DynamoDB does.
func toJSON(t *testing.T, r row) string {
	t.Helper()
	out := map[string]json.RawMessage{}
	for name, value := range r {
		out[name] = valueJSON(t, value)
	}
	text, _ := json.Marshal(out)
	return string(text)
}

func valueJSON(t *testing.T, v types.AttributeValue) json.RawMessage {
	t.Helper()
	var out any
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		out = map[string]string{"S": v.Value}
	case *types.AttributeValueMemberN:
		out = map[string]string{"N": v.Value}
	case *types.AttributeValueMemberB:
		out = map[string][]byte{"B": v.Value}
	case *types.AttributeValueMemberM:
		return json.RawMessage(`{"M":` + toJSON(t, v.Value) + `}`)
	case *types.AttributeValueMemberBOOL:
		out = map[string]bool{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		out = map[string]bool{"NULL": v.Value}
	case *types.AttributeValueMemberSS:
		out = map[string][]string{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		out = map[string][]string{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		out = map[string][][]byte{"BS": v.Value}
	case *types.AttributeValueMemberL:
		list := []json.RawMessage{}
		for _, element := range v.Value {
			list = append(list, valueJSON(t, element))
		}
		out = map[string][]json.RawMessage{"L": list}
	default:
		t.Fatalf("no row has an attribute like %T", v)
	}
	text, _ := json.Marshal(out)
	return text
}

var expiry = &events.DynamoDBUserIdentity{Type: "Service", PrincipalID: "dynamodb.amazonaws.com"}

// trail returns the audit lines in order, each as "operation version mechanism".
func (b *bench) trail(ref secret.Ref) []string {
	b.t.Helper()
	var lines []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(b.rows("AuditTable"), &lines); err != nil {
		b.t.Fatal(err)
	}
	lines = slices.DeleteFunc(lines, func(l map[string]any) bool { return l["pk"] != workspace+"#"+ref.ID })
	slices.SortFunc(lines, func(a, b map[string]any) int { return strings.Compare(a["sk"].(string), b["sk"].(string)) })
	var out []string
	for _, l := range lines {
		text := l["operation"].(string)
		for _, extra := range []string{"version", "reason", "mechanism", "versions", "deleted_by"} {
			if l[extra] != nil {
				text += fmt.Sprintf(" %s=%v", extra, l[extra])
			}
		}
		out = append(out, text)
	}
	return out
}

// expire removes a row as DynamoDB's expiry does.
func (b *bench) expire(ref secret.Ref) {
	b.t.Helper()
	b.deleteRow(ref, "meta")
}
