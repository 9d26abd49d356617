package rows

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is a row in the SDK's types.
type Item = map[string]types.AttributeValue

// attribute is one value of a row in DynamoDB's JSON: one of the fields is set.
type attribute struct {
	B    []byte               `json:",omitzero"`
	BOOL *bool                `json:",omitzero"`
	BS   [][]byte             `json:",omitzero"`
	L    []attribute          `json:",omitzero"`
	M    map[string]attribute `json:",omitzero"`
	N    *string              `json:",omitzero"`
	NS   []string             `json:",omitzero"`
	NULL *bool                `json:",omitzero"`
	S    *string              `json:",omitzero"`
	SS   []string             `json:",omitzero"`
}

func readAttribute(v types.AttributeValue) attribute {
	switch v := v.(type) {
	case *types.AttributeValueMemberB:
		return attribute{B: v.Value}
	case *types.AttributeValueMemberBOOL:
		return attribute{BOOL: &v.Value}
	case *types.AttributeValueMemberBS:
		return attribute{BS: v.Value}
	case *types.AttributeValueMemberL:
		out := make([]attribute, len(v.Value))
		for i, member := range v.Value {
			out[i] = readAttribute(member)
		}
		return attribute{L: out}
	case *types.AttributeValueMemberM:
		return attribute{M: readItem(v.Value)}
	case *types.AttributeValueMemberN:
		return attribute{N: &v.Value}
	case *types.AttributeValueMemberNS:
		return attribute{NS: v.Value}
	case *types.AttributeValueMemberNULL:
		return attribute{NULL: &v.Value}
	case *types.AttributeValueMemberS:
		return attribute{S: &v.Value}
	case *types.AttributeValueMemberSS:
		return attribute{SS: v.Value}
	}
	panic(fmt.Sprintf("%T is not a type of DynamoDB's", v))
}

func readItem(item Item) map[string]attribute {
	out := map[string]attribute{}
	for name, value := range item {
		out[name] = readAttribute(value)
	}
	return out
}

func (a attribute) value() types.AttributeValue {
	switch {
	case a.B != nil:
		return &types.AttributeValueMemberB{Value: a.B}
	case a.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *a.BOOL}
	case a.BS != nil:
		return &types.AttributeValueMemberBS{Value: a.BS}
	case a.L != nil:
		out := make([]types.AttributeValue, len(a.L))
		for i, member := range a.L {
			out[i] = member.value()
		}
		return &types.AttributeValueMemberL{Value: out}
	case a.N != nil:
		return &types.AttributeValueMemberN{Value: *a.N}
	case a.NS != nil:
		return &types.AttributeValueMemberNS{Value: a.NS}
	case a.NULL != nil:
		return &types.AttributeValueMemberNULL{Value: *a.NULL}
	case a.S != nil:
		return &types.AttributeValueMemberS{Value: *a.S}
	case a.SS != nil:
		return &types.AttributeValueMemberSS{Value: a.SS}
	}
	return &types.AttributeValueMemberM{Value: writeItem(a.M)}
}

func writeItem(attributes map[string]attribute) Item {
	out := Item{}
	for name, a := range attributes {
		out[name] = a.value()
	}
	return out
}

// Text returns a row in DynamoDB's JSON.
func Text(item Item) (string, error) {
	out, err := json.Marshal(readItem(item))
	return string(out), err
}

// Encode returns rows in DynamoDB's JSON, one a line.
func Encode(items []Item) ([]byte, error) {
	lines := make([]string, len(items))
	for i, item := range items {
		var err error
		if lines[i], err = Text(item); err != nil {
			return nil, err
		}
	}
	return []byte("[\n" + strings.Join(lines, ",\n") + "\n]\n"), nil
}

// Decode reads the text of Encode.
func Decode(text []byte) ([]Item, error) {
	var all []map[string]attribute
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	items := make([]Item, len(all))
	for i, attributes := range all {
		items[i] = writeItem(attributes)
	}
	return items, nil
}
