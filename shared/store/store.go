// Package store keeps secrets in DynamoDB: the keys, the rows, and for every use case one
// conditional write. The rules of the contract that must hold under races are the condition
// expressions in this package; there is no other implementation of them to test against.
//
// A write that fails its condition returns the row as it was. That image tells which answer fits
// without a second read, and whether this very run of the function has made one of the row's last
// revisions: then the write had succeeded, only its answer was lost on the way, and it is a success.
package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/secret"
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

// Store is the table of secrets. An error of its methods has a kind, which fault.KindOf returns, if
// the client's own errors have one.
type Store struct {
	db    API
	table string
}

// New returns the store that keeps its rows in table.
func New(db API, table string) *Store { return &Store{db: db, table: table} }

var consistent = aws.Bool(true)

// sameRun reports whether the row stamped so was written by the run of the function that now
// holds mine.
func sameRun(row stampItem, mine secret.Stamp) bool {
	return row.InvocationID != "" && row.InvocationID == mine.InvocationID
}
