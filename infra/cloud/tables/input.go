package tables

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/template"
)

// input returns the table as CreateTable takes it, without deletion protection and point-in-time
// recovery: a laptop's tables are deleted with their folder.
func input(table template.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(table.Name),
		BillingMode: types.BillingMode(table.BillingMode),
		KeySchema:   keySchema(table.Key),
	}
	for _, a := range table.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(a.Name),
			AttributeType: types.ScalarAttributeType(a.Type),
		})
	}
	for _, index := range table.Local {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName:  aws.String(index.Name),
			KeySchema:  keySchema(index.Key),
			Projection: projection(index),
		})
	}
	for _, index := range table.Global {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(index.Name),
			KeySchema:  keySchema(index.Key),
			Projection: projection(index),
		})
	}
	if table.Stream.View != "" {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewType(table.Stream.View),
		}
	}
	return in
}

func keySchema(key []template.KeyAttribute) []types.KeySchemaElement {
	schema := make([]types.KeySchemaElement, 0, len(key))
	for _, k := range key {
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(k.Name), KeyType: types.KeyType(k.Type)})
	}
	return schema
}

func projection(index template.Index) *types.Projection {
	return &types.Projection{
		ProjectionType:   types.ProjectionType(index.Projection.Type),
		NonKeyAttributes: index.Projection.Include,
	}
}
