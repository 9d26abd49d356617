package store

import (
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// image converts a row from the event's types to the client's; no row to nil. It handles all of
// DynamoDB's types, not only those that rows have today: newer code may add attributes while this
// code still runs.
func image(in map[string]events.DynamoDBAttributeValue) (item, error) {
	if len(in) == 0 {
		return nil, nil
	}
	return members(in)
}

func members(in map[string]events.DynamoDBAttributeValue) (item, error) {
	out := item{}
	for name, value := range in {
		converted, err := convert(value)
		if err != nil {
			return nil, fmt.Errorf("read a stream record's %s: %w", name, err)
		}
		out[name] = converted
	}
	return out, nil
}

func convert(v events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	switch v.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}, nil
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}, nil
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}, nil
	case events.DataTypeNull:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: v.StringSet()}, nil
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: v.NumberSet()}, nil
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: v.BinarySet()}, nil
	case events.DataTypeList:
		list, err := elements(v.List())
		return &types.AttributeValueMemberL{Value: list}, err
	case events.DataTypeMap:
		m, err := members(v.Map())
		return &types.AttributeValueMemberM{Value: m}, err
	}
	return nil, fmt.Errorf("an attribute of the unknown type %v", v.DataType())
}

func elements(in []events.DynamoDBAttributeValue) ([]types.AttributeValue, error) {
	var out []types.AttributeValue
	for _, value := range in {
		converted, err := convert(value)
		if err != nil {
			return nil, err
		}
		out = append(out, converted)
	}
	return out, nil
}
