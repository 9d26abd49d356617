// Package store keeps secrets in DynamoDB: the keys, the rows, and one conditional write for every
// use case. The contract's rules that must hold under races are condition expressions in this
// package. There is no second implementation of them to test against.
//
// If the condition of a write fails, DynamoDB returns the row as it was. From that old image we see,
// without a second read, why the write was refused. We also see whether this run of the function made
// one of the row's last revisions: then an earlier try succeeded, its response was lost, and the write
// is a success.
package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// API is what the store asks of DynamoDB.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store is the table of secrets. fault.KindOf returns the kind of its errors, if the client's own
// errors have kinds.
type Store struct {
	db    API
	table string
}

// New returns the store that keeps its rows in table.
func New(db API, table string) *Store { return &Store{db: db, table: table} }

var consistent = aws.Bool(true)
