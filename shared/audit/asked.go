package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// MostAsked is how many refused reads of a secret are counted.
const MostAsked = 100

// Asked says whether anybody has tried to read a secret's values since a moment.
type Asked struct {
	Count  int       // refused attempts, up to MostAsked
	More   bool      // there were more than Count
	LastAt time.Time // the newest one's, to the second; zero if there was none
	LastBy string    // the principal
}

// Newest are a secret's newest lines.
type Newest struct {
	rows []lineItem // newest first
	all  bool       // there are no others since the moment that Newest was asked for
}

// Newest returns a secret's newest lines since a moment, as many as it takes to count MostAsked refusals after
// a delete, whose own line is one of them. One consistent Query.
func (r *Reader) Newest(ctx context.Context, ref secret.Ref, since time.Time) (Newest, error) {
	query := r.newestFirst(ref, MostAsked+2)
	query.KeyConditionExpression = aws.String("pk = :pk AND sk >= :since")
	query.ExpressionAttributeValues[":since"] = &types.AttributeValueMemberS{Value: secret.FirstSortable(since)}
	query.ProjectionExpression = aws.String("sk, #operation, #outcome, principal, #at")
	query.ExpressionAttributeNames = map[string]string{"#operation": "operation", "#outcome": "outcome", "#at": "at"}
	out, err := r.db.Query(ctx, query)
	if err != nil {
		return Newest{}, fmt.Errorf("look who asked: %w", err)
	}
	newest := Newest{all: len(out.LastEvaluatedKey) == 0}
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &newest.rows); err != nil {
		return Newest{}, fmt.Errorf("look who asked: %w", err)
	}
	return newest, nil
}

// Asked counts the refused reads since a moment, which is not before the one that Newest was asked for. A read
// that the moment overtook was allowed, and does not count.
func (n Newest) Asked(since time.Time) Asked {
	asked, first := Asked{More: !n.all}, secret.FirstSortable(since)
	for _, row := range n.rows {
		switch {
		case row.SK < first:
			asked.More = false
			return asked
		case !reads[row.Operation] || row.Outcome != Denied:
			continue
		case asked.Count == MostAsked:
			asked.More = true
			return asked
		case asked.Count == 0:
			asked.LastAt, asked.LastBy = time.Unix(row.At, 0).UTC(), row.Principal
		}
		asked.Count++
	}
	return asked
}
