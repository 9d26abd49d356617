package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/shared/secret"
)

// reads are the operations whose lines are about reading a value. They say nothing about whether the
// secret is there: an attempt to read a purged one also leaves a line.
var reads = map[string]bool{"access-secret-version": true, "access-named-version": true, "validate-credentials": true}

// Purged returns the second in which a secret was purged, if its trail says so: its last change is a
// purge that names its mechanism and the time of its delete. Zero if there is no such line, or if
// the secret has changed since, such as by a restore. Consistent Queries of 100 lines, newest first:
// one is enough unless 100 or more attempts to read the secret followed.
func (r *Reader) Purged(ctx context.Context, ref secret.Ref) (time.Time, error) {
	pages := dynamodb.NewQueryPaginator(r.db, r.newestFirst(ref, 100))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the audit trail: %w", err)
		}
		for _, item := range page.Items {
			var row lineItem
			if err := attributevalue.UnmarshalMap(item, &row); err != nil {
				return time.Time{}, fmt.Errorf("read the audit trail: %w", err)
			}
			if !reads[row.Operation] {
				return row.purged(), nil
			}
		}
	}
	return time.Time{}, nil
}

// purged returns when the line says the secret was purged; zero if it does not.
func (row lineItem) purged() time.Time {
	if row.Operation != "purge" || row.Mechanism == "" || row.DeletedAt == 0 {
		return time.Time{}
	}
	return time.Unix(row.At, 0).UTC()
}
