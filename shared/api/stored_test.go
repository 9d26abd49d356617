package api_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// rowsOf returns a table's rows; only those with the sort key sort, if it is not empty.
func (s *service) rowsOf(table, sort string) []map[string]types.AttributeValue {
	s.t.Helper()
	out, err := s.db.Scan(context.Background(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		s.t.Fatal(err)
	}
	var rows []map[string]types.AttributeValue
	for _, row := range out.Items {
		if sk, _ := row["sk"].(*types.AttributeValueMemberS); sort == "" || sk != nil && sk.Value == sort {
			rows = append(rows, row)
		}
	}
	return rows
}

// trail returns the audit lines, in the order of their keys.
func (s *service) trail() []map[string]any {
	s.t.Helper()
	var lines []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(s.rowsOf("AuditTable", ""), &lines); err != nil {
		s.t.Fatal(err)
	}
	return lines
}

// tables returns everything that is stored, as text.
func (s *service) tables() string {
	s.t.Helper()
	rows, err := json.Marshal([]any{s.rowsOf("SecretsTable", ""), s.rowsOf("AuditTable", ""), s.rowsOf("TokensTable", "")})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(rows)
}

// capacity returns what a page of an index costs, in read units.
func (s *service) capacity(index, pk string) (float64, error) {
	out, err := s.db.Query(context.Background(), &dynamodb.QueryInput{
		TableName:                 aws.String("SecretsTable"),
		IndexName:                 &index,
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}},
		ConsistentRead:            aws.Bool(true),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return 0, err
	}
	return *out.ConsumedCapacity.CapacityUnits, nil
}

// count sets both counts of a secret: versions, all of them enabled.
func (s *service) count(id string, versions int) {
	s.t.Helper()
	s.set(id, "meta", "SET version_count = :n, enabled_version_count = :n", map[string]types.AttributeValue{
		":n": &types.AttributeValueMemberN{Value: strconv.Itoa(versions)},
	})
}

// set changes a row of a secret, as no operation does.
func (s *service) set(id, sort, expression string, values map[string]types.AttributeValue) {
	s.t.Helper()
	_, err := s.db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: aws.String("SecretsTable"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: workspace + "#" + id},
			"sk": &types.AttributeValueMemberS{Value: sort},
		},
		UpdateExpression:          &expression,
		ExpressionAttributeValues: values,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func asText(t *testing.T, what any) string {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fieldsOf returns the texts of an attribute that is a map.
func fieldsOf(t *testing.T, v types.AttributeValue) map[string]string {
	t.Helper()
	m, ok := v.(*types.AttributeValueMemberM)
	if !ok {
		t.Fatalf("%T is not a map", v)
	}
	out := map[string]string{}
	for name, value := range m.Value {
		if s, ok := value.(*types.AttributeValueMemberS); ok {
			out[name] = s.Value
		}
	}
	return out
}
