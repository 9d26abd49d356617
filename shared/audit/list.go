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

// List describes a page of a secret's trail.
type List struct {
	Secret secret.Ref
	Limit  int    // 1 to 100
	After  string // the ID of the page before's last line; empty: from the newest line
}

// IsPosition reports whether after can be the ID of a line. DynamoDB refuses a position that is not a key.
func (List) IsPosition(after string) bool {
	return len(after) == len(secret.Sortable(time.Time{})) && secret.IsPlain(after, len(after), "")
}

// Entry is a line of the trail. Its ID names it among the lines of its secret, and sorts by time.
type Entry struct {
	ID string
	Line
}

// List returns a page of a secret's lines, newest first, and whether there are more. It does not ask
// whether the secret is there: a trail outlives its secret. One consistent Query.
func (r *Reader) List(ctx context.Context, l List) (entries []Entry, more bool, err error) {
	query := r.newestFirst(l.Secret, l.Limit+1)
	if l.After != "" {
		query.ExclusiveStartKey = map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: partition(l.Secret)},
			"sk": &types.AttributeValueMemberS{Value: l.After},
		}
	}
	out, err := r.db.Query(ctx, query)
	if err != nil {
		return nil, false, fmt.Errorf("list the audit trail: %w", err)
	}
	var rows []lineItem
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &rows); err != nil {
		return nil, false, fmt.Errorf("list the audit trail: %w", err)
	}
	for _, row := range rows[:min(len(rows), l.Limit)] {
		entries = append(entries, Entry{row.SK, row.line(l.Secret)})
	}
	return entries, len(rows) > l.Limit, nil
}

// newestFirst returns a query for the newest lines about a secret.
func (r *Reader) newestFirst(ref secret.Ref, limit int) *dynamodb.QueryInput {
	query := r.lines(ref)
	query.ScanIndexForward, query.Limit = aws.Bool(false), aws.Int32(int32(limit))
	return query
}
