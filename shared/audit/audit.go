// Package audit keeps the trail of who read and changed which secret: append-only, a line before
// each read, and one after each change, from the table's stream.
package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// API is the trail's DynamoDB call. It can neither change nor remove a line.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Outcome says if an attempt was let in.
type Outcome string

// The outcomes. Allowed is written before the plaintext leaves: the caller was let in, but a
// later fault may have kept the value from them.
const (
	Allowed Outcome = "allowed"
	Denied  Outcome = "denied"
)

// Line is one attempt to read a value, or one change.
type Line struct {
	Ref     secret.Ref
	Version string // the version's number, or what the caller asked for if there is none
	Outcome Outcome
	Reason  string // why it was denied; empty if it was not
	By      secret.Stamp
	Purge   *Purge // purges only
	Seed    string // makes the line's key, with By.At; empty: random
}

// Purge says what a purge erased, and whose delete came before it.
type Purge struct {
	Mechanism secret.Mechanism
	Versions  int
	DeletedBy string // the principal
	DeletedAt time.Time
}

// Trail is the audit table.
type Trail struct {
	db    API
	table string
}

// New returns the trail in table.
func New(db API, table string) *Trail { return &Trail{db: db, table: table} }

type lineItem struct {
	PK           string  `dynamodbav:"pk"`
	SK           string  `dynamodbav:"sk"` // sorts by time
	Operation    string  `dynamodbav:"operation"`
	Version      string  `dynamodbav:"version,omitempty"`
	Outcome      Outcome `dynamodbav:"outcome"`
	Reason       string  `dynamodbav:"reason,omitempty"`
	Principal    string  `dynamodbav:"principal"`
	RequestID    string  `dynamodbav:"request_id"`
	InvocationID string  `dynamodbav:"invocation_id"`
	SourceIP     string  `dynamodbav:"source_ip,omitempty"`
	ViewerIP     string  `dynamodbav:"viewer_ip,omitempty"`
	TraceID      string  `dynamodbav:"trace_id,omitempty"`
	At           int64   `dynamodbav:"at"` // Unix seconds

	Mechanism secret.Mechanism `dynamodbav:"mechanism,omitempty"`
	Versions  int              `dynamodbav:"versions,omitempty"`
	DeletedBy string           `dynamodbav:"deleted_by,omitempty"`
	DeletedAt int64            `dynamodbav:"deleted_at,omitempty"` // Unix seconds
}

func partition(ref secret.Ref) string { return ref.Workspace + "#" + ref.ID }

func newLineItem(l Line) lineItem {
	sk := secret.Sortable(l.By.At)
	if l.Seed != "" {
		sk = secret.SortableFrom(l.By.At, l.Seed)
	}
	row := lineItem{
		PK: partition(l.Ref), SK: sk,
		Operation: l.By.Operation, Version: l.Version, Outcome: l.Outcome, Reason: l.Reason,
		Principal: l.By.Principal, RequestID: l.By.RequestID, InvocationID: l.By.InvocationID,
		SourceIP: l.By.SourceIP, ViewerIP: l.By.ViewerIP, TraceID: l.By.TraceID,
		At: l.By.At.Unix(),
	}
	if p := l.Purge; p != nil {
		row.Mechanism, row.Versions, row.DeletedBy = p.Mechanism, p.Versions, p.DeletedBy
		if !p.DeletedAt.IsZero() {
			row.DeletedAt = p.DeletedAt.Unix()
		}
	}
	return row
}

// Append writes the line, once. When it returns nil the line is durable. One PutItem, which never
// replaces a line.
func (t *Trail) Append(ctx context.Context, l Line) error {
	row, err := attributevalue.MarshalMap(newLineItem(l))
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:           &t.table,
		Item:                row,
		ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		// The key has 80 bits that are random or the change's own: this is the same line. Its
		// response was lost, or its change was delivered again.
		return nil
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
