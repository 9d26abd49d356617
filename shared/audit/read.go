package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// ReadAPI is the DynamoDB call that reads the trail. It is for people with their own rights,
// for list-secret-events and list-trash, and for purge-orphans, which checks whether a secret was purged.
type ReadAPI interface {
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Reader reads the audit table.
type Reader struct {
	db    ReadAPI
	table string
}

// NewReader returns a reader of the trail in table.
func NewReader(db ReadAPI, table string) *Reader { return &Reader{db: db, table: table} }

// Read returns all lines about a secret, oldest first, even if the secret is gone. Times are to the
// second; Seed is not kept. One consistent Query for each megabyte, about 3,000 lines.
func (r *Reader) Read(ctx context.Context, ref secret.Ref) ([]Line, error) {
	var lines []Line
	pages := dynamodb.NewQueryPaginator(r.db, r.lines(ref))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the audit trail: %w", err)
		}
		var rows []lineItem
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &rows); err != nil {
			return nil, fmt.Errorf("read the audit trail: %w", err)
		}
		for _, row := range rows {
			lines = append(lines, row.line(ref))
		}
	}
	return lines, nil
}

// lines returns a query for all lines about a secret, oldest first.
func (r *Reader) lines(ref secret.Ref) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &r.table,
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: partition(ref)}},
		ConsistentRead:            aws.Bool(true),
	}
}

func (row lineItem) line(ref secret.Ref) Line {
	l := Line{
		Ref: ref, Version: row.Version, Outcome: row.Outcome, Reason: row.Reason,
		By: secret.Stamp{
			Operation: row.Operation, Principal: row.Principal, RequestID: row.RequestID,
			InvocationID: row.InvocationID, SourceIP: row.SourceIP, ViewerIP: row.ViewerIP,
			TraceID: row.TraceID, At: time.Unix(row.At, 0).UTC(),
		},
	}
	if row.Mechanism != "" || row.Versions != 0 {
		l.Purge = &Purge{Mechanism: row.Mechanism, Versions: row.Versions, DeletedBy: row.DeletedBy}
		if row.DeletedAt != 0 {
			l.Purge.DeletedAt = time.Unix(row.DeletedAt, 0).UTC()
		}
	}
	return l
}
