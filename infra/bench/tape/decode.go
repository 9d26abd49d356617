package tape

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Decode reads the JSON of a call into its input, a pointer to the SDK's type. The SDK itself can only
// write it. A field that the type does not have is an error.
func Decode(body []byte, input any) error { return fill(reflect.ValueOf(input).Elem(), body) }

var attributeType = reflect.TypeFor[types.AttributeValue]()

func fill(v reflect.Value, raw json.RawMessage) error {
	switch {
	case v.Type() == attributeType:
		return fillAttribute(v, raw)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), raw)
	case v.Kind() == reflect.Struct:
		return fillStruct(v, raw)
	case v.Kind() == reflect.Map:
		return fillMap(v, raw)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		return fillSlice(v, raw)
	}
	return json.Unmarshal(raw, v.Addr().Interface())
}

func fillStruct(v reflect.Value, raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	for name, value := range fields {
		field := v.FieldByName(name)
		if !field.IsValid() {
			return fmt.Errorf("%s has no field %s", v.Type(), name)
		}
		if err := fill(field, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func fillMap(v reflect.Value, raw json.RawMessage) error {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(entries)))
	for key, value := range entries {
		entry := reflect.New(v.Type().Elem()).Elem()
		if err := fill(entry, value); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), entry)
	}
	return nil
}

func fillSlice(v reflect.Value, raw json.RawMessage) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, value := range elements {
		if err := fill(v.Index(i), value); err != nil {
			return err
		}
	}
	return nil
}

// attributes are the forms of a value, by the key that each has in JSON.
var attributes = map[string]reflect.Type{
	"S": reflect.TypeFor[types.AttributeValueMemberS](), "N": reflect.TypeFor[types.AttributeValueMemberN](),
	"B": reflect.TypeFor[types.AttributeValueMemberB](), "BOOL": reflect.TypeFor[types.AttributeValueMemberBOOL](),
	"NULL": reflect.TypeFor[types.AttributeValueMemberNULL](), "M": reflect.TypeFor[types.AttributeValueMemberM](),
	"L": reflect.TypeFor[types.AttributeValueMemberL](), "SS": reflect.TypeFor[types.AttributeValueMemberSS](),
	"NS": reflect.TypeFor[types.AttributeValueMemberNS](), "BS": reflect.TypeFor[types.AttributeValueMemberBS](),
}

func fillAttribute(v reflect.Value, raw json.RawMessage) error {
	var forms map[string]json.RawMessage
	if err := json.Unmarshal(raw, &forms); err != nil {
		return err
	}
	for name, value := range forms {
		form, known := attributes[name]
		if !known {
			return fmt.Errorf("DynamoDB has no value of the form %s", name)
		}
		member := reflect.New(form)
		if err := fill(member.Elem().FieldByName("Value"), value); err != nil {
			return err
		}
		v.Set(member)
	}
	return nil
}
