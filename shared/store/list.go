package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

const (
	listIndex     = "list"
	namesIndex    = "names"
	trashIndex    = "trash"
	versionsIndex = "versions"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // the position of the last item, after which the next page begins; empty on the last page
}

// Room reports whether a page has room for one more item. If so, the item is then on the page. The
// first item must always have room: without an item a page has no position to go on from.
type Room[T any] func(T) bool

// ListVersions describes a page of versions.
type ListVersions struct {
	Secret secret.Ref
	State  secret.VersionState // empty: all states
	Limit  int                 // 1 to 100
	After  string              // a Page's Next; empty: from the start
}

// IsPosition reports whether after can be the position of a version: its number.
func (ListVersions) IsPosition(after string) bool {
	number, err := strconv.Atoi(after)
	return err == nil && number >= 1 && number <= maxNumber && strconv.Itoa(number) == after
}

// maxNumber is the largest number that versionSort keeps in order.
const maxNumber = 9_999_999_999

// ListVersions returns a page of a secret's versions, newest first. It does not check the secret:
// GetSecret does. One Query of an index without payloads.
func (s *Store) ListVersions(ctx context.Context, l ListVersions, room Room[secret.Version]) (Page[secret.Version], error) {
	if !l.Secret.Plausible() {
		return Page[secret.Version]{}, secret.NotFoundError()
	}
	query := s.versionQuery(l.Secret, l.State)
	query.ScanIndexForward = aws.Bool(false)
	if l.After != "" {
		number, err := strconv.Atoi(l.After)
		if err != nil {
			return Page[secret.Version]{}, fmt.Errorf("list versions after %q: %w", l.After, err)
		}
		query.ExclusiveStartKey = rowKey(partition(l.Secret), versionKey(number))
		if l.State == "" {
			query.ExclusiveStartKey["version_number"] = &types.AttributeValueMemberN{Value: l.After}
		} else {
			query.ExclusiveStartKey["version_order"] = &types.AttributeValueMemberS{Value: versionOrder(l.State, number)}
		}
	}
	return page(ctx, s, query, reach{items: l.Limit}, room, func(row item) (secret.Version, string, error) {
		v, err := listedVersion(row)
		return v.version(l.Secret), strconv.Itoa(v.Number), err
	})
}

// versionQuery returns a query for the metadata of the versions in one state, or of all.
func (s *Store) versionQuery(ref secret.Ref, state secret.VersionState) *dynamodb.QueryInput {
	query := &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(versionsIndex),
		ConsistentRead:         consistent,
		KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{
			":pk": &types.AttributeValueMemberS{Value: partition(ref)},
		},
	}
	if state != "" {
		query.IndexName = aws.String(statesIndex)
		query.KeyConditionExpression = aws.String("pk = :pk AND begins_with(version_order, :state)")
		query.ExpressionAttributeValues[":state"] = &types.AttributeValueMemberS{Value: string(state) + "#"}
	}
	return query
}

// reach is how far one page goes.
type reach struct {
	items   int // 1 to 100
	queries int // 0: as many as it takes

	// position returns where the list goes on behind a row that was read, by its keys. It may be nil if the
	// queries have no bound.
	position func(key item) string
}

// mostRows is as many rows as a Query can ask for to some effect: it reads 1 MB at most.
const mostRows = 1 << 20

// page queries until it has as many items as its reach, or as there is room for, and knows whether there is
// one more, or until the list or its reach ends. read returns a row's item and its position. If the query has
// a filter, each Query reads twice as much as the one before, up to the 1 MB that DynamoDB reads at once.
func page[T any](ctx context.Context, s *Store, query *dynamodb.QueryInput, to reach, room Room[T], read func(item) (T, string, error)) (Page[T], error) {
	var p Page[T]
	for rows, queries := to.items+1, 1; ; rows, queries = min(rows*2, mostRows), queries+1 {
		query.Limit = aws.Int32(int32(rows))
		out, err := s.db.Query(ctx, query)
		if err != nil {
			return p, fmt.Errorf("list: %w", err)
		}
		p.Items = slices.Grow(p.Items, min(len(out.Items), to.items-len(p.Items)))
		for _, row := range out.Items {
			item, position, err := read(row)
			if err != nil {
				return p, err
			}
			if len(p.Items) == to.items || !room(item) {
				return p, nil
			}
			p.Items, p.Next = append(p.Items, item), position
		}
		switch {
		case len(out.LastEvaluatedKey) == 0:
			p.Next = ""
			return p, nil
		case queries == to.queries:
			p.Next = to.position(out.LastEvaluatedKey)
			return p, nil
		}
		query.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
