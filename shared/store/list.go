package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

const (
	listIndex     = "list"
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

// ListSecrets describes a page of secrets.
type ListSecrets struct {
	Workspace string
	State     secret.State
	Kind      secret.Kind // empty: all kinds
	Limit     int         // 1 to 100
	After     string      // a Page's Next; empty: from the start
}

// IsPosition reports whether after can be the position of an item in the list: a kind (the list's, if
// it has one) and an id. DynamoDB refuses a position that is not a key.
func (l ListSecrets) IsPosition(after string) bool {
	kind, id, ok := strings.Cut(after, "#")
	return ok && isKind(kind) && (l.Kind == "" || kind == string(l.Kind)) && secret.Ref{ID: id}.Plausible()
}

// isKind reports whether text can be a kind. It is wider than today's kinds: a position may come from
// newer code.
func isKind(text string) bool { return secret.IsPlain(text, 50, "_/-") }

// ListSecrets returns a page of a workspace's secrets in one state, by kind and then by age. The
// position of a secret never changes, so the pages show each secret exactly once, whatever is created
// and deleted meanwhile. One Query, or more if it meets secrets past their deadline.
func (s *Store) ListSecrets(ctx context.Context, l ListSecrets, room Room[secret.Secret], now time.Time) (Page[secret.Secret], error) {
	query := &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(listIndex),
		KeyConditionExpression: aws.String("list_pk = :pk"),
		ExpressionAttributeValues: item{
			":pk": &types.AttributeValueMemberS{Value: listPartition(l.Workspace, l.State)},
		},
	}
	if l.Kind != "" {
		query.KeyConditionExpression = aws.String("list_pk = :pk AND begins_with(list_sk, :kind)")
		query.ExpressionAttributeValues[":kind"] = &types.AttributeValueMemberS{Value: listSort(l.Kind, "")}
	}
	if l.After != "" {
		_, id, _ := strings.Cut(l.After, "#")
		query.ExclusiveStartKey = metaKey(secret.Ref{Workspace: l.Workspace, ID: id})
		query.ExclusiveStartKey["list_pk"] = query.ExpressionAttributeValues[":pk"]
		query.ExclusiveStartKey["list_sk"] = &types.AttributeValueMemberS{Value: l.After}
	}
	return page(ctx, s, query, l.Limit, room,
		func(m metaItem) (secret.Secret, bool) { found := m.secret(); return found, !found.Purged(now) },
		func(s secret.Secret) string { return listSort(s.Kind, s.ID) })
}

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
	return page(ctx, s, query, l.Limit, room,
		func(v versionItem) (secret.Version, bool) { return v.version(l.Secret), true },
		func(v secret.Version) string { return strconv.Itoa(v.Number) })
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

// page queries until it has limit items, or as many as there is room for, and knows whether there is
// one more, or until the list ends. read turns a row into an item, or says that it does not count.
// position returns an item's position.
func page[Row, T any](ctx context.Context, s *Store, query *dynamodb.QueryInput, limit int, room Room[T], read func(Row) (T, bool), position func(T) string) (Page[T], error) {
	var p Page[T]
	query.Limit = aws.Int32(int32(limit + 1))
	for {
		out, err := s.db.Query(ctx, query)
		if err != nil {
			return p, fmt.Errorf("list: %w", err)
		}
		for _, raw := range out.Items {
			row, err := decode[Row](raw)
			if err != nil {
				return p, err
			}
			item, counts := read(row)
			if !counts {
				continue
			}
			if len(p.Items) == limit || !room(item) {
				p.Next = position(p.Items[len(p.Items)-1])
				return p, nil
			}
			p.Items = append(p.Items, item)
		}
		if len(out.LastEvaluatedKey) == 0 {
			return p, nil
		}
		query.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
